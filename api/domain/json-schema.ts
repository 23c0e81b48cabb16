import { z } from 'zod'

/**
 * The JSON Schema (draft 2020-12) of a zod schema: of what it takes (`input`) or of what it gives (`output`). A field's
 * `.meta({ zh, en, example })` stays, and its Chinese becomes the title. Schemas with an `id` come as `$defs`.
 */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (typeof jsonSchema.zh === 'string') jsonSchema.title = jsonSchema.zh
      // Zod drops `examples` of whatever it transforms, so a field says `example`.
      if (jsonSchema.example !== undefined) jsonSchema.examples = [jsonSchema.example]
      delete jsonSchema.example
      // Zod's bounds of any integer say nothing to a sender.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    },
  })
  return json
}
