import type { Context, MiddlewareHandler } from 'hono'
import { maskIdentifiers } from '#domain/person.ts'
import type { Postgres } from '#sql/postgres.ts'
import { addressOf } from '../http.ts'
import { type Act, appendAudit } from './audit.ts'

const REASON_LENGTH_MAX = 500
/** Sheets without anybody's data, and the audit log's own, which writes itself down with its own right. */
const UNNOTED = /^\/v1\/(signals\/[a-z]+\/template\.|audit$)/

/**
 * Writes down every sheet, and every list of rejected rows, before it leaves: who took it, from which address of the API
 * and with which filter, or for what reason where one was asked for (`c.set('reason', …)`). It stands in front of all
 * routes, so that a new one cannot be forgotten.
 */
export function auditExports(
  postgres: Postgres,
  whoAsks: (c: Context) => Promise<Act['who']>,
): MiddlewareHandler {
  return async (c, next) => {
    await next()
    const type = c.res.headers.get('content-type') ?? ''
    const isSheet = /^text\/csv|spreadsheetml/.test(type) || c.req.path.endsWith('/errors.json')
    if (c.res.status !== 200 || !isSheet || UNNOTED.test(c.req.path)) return
    const given: string | undefined = c.get('reason')
    const filter = Object.entries(c.req.query()).map(([name, value]) => `${name}=${value}`)
    const act: Act = {
      who: await whoAsks(c),
      action: 'export',
      subject: c.req.path.slice('/v1/'.length),
      reason: maskIdentifiers(given ?? filter.join('&')).slice(0, REASON_LENGTH_MAX),
      address: addressOf(c),
    }
    await postgres.transaction((sql) => appendAudit(sql, act))
  }
}
