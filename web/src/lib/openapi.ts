import { z } from 'zod'
import type { Lang } from '#domain/text.ts'

/** A JSON Schema as the API's description has it. Titles stand as `zh` and `en`. */
export type Schema = {
  $ref?: string
  type?: string | string[]
  zh?: string
  en?: string
  format?: string
  pattern?: string
  const?: unknown
  enum?: unknown[]
  'x-enum-titles'?: Record<string, { zh: string; en: string }>
  anyOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
}
const Schema = z.custom<Schema>((value) => typeof value === 'object' && value !== null)

const Example = z.looseObject({
  value: z.unknown(),
  summary: z.string().optional(),
  'x-summary-en': z.string().optional(),
})
const Content = z.record(z.string(), z.object({ schema: Schema, examples: z.record(z.string(), Example) }))
const Response = z.object({
  $ref: z.string().optional(),
  description: z.string().optional(),
  'x-description-en': z.string().optional(),
  content: Content.optional(),
})
const Parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  description: z.string().optional(),
  'x-description-en': z.string().optional(),
  schema: Schema,
  example: z.unknown().optional(),
})
const Operation = z.object({
  operationId: z.string(),
  tags: z.array(z.string()),
  summary: z.string(),
  'x-summary-en': z.string(),
  description: z.string().optional(),
  'x-description-en': z.string().optional(),
  security: z.array(z.record(z.string(), z.unknown())),
  parameters: z.array(Parameter).default([]),
  requestBody: z.object({ content: Content }).optional(),
  responses: z.record(z.string(), Response),
})

/** What the page of the API reads of `/v1/openapi.json`. */
export const OpenApi = z.object({
  info: z.object({ description: z.string(), 'x-description-en': z.string() }),
  tags: z.array(z.object({ name: z.string(), description: z.string(), 'x-description-en': z.string() })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ responses: z.record(z.string(), Response), schemas: z.record(z.string(), Schema) }),
})
export type OpenApi = z.infer<typeof OpenApi>
export type Response = z.infer<typeof Response>
export type Contents = z.infer<typeof Content>
/** An operation with its method and address. */
export type Told = z.infer<typeof Operation> & { method: string; path: string }

/** The operations in the order of their chapters. */
export function toldIn({ paths, tags }: OpenApi): { name: string; title: Texts; told: Told[] }[] {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Told => ({ ...operation, method, path })),
  )
  return tags
    .map((tag) => ({ name: tag.name, title: tag, told: all.filter((one) => one.tags.includes(tag.name)) }))
    .filter(({ told }) => told.length > 0)
}

type Texts = {
  summary?: string
  'x-summary-en'?: string
  description?: string
  'x-description-en'?: string
}

/** The summary or description of something in one language; '' when it has none. */
export function textOf(texts: Texts, field: 'summary' | 'description', lang: Lang): string {
  return (lang === 'en' ? texts[`x-${field}-en`] : undefined) ?? texts[field] ?? ''
}

/** Whether every word of a search stands in an operation's address, its texts or the names of its parameters. */
export function isFound(told: Told, search: string): boolean {
  const text = [
    told.method,
    told.path,
    told.summary,
    told['x-summary-en'],
    told.description,
    told['x-description-en'],
    ...told.parameters.map(({ name }) => name),
  ]
    .join(' ')
    .toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** What a reference points to, or the schema itself. */
function resolved(schema: Schema, document: OpenApi): Schema {
  const name = schema.$ref?.split('/').at(-1)
  return name === undefined ? schema : (document.components.schemas[name] ?? schema)
}

/** The object whose fields are worth a table: of a schema, of a list of it, or of the first choice that has fields. */
export function fieldsOf(schema: Schema, document: OpenApi): Schema | null {
  const here = resolved(schema, document)
  if (here.properties && Object.keys(here.properties).length > 0) return here
  for (const inner of here.anyOf ?? (here.items ? [here.items] : [])) {
    const fields = fieldsOf(inner, document)
    if (fields) return fields
  }
  return null
}

/** A type in a few words: `string (date-time)`, `integer[]`, `Alert | null`. */
export function typeText(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? ''
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeText))].join(' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.items) return `${typeText(schema.items)}[]`
  const type = [schema.type ?? 'any'].flat().join(' | ')
  return schema.format ? `${type} (${schema.format})` : type
}

/** The closed list of a field, each value with what it is called; empty for an open one. */
export function valuesOf(schema: Schema, lang: Lang): { value: string; title: string }[] {
  const titles = schema['x-enum-titles'] ?? schema.items?.['x-enum-titles']
  return (schema.enum ?? schema.items?.enum ?? []).map(String).map((value) => ({
    value,
    title: titles?.[value]?.[lang].replace('{}', '…') ?? '',
  }))
}

/** An example as it is sent: text as it stands, JSON indented. */
export const exampleText = (value: unknown): string =>
  typeof value === 'string' ? value.replace(/^\ufeff/, '') : JSON.stringify(value, null, 2)

/** The operation as a command for a shell, with its first example; `$KEY` and `jar` are the reader's own. */
export function curlOf({ method, path, parameters, requestBody, security }: Told, origin: string): string {
  const exampleFor = (name: string) => String(parameters.find((one) => one.name === name)?.example ?? name)
  const query = parameters
    .filter((one) => one.in === 'query' && one.required)
    .map((one) => `${one.name}=${encodeURIComponent(exampleFor(one.name))}`)
  const address = origin + path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(exampleFor(name)))
  const [mediaType, content] = Object.entries(requestBody?.content ?? {})[0] ?? []
  const example = Object.values(content?.examples ?? {})[0]
  const isKey = security.some((one) => 'sourceKey' in one)
  const isSession = security.some((one) => 'session' in one)
  return [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} '${[address, ...(query.length > 0 ? [query.join('&')] : [])].join('?')}'`,
    ...(path.endsWith('/sign-in/username') ? ['-c jar'] : []),
    ...(path.endsWith('/sign-out') ? [`-H 'origin: ${origin}'`] : []),
    ...(isKey ? ['-H "authorization: Bearer $KEY"'] : []),
    ...(isSession && !isKey ? ['-b jar'] : []),
    ...(mediaType && example
      ? [`-H 'content-type: ${mediaType}'`, `-d '${exampleText(example.value).replaceAll("'", "'\\''")}'`]
      : []),
  ].join(' \\\n  ')
}
