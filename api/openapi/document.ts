import type { RouterRoute } from 'hono/types'
import { z } from 'zod'
import type { ErrorCode } from '#domain/error.ts'
import { jsonSchemaOf } from '#domain/json-schema.ts'
import {
  type Access,
  CHAPTERS,
  type Contents,
  type Operation,
  type Served,
  servedBy,
} from '#domain/operation.ts'
import type { Bilingual } from '#domain/text.ts'
import { HTTP_FAULTS } from '../http.ts'
import { ABOUT } from './about.ts'
import { FAULTS } from './faults.ts'

type Json = Record<string, unknown>

/** An RFC 9457 problem as every fault of ours is answered. */
const Problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    code: z.string().optional().meta({ zh: '错误代码', en: 'Code of the fault' }),
    detail: z.string().meta({ zh: '应改什么', en: 'What to change' }),
  })
  .meta({ id: 'Problem' })

/**
 * The OpenAPI 3.1 document of the routes that carry a description. Chinese stands in the standard fields, English beside
 * them: `x-summary-en`, `x-description-en`, and in schemas `zh` and `en`.
 * @throws Error when a name in an address is not described, or one name means two schemas.
 */
export function describeApi(routes: readonly RouterRoute[]): Json {
  const schemas: Json = {}
  const paths: Record<string, Json> = {}
  for (const route of routes)
    for (const served of servedBy(route.handler, route.method.toLowerCase(), route.path)) {
      const path = served.path.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}')
      paths[path] = { ...paths[path], [served.method]: operationObject(served, path, schemas) }
    }
  return {
    openapi: '3.1.1',
    ...ABOUT,
    servers: [{ url: '/' }],
    tags: Object.entries(CHAPTERS).map(([name, title]) => ({ name, ...texts('description', title) })),
    paths,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      responses: Object.fromEntries(
        Object.keys(FAULTS).flatMap((code) => faultResponse(code as ErrorCode, schemas)),
      ),
      schemas,
    },
  }
}

function operationObject({ method, operation }: Served, path: string, schemas: Json): Json {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  const missing = names.find((name) => !operation.path?.shape[name])
  if (missing) throw new Error(`${method} ${path}: say in "path" what ${missing} is`)
  const parameters = [
    ...parametersOf('path', operation.path, schemas),
    ...parametersOf('query', operation.query, schemas),
    ...parametersOf('header', operation.headers, schemas),
  ]
  return {
    operationId: operationId(method, path),
    tags: [operation.chapter],
    ...texts('summary', operation.summary),
    ...(operation.description ? texts('description', operation.description) : {}),
    security: SECURITY[operation.access],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(operation.body
      ? {
          requestBody: {
            required: !operation.isBodyOptional,
            content: contentOf(operation.body, 'input', schemas),
          },
        }
      : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, contents]) => [
          status,
          {
            ...texts('description', answered(Number(status))),
            ...headersOf(operation.answerHeaders?.[Number(status)]),
            content: contentOf(contents, 'output', schemas),
          },
        ]),
      ),
      ...Object.fromEntries(
        faultsOf(operation, path)
          .map((code) => [HTTP_FAULTS[code].status, { $ref: `#/components/responses/${code}` }] as const)
          .filter(([status]) => !(status in operation.answers)),
      ),
    },
  }
}

const ANSWERED: Record<number, Bilingual> = {
  200: { zh: '成功', en: 'Done' },
  201: { zh: '已创建', en: 'Made' },
  202: { zh: '已受理，正在处理', en: 'Taken; work goes on' },
  204: { zh: '成功，无正文', en: 'Done, without a body' },
  422: { zh: '没有接受任何内容', en: 'Nothing was taken' },
}

/** What a status means where an operation says itself what it answers with. */
function answered(status: number): Bilingual {
  const fault = Object.entries(FAULTS).find(([code]) => HTTP_FAULTS[code as ErrorCode].status === status)?.[1]
  return ANSWERED[status] ?? fault?.when ?? { zh: '已答复', en: 'Answered' }
}

const headersOf = (headers: Record<string, Bilingual> = {}): Json =>
  Object.keys(headers).length === 0
    ? {}
    : {
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, said]) => [
            name,
            { schema: { type: 'string' }, ...texts('description', said) },
          ]),
        ),
      }

