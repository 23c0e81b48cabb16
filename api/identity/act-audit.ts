import type { Context, Hono } from 'hono'
import { z } from 'zod'
import type { AuditAction } from '#domain/audit.ts'
import type { Postgres } from '#sql/postgres.ts'
import { addressOf } from '../http.ts'
import { type Act, appendAudit } from './audit.ts'

/**
 * What is written down here, once it is done and before it is answered. Rights, identities, log-ins, alerts and what
 * ingestion changes write themselves down where they happen, some in the very transaction; a new route does that, gets
 * a line here, or stands with its reason in `tests/api/unaudited.ts`.
 */
const ACTS: Record<string, AuditAction> = {
  'POST /v1/sources': 'source.create',
  'POST /v1/sources/:source/signals/:kind': 'batch.send',
  'POST /v1/units/:unit/reports': 'batch.send',
  'PUT /v1/signals/:kind/columns': 'columns.put',
  'PUT /v1/sources/:source/signals/:kind/columns': 'columns.put',
  'POST /v1/units': 'unit.create',
  'POST /v1/units/import': 'unit.create',
  'PUT /v1/units/:unit': 'unit.update',
  'POST /v1/units/:unit/retire': 'unit.retire',
  'PUT /v1/units/:unit/duty': 'unit.duty',
  'PUT /v1/units/:unit/earlier-reports': 'unit.earlierReports',
  'PUT /v1/units/:unit/reporters': 'unit.reporters',
}
const SUBJECTS_MAX = 20

/** What an answer says it made; a batch of which no row was taken is kept for its rejected rows. */
const Made = z.object({
  id: z.string().optional(),
  ids: z.array(z.string()).default([]),
  batch: z.string().optional(),
})

/** Puts the writing down in front of the routes of the list. */
export function auditActs(app: Hono, postgres: Postgres, whoAsks: (c: Context) => Promise<Act['who']>): void {
  for (const [route, action] of Object.entries(ACTS)) {
    const [method = '', path = ''] = route.split(' ')
    app.on(method, path, async (c, next) => {
      await next()
      const { status } = c.res
      if ((status >= 300 && status !== 422) || c.req.query('mode') === 'validate') return
      const made = Made.catch({ ids: [] }).parse(await c.res.clone().json())
      const { unit, source, kind } = c.req.param() as Record<string, string | undefined>
      const subjects = [unit ?? source ?? made.id ?? [], made.ids.slice(0, SUBJECTS_MAX)].flat()
      const act: Act = {
        who: await whoAsks(c),
        action,
        subject: subjects.join(' '),
        reason: [kind, made.batch, made.ids.length > SUBJECTS_MAX && `${made.ids.length}`]
          .filter(Boolean)
          .join(' '),
        address: addressOf(c),
      }
      await postgres.transaction((sql) => appendAudit(sql, act))
    })
  }
}
