import { z } from 'zod'
import { AlertLogEntry } from '#domain/alert.ts'
import { Me as ServerMe, Status } from '#domain/installation.ts'
import { Answer, AnswerRow, DIMENSIONS, type Dimension, MeasureId } from '#domain/measure.ts'
import { Right } from '#domain/right.ts'
import { activity } from './activity.ts'
import { OpenApi } from './openapi.ts'
import { LastPeriod, OpenUnit, UnitList } from './units.ts'

/** Who looks, as pages know it: of a newer server, what they do not know is left out. */
const KnownRights = z
  .array(z.string())
  .transform((all): Right[] => all.flatMap((one) => Right.safeParse(one).data ?? []))
const KnownMe = ServerMe.pick({ user: true })
  .extend({
    viewer: z.string(),
    rights: KnownRights,
    accessTag: z.string().optional(),
    posts: z.array(z.object({ rights: KnownRights, regions: z.array(z.string()) })),
  })
  .transform((me) => ({
    ...me,
    /** Of the rights those that hold for all regions. */
    everywhere: me.rights.filter((right) =>
      me.posts.some(({ rights, regions }) => regions.length === 0 && rights.includes(right)),
    ),
  }))
export type Me = z.infer<typeof KnownMe>

const Text = z.object({ zh: z.string(), en: z.string() })
/** The catalogue as the server has it; measures this page does not know are left out. */
const Catalogue = z
  .object({ measures: z.array(z.unknown()) })
  .transform(({ measures }) => measures.flatMap((one) => CatalogueMeasure.safeParse(one).data ?? []))
const CatalogueMeasure = z.object({
  id: MeasureId,
  kind: z.enum(['stock', 'flow']),
  unit: z.enum(['persons', 'cases', 'yuan', 'yuan/month', 'share', 'sources']),
  title: Text,
  definition: Text,
  dimensions: z.array(z.string()).transform((all) => DIMENSIONS.filter((one) => all.includes(one))),
  role: z.enum(['home', 'work']),
  rise: z.enum(['good', 'bad', 'neutral']),
})

export const Series = Answer.extend({
  rows: z.array(
    AnswerRow.pick({ value: true, hidden: true }).extend({ t: z.string() }).catchall(z.unknown()),
  ),
})
export type Series = z.infer<typeof Series>

const AlertLog = z.object({ entries: z.array(AlertLogEntry), seq: z.int() })
const Problem = z
  .object({ title: z.string(), detail: z.string(), message: z.string(), code: z.string() })
  .partial()

/** Why an answer did not come: the HTTP status, or 0 when there was none (`offline`, `timeout`) or it was not readable. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  /** Seconds until the same may be tried again; `null` where the server does not say. */
  readonly retryAfterS: number | null

  constructor(
    status: number,
    code: string,
    detail: string,
    cause?: unknown,
    retryAfterS: number | null = null,
  ) {
    super(detail, { cause })
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.retryAfterS = retryAfterS
  }
}

type Query = Record<string, string | number | undefined>
const TIMEOUT_MS = 20_000
/** A sheet of all that was rejected may hold a million rows. */
const FILE_TIMEOUT_MS = 600_000

/** Names what who looks may do, as it was last answered. */
let accessTag: string | undefined

export const api = {
  status: () => read('/v1/status', {}, Status),
  async me(): Promise<Me> {
    const me = await read('/v1/me', {}, KnownMe)
    accessTag = me.accessTag
    return me
  },
  /** What the page rests on, for the handshake of its socket. */
  get accessTag(): string | undefined {
    return accessTag
  },
  measures: () => read('/v1/measures', {}, Catalogue),
  distribution: (query: Query & { measure: MeasureId }) => read('/v1/distribution', query, Answer),
  series: (query: Query & { measure: MeasureId; interval: string }) => read('/v1/series', query, Series),
  alertLog: (after: number, limit: number) => read('/v1/alerts/log', { after, limit }, AlertLog),
  openApi: () => read('/v1/openapi.json', {}, OpenApi),
  units: () => read('/v1/units', {}, UnitList),
  unit: (id: string) => read(`/v1/units/${encodeURIComponent(id)}`, {}, OpenUnit),
  lastPeriod: (unit: string, project: string) =>
    read(`/v1/units/${encodeURIComponent(unit)}/last-period`, { project }, LastPeriod),
  signOut: () => send('/v1/auth/sign-out', {}),
  setup: (token: string, username: string, password: string) =>
    send('/v1/setup', { token, username, password }),
}

/** A report of a unit, by the person who wrote it. `corrects` are the batches of refused ones that it takes the place of. */
type Report = { unit: string; body: string; key: string; corrects: readonly string[]; userId: string }

/**
 * Sends one report of a unit; answers the status and the body of every verdict, a refusal included.
 * @throws ApiError when there is none yet: no network, no log-in of its person, a busy or failing server. Then the same may be
 * sent again.
 */
