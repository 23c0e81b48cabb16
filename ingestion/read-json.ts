import type { Context } from 'hono'
import type { z } from 'zod'
import { AppError } from '#domain/error.ts'
import { storableText } from '#domain/text.ts'

/** The JSON body of a request. @throws AppError `bad_request` that names the field. */
export async function readJson<T extends z.ZodType>(c: Context, schema: T): Promise<z.infer<T>> {
  const body: unknown = await c.req
    .text()
    .then((text) => JSON.parse(text, (_, value) => (typeof value === 'string' ? storableText(value) : value)))
    .catch(() => {
      throw new AppError('bad_request', 'the body is not valid JSON')
    })
  return parsed(schema, body)
}

/** The query string of a request. @throws AppError `bad_request` that names the parameter. */
export function readParams<T extends z.ZodType>(c: Context, schema: T): z.infer<T> {
  return parsed(schema, c.req.query())
}

function parsed<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new AppError(
    'bad_request',
    `${issue?.path.join('.') || 'the request'}: ${issue?.message ?? 'is not valid'}`,
  )
}
