import { csvLine } from '#domain/csv.ts'
import { jsonSchemaOf } from '#domain/json-schema.ts'
import { fieldsOf, type Kind, SIGNALS } from '#domain/signal.ts'

/** The JSON Schema (draft 2020-12) of one signal of a kind, derived from its zod schema; titles in both languages. */
export function signalSchema(kind: Kind): object {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...jsonSchemaOf(SIGNALS[kind], 'input') }
}

/** A CSV template: a byte-order mark for spreadsheets and one line of Chinese titles, `*` on those that must be filled. */
export function signalTemplate(kind: Kind): string {
  return `\ufeff${csvLine(fieldsOf(kind).map((field) => `${field.meta.zh}${field.isRequired ? '*' : ''}`))}\r\n`
}