export async function sendReport(report: Report, lang: string): Promise<{ status: number; body: unknown }> {
  const { unit, body, key, corrects, userId } = report
  const address = addressOf(`/v1/units/${encodeURIComponent(unit)}/reports`, { corrects: corrects.join(',') })
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': key,
    'accept-language': lang,
    // Meanwhile somebody else may have logged in on this device: it is not theirs to send.
    'xiangrong-person': userId,
  }
  // On a slow line the body may come too late to be judged.
  const isVerdict = (status: number) => ![401, 408, 429].includes(status) && status < 500
  const response = await ask(address, { method: 'POST', headers, body }, isVerdict)
  return { status: response.status, body: await jsonOf(response) }
}

/** The value of one dimension of a row; `unknown`, as the server says it, when the row does not have it. */
export function dimensionOf(row: AnswerRow, dimension: Dimension): string {
  return String(row[dimension] ?? 'unknown')
}

/** The address of an endpoint with its query; absent values are left out. */
export function addressOf(path: string, query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value))
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Asks an endpoint and reads its answer. @throws ApiError. */
export async function read<T>(path: string, query: Query, schema: z.ZodType<T>): Promise<T> {
  const response = await ask(addressOf(path, query), { headers: { accept: 'application/json' } })
  return await answerOf(path, response, schema)
}

/** Sends a body and reads the answer. @throws ApiError. */
export async function post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
  return await answerOf(path, await send(path, body), schema)
}

/** The same by PUT. @throws ApiError. */
export async function put<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
  return await answerOf(path, await send(path, body, undefined, 'PUT'), schema)
}

/** Changes what stands at an address and reads how it is now. @throws ApiError. */
export async function patch<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
  return await answerOf(path, await send(path, body, undefined, 'PATCH'), schema)
}

/** Removes what stands at an address and reads the answer. @throws ApiError. */
export async function remove<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return await answerOf(path, await ask(path, { method: 'DELETE', headers: {} }), schema)
}

/** Sends a file as it is and reads the answer. @throws ApiError. */
export async function sendFile<T>(path: string, file: Blob, schema: z.ZodType<T>): Promise<T> {
  const headers = { 'content-type': file.type || 'application/octet-stream' }
  return await answerOf(path, await ask(path, { method: 'POST', headers, body: file }), schema)
}

/** The same by POST where a refusal of the body (422) is an answer too. @throws ApiError. */
export async function postJudged<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
  return await answerOf(path, await send(path, body, (status) => status === 422), schema)
}

/** Sends a body and gets a file, which may be large. @throws ApiError. */
export async function postForFile(path: string, body: unknown): Promise<Blob> {
  return await (await send(path, body, undefined, 'POST', FILE_TIMEOUT_MS)).blob().catch((cause: unknown) => {
    throw new ApiError(0, 'offline', 'The file broke off', cause)
  })
}

async function answerOf<T>(path: string, response: Response, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(await jsonOf(response))
  if (parsed.success) return parsed.data
  throw new ApiError(0, 'unreadable', `${path}: ${z.prettifyError(parsed.error)}`, parsed.error)
}

function send(
  path: string,
  body: unknown,
  isWanted?: (status: number) => boolean,
  method = 'POST',
  timeoutMs = TIMEOUT_MS,
): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return ask(path, { method, headers, body: JSON.stringify(body) }, isWanted, timeoutMs)
}

/** `isWanted` says which statuses besides success are an answer and no fault. */
async function ask(
  address: string,
  init: { method?: string; headers: Record<string, string>; body?: string | Blob },
  isWanted: (status: number) => boolean = () => false,
  timeoutMs = TIMEOUT_MS,
): Promise<Response> {
  const response = await fetch(address, {
    ...init,
    // What the server says to a person is in the language of the page, which need not be the browser's.
    headers: {
      'accept-language': globalThis.document?.documentElement.lang ?? 'zh-CN',
      ...init.headers,
      ...(activity.isAlone && { 'xiangrong-background': '1' }),
    },
    credentials: 'same-origin',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    const isTimeout = cause instanceof DOMException && cause.name === 'TimeoutError'
    throw new ApiError(
      0,
      isTimeout ? 'timeout' : 'offline',
      isTimeout ? 'No answer in time' : 'No connection',
      cause,
    )
  })
  if (response.ok || isWanted(response.status)) return response
  const problem = Problem.safeParse(await response.json().catch(() => ({}))).data ?? {}
  throw new ApiError(
    response.status,
    problem.code ?? 'http',
    problem.detail ?? problem.message ?? problem.title ?? response.statusText,
    undefined,
    Number(response.headers.get('retry-after')) || null,
  )
}

async function jsonOf(response: Response): Promise<unknown> {
  return response.json().catch((cause: unknown) => {
    throw new ApiError(0, 'unreadable', 'The answer is not JSON', cause)
  })
}
