import { Readable } from 'node:stream'
import type { Context } from 'hono'
import { z } from 'zod'
import { AppError } from '#domain/error.ts'
import type { Report } from '#domain/source.ts'
import { type IngestionDeps, signalRoutes } from './routes.ts'

/** Why a refused report waits no more. */
const REASON = '填报人已改正并重新报送'
const Taken = z.object({ batch: z.string() })

/**
 * Takes a report through the same door as every signal, so that keys of retries, limits, refusals and the answer are the
 * same. The answer is that of `POST /signals/industry`. Once it is taken, what it corrects waits no more; sent again after a
 * crash in between, it is answered as before and that is made up for. @throws AppError as there; `not_found` when there is no
 * source.
 */
export function createReporting(deps: IngestionDeps): (c: Context, report: Report) => Promise<Response> {
  return async (c, { sourceId, by, body, corrects, idempotencyKey, acceptLanguage }) => {
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
    const response = await routes.request('/signals/industry', { method: 'POST', headers }, { incoming })
    if (response.status !== 200 || corrects.length === 0) return response
    const { batch } = Taken.parse(await response.clone().json())
    const who = { kind: 'person', id: by.id, name: by.username } as const
    const replaced = { source: sourceId, batches: corrects, into: batch, by: who.name, reason: REASON }
    await deps.quarantine.replace(replaced, async (sql, rows) => {
      const subject = rows.map((one) => `${one.batch}/${one.row}`).join(' ')
      await deps.audited(c, who, 'quarantine.dismiss', subject, REASON, sql)
    })
    return response
  }
}