/** The faults an operation can answer, by code; of two with one status the last is told, its own before what any may answer. */
function faultsOf(
  { access, right, path, query, headers, body, errors = [] }: Operation,
  address: string,
): ErrorCode[] {
  const isLimited = address.startsWith('/v1/')
  const codes = new Set<ErrorCode>([...(isLimited ? (['too_often'] as const) : []), ...errors])
  if (isLimited && body) codes.add('too_large')
  if (access !== 'open') codes.add('unauthenticated').add('store_away')
  if (right) codes.add('forbidden')
  if (query || headers || body) codes.add('bad_request')
  if (path) codes.add('not_found')
  return [...codes].sort((a, b) => HTTP_FAULTS[a].status - HTTP_FAULTS[b].status)
}

function faultResponse(code: ErrorCode, schemas: Json): [string, Json][] {
  const fault = FAULTS[code]
  if (!fault) return []
  const { status, title } = HTTP_FAULTS[code]
  const examples = fault.details.map((detail, i) => [
    `example${i + 1}`,
    { value: { type: 'about:blank', title, status, code, detail } },
  ])
  const canRetry = code === 'queue_full' || code === 'too_often' || code === 'store_away'
  const response = {
    ...texts('description', fault.when),
    ...(canRetry
      ? { headers: { 'Retry-After': { schema: { type: 'integer' }, ...texts('description', SECONDS) } } }
      : {}),
    content: {
      'application/problem+json': {
        schema: schemaOf(Problem, 'output', schemas),
        examples: Object.fromEntries(examples),
      },
    },
  }
  return [[code, response]]
}
const SECONDS: Bilingual = { zh: '等待的秒数', en: 'Seconds to wait' }

function contentOf(contents: Contents, io: 'input' | 'output', schemas: Json): Json {
  return Object.fromEntries(
    Object.entries(contents).map(([mediaType, { schema, examples }]) => [
      mediaType,
      {
        schema: schema ? schemaOf(schema, io, schemas) : { type: 'string' },
        examples: Object.fromEntries(
          Object.entries(examples).map(([name, { title, value, status }]) => [
            name,
            { ...(title ? texts('summary', title) : {}), ...(status ? { 'x-status': status } : {}), value },
          ]),
        ),
      },
    ]),
  )
}

/** One parameter a field. A list stands in one parameter, its values between commas. */
function parametersOf(
  place: 'path' | 'query' | 'header',
  fields: z.ZodObject | undefined,
  schemas: Json,
): Json[] {
  if (!fields) return []
  const { properties, required = [] } = schemaOf(fields, 'input', schemas) as {
    properties: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, { zh, en, title: _, examples, ...schema }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(typeof zh === 'string' ? texts('description', { zh, en: String(en) }) : {}),
    ...(schema.type === 'array' ? { style: 'form', explode: false } : {}),
    schema,
    ...(Array.isArray(examples) ? { example: examples[0] } : {}),
  }))
}

/** A schema with what it names by an `id` moved among the components. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const text = JSON.stringify(jsonSchemaOf(schema, io)).replaceAll('"#/$defs/', '"#/components/schemas/')
  const { $defs = {}, ...json } = JSON.parse(text) as Json & { $defs?: Record<string, Json> }
  for (const [name, { id: _, ...definition }] of Object.entries($defs)) {
    if (name in schemas && JSON.stringify(schemas[name]) !== JSON.stringify(definition))
      throw new Error(
        `the schema ${name} is taken in one form and given in another; give one of them its own id`,
      )
    schemas[name] = definition
  }
  return json
}

const texts = (field: 'summary' | 'description', { zh, en }: Bilingual) => ({
  [field]: zh,
  [`x-${field}-en`]: en,
})

/** `post /v1/alerts/{id}/actions` → `postAlertsIdActions`. */
function operationId(method: string, path: string): string {
  const words = path.replace(/^\/v1\//, '').split(/[^A-Za-z0-9]+/)
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

const SECURITY: Record<Access, Json[]> = {
  open: [],
  source: [{ sourceKey: [] }],
  viewer: [{ session: [] }, {}],
  person: [{ session: [] }],
  sourceOrPerson: [{ sourceKey: [] }, { session: [] }],
}

const SECURITY_SCHEMES: Json = {
  sourceKey: {
    type: 'http',
    scheme: 'bearer',
    ...texts('description', {
      zh: '来源的密钥，创建来源时只显示一次',
      en: 'The key of a source, shown once when the source is made',
    }),
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'xiangrong.session_token',
    ...texts('description', {
      zh: '登录后得到的会话 Cookie。标为可选的查询，在服务器本机（回环地址、不经代理）上无须登录',
      en: 'The cookie that logging in gives. Where it is optional, no log-in is needed on the server’s own machine (loopback, no proxy)',
    }),
  },
}
