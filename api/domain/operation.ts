import type { z } from 'zod'
import type { ErrorCode } from './error.ts'
import type { Right } from './right.ts'
import type { Bilingual } from './text.ts'

/** The chapters of the API's description, in the order they are read. */
export const CHAPTERS = {
  signals: { zh: '报送信号', en: 'Sending signals' },
  analytics: { zh: '查询指标', en: 'Asking for numbers' },
  alerts: { zh: '预警', en: 'Alerts' },
  network: { zh: '监测网络', en: 'The network' },
  administration: { zh: '管理', en: 'Administration' },
  session: { zh: '登录', en: 'Logging in' },
  system: { zh: '系统', en: 'The system' },
} as const satisfies Record<string, Bilingual>

/**
 * Who may ask. `open`: anybody. `source`: who has a source's key. `viewer`: a person who is logged in, or the wall on
 * the server's own machine. `person`: logged in. `sourceOrPerson`: either of them; where a key is sent, it is the source
 * that asks.
 */
export type Access = 'open' | 'source' | 'viewer' | 'person' | 'sourceOrPerson'

/** One example. `status` stands where the schema does not allow the value: what the server answers to it. */
type Example = { title?: Bilingual; value: unknown; status?: number }

/** A body by media type. An example of anything but JSON is the text as it is sent. */
export type Contents = Record<string, { schema?: z.ZodType; examples: Record<string, Example> }>

/**
 * What a route does, told beside it. Parameters are the very schemas that the handler parses with; each field's
 * `.meta({ zh, en, example })` is its text. Every name in the address that begins with a colon stands in `path`.
 */
export type Operation = {
  chapter: keyof typeof CHAPTERS
  summary: Bilingual
  description?: Bilingual
  access: Access
  /** The right that a person, or a screen, must have; none: whoever is known may ask. */
  right?: Right
  path?: z.ZodObject
  query?: z.ZodObject
  headers?: z.ZodObject
  body?: Contents
  /** Whether something else may stand for the body. */
  isBodyOptional?: true
  /** By status, the good answer first. */
  answers: Record<number, Contents>
  /** Headers of an answer, by its status and their names. */
  answerHeaders?: Record<number, Record<string, Bilingual>>
  /** Faults beyond those that `access`, the parameters and the body bring with them. */
  errors?: readonly ErrorCode[]
}

/** An operation and where it is served; `path` as Hono writes it. */
export type Served = { method: string; path: string; operation: Operation }

const SERVED = Symbol('what a route serves')
type Describe = (method: string, path: string) => Served[]
type Handler = ((c: unknown, next: () => Promise<void>) => Promise<void>) & { [SERVED]: Describe }

const described = (describe: Describe): Handler =>
  Object.assign((_: unknown, next: () => Promise<void>) => next(), { [SERVED]: describe })

/** Describes the route it stands in: `.get('/rules', describeRoute({ … }), handler)`. Does nothing to a request. */
export function describeRoute(operation: Operation): Handler {
  return described((method, path) => [{ method, path, operation }])
}

/** Describes a route once for each value of a name in its address, where each value has a body of its own. */
export function describeEach<K extends string>(
  name: string,
  values: readonly K[],
  operationFor: (value: K) => Operation,
): Handler {
  return described((method, path) =>
    values.map((value) => ({
      method,
      path: path.replace(`:${name}`, value),
      operation: operationFor(value),
    })),
  )
}

/** Describes what another library answers below an address that ends in `*`. */
export function describeMount(served: readonly Served[]): Handler {
  return described(() => [...served])
}

/** What a handler of a route describes; empty for one that is no description. */
export function servedBy(handler: unknown, method: string, path: string): Served[] {
  return typeof handler === 'function' && SERVED in handler ? (handler as Handler)[SERVED](method, path) : []
}

/** A JSON body with its one example. */
export function json(schema: z.ZodType, value: unknown): Contents {
  return { 'application/json': { schema, examples: { example: { value } } } }
}

/** A body that is text of another type than JSON, as it is sent. */
export function text(mediaType: string, value: string): Contents {
  return { [mediaType]: { examples: { example: { value } } } }
}
