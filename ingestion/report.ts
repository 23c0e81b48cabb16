import { Readable } from 'node:stream'
import { AppError } from '#domain/error.ts'
import { type IngestionDeps, signalRoutes } from './routes.ts'

/** One industry report as JSON, sent for a source by somebody who was let in by his session. */
export type Report = {
  sourceId: string
  body: string
  idempotencyKey: string | null
  acceptLanguage: string | null
}

/**
 * Takes a report through the same door as every signal, so that keys of retries, limits, refusals and the answer are the
 * same. The answer is that of `POST /signals/industry`. @throws AppError as there; `not_found` when there is no source.
 */
export function createReporting(deps: IngestionDeps): (report: Report) => Promise<Response> {
  return async ({ sourceId, body, idempotencyKey, acceptLanguage }) => {
    const source = await deps.sources.find(sourceId)
    if (!source) throw new AppError('not_found', 'the source of this unit is gone; ask the administrator')
    const routes = signalRoutes({ ...deps, sources: deps.sources.as(source) })
    routes.onError((error) => {
      throw error
    })
    const headers = {
      'content-type': 'application/json',
      ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
      ...(acceptLanguage === null ? {} : { 'accept-language': acceptLanguage }),
    }
    const incoming = Readable.from([Buffer.from(body)])
    return await routes.request('/signals/industry', { method: 'POST', headers }, { incoming })
  }
}
