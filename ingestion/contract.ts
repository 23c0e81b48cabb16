import { z } from 'zod'
import { csvLine } from '#domain/csv.ts'
import { fieldsOf, type Kind, SIGNALS } from '#domain/signal.ts'

/** The JSON Schema (draft 2020-12) of one signal of a kind, derived from its zod schema; titles in both languages. */
export function signalSchema(kind: Kind): object {
  return z.toJSONSchema(SIGNALS[kind], { io: 'input', unrepresentable: 'any', metadata: z.globalRegistry })
}

/** A CSV template: a byte-order mark for spreadsheets and one line of Chinese titles, `*` on those that must be filled. */
export function signalTemplate(kind: Kind): string {
  return `\ufeff${csvLine(fieldsOf(kind).map((field) => `${field.meta.zh}${field.isRequired ? '*' : ''}`))}\r\n`
}
