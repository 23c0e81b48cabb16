import { Hono } from 'hono'
import { z } from 'zod'
import { describeRoute, json } from '#domain/operation.ts'
import { describeApi } from './document.ts'

/** The description of everything `app` serves when it is first asked for. Open: it says nothing that is not in the code. */
export function openApiRoute(app: Pick<Hono, 'routes'>) {
  let document: string | null = null
  return new Hono().get(
    '/openapi.json',
    describeRoute({
      chapter: 'system',
      summary: { zh: '本接口说明（OpenAPI 3.1）', en: 'This description (OpenAPI 3.1)' },
      access: 'open',
      answers: {
        200: json(z.looseObject({ openapi: z.string() }), { openapi: '3.1.1', info: {}, paths: {} }),
      },
    }),
    (c) => {
      document ??= JSON.stringify(describeApi(app.routes))
      return c.body(document, 200, { 'content-type': 'application/json', 'cache-control': 'no-cache' })
    },
  )
}
