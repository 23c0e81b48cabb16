import { type Context, Hono } from 'hono'
import { AppError } from '#domain/error.ts'
import { describeRoute } from '#domain/operation.ts'
import { holdsRegion, isEverything, type Scope } from '#domain/scope.ts'
import { type Lang, langFrom } from '#domain/text.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Sql } from '#sql/postgres.ts'
import type { Batches } from './batches.ts'
import type { Quarantine, QuarantinedRow, QuarantineFilter, RowPlace } from './quarantine.ts'
import { cellsOf, maskedCells, rawOf, rowOfCells } from './quarantine-cells.ts'
import {
  CorrectBody,
  DismissBody,
  ListParams,
  QUARANTINE_OPERATIONS,
  REFUSED,
  ReadBody,
  ReplayBody,
} from './quarantine-operations.ts'
import { readJson, readParams } from './read-json.ts'
import { errorsOf } from './send.ts'
import { batchFor, isWithinScope, personFor, type Who, type WhoDeps, wholeFor } from './who.ts'

export type QuarantineRoutesDeps = WhoDeps & { quarantine: Quarantine; batches: Batches }

/** Rows judged in one request to replay; `next` says where the following one begins. */
const ROWS_PER_REPLAY = 20_000

/** Rejected rows that wait: seen by who may manage them, and by a source its own. */
export function quarantineRoutes(deps: QuarantineRoutesDeps) {
  /** The row of the address, where the one who asks may see it. @throws AppError `not_found`: who may not, learns no more. */
  async function findFor(c: Context): Promise<{ who: Who; row: QuarantinedRow }> {
    const who = await wholeFor(deps, c, 'quarantine.manage')
    const row = await deps.quarantine.find(placeOf(`${c.req.param('batch')}/${c.req.param('row')}`))
    const isOwn =
      who.kind === 'source'
        ? who.source.id === row.source
        : await isWithinScope(deps.sources, who.scope, row.source)
    if (!isOwn) throw new AppError('not_found', 'there is no such row in quarantine')
    return { who, row }
  }

  return new Hono()
    .get('/quarantine', describeRoute(QUARANTINE_OPERATIONS.list), async (c) => {
      const who = await wholeFor(deps, c, 'quarantine.manage')
      const { after, limit, cells, ...asked } = readParams(c, ListParams)
      const bounded = await boundTo(deps, who, asked)
      const rows = await deps.quarantine.list(bounded, after === undefined ? null : placeOf(after), limit)
      const lang = langFrom(c.req.header('accept-language'))
      const last = rows.length === limit ? rows.at(-1) : undefined
      return c.json({
        counts: await deps.quarantine.counts(bounded),
        rows: rows.map((row) => ({
          ...shown(row, lang),
          ...(cells === 'true' && {
            cells: maskedCells(row.kind, cellsOf(row.kind, deps.quarantine.valueOf(row), lang)),
          }),
        })),
        next: last ? `${last.batch}/${last.row}` : null,
      })
    })
    .post('/quarantine/:batch/:row/read', describeRoute(QUARANTINE_OPERATIONS.one), async (c) => {
      const { who, row } = await findFor(c)
      const { reason = '' } = await readJson(c, ReadBody)
      if (who.kind === 'person' && reason === '')
        throw new AppError('bad_request', 'reason: must say why, in at least 6 characters')
      await deps.audited(c, who, 'quarantine.read', `${row.batch}/${row.row}`, reason)
      const lang = langFrom(c.req.header('accept-language'))
      const value = deps.quarantine.valueOf(row)
      c.header('cache-control', 'no-store')
      return c.json({ ...shown(row, lang), cells: cellsOf(row.kind, value, lang), raw: rawOf(value) })
    })
    .post('/quarantine/dismiss', describeRoute(QUARANTINE_OPERATIONS.dismiss), async (c) => {
      const who = await personFor(deps, c.req.raw.headers, 'quarantine.manage')
      const { reason, rows, batch = '' } = await readJson(c, DismissBody)
      const own = rows && (await rowsWithin(deps, who.scope, rows))
      if (!rows) await batchFor(deps, who, batch)
      const subject = own?.map((one) => `${one.batch}/${one.row}`).join(' ') ?? batch
      const dismissed = await deps.quarantine.dismiss(own ?? { batch }, reason, who.name, (sql) =>
        deps.audited(c, who, 'quarantine.dismiss', subject, reason, sql),
      )
      return c.json({ dismissed })
    })
    .post('/quarantine/replay', describeRoute(QUARANTINE_OPERATIONS.replay), async (c) => {
      const who = await wholeFor(deps, c, 'quarantine.manage')
      const { after, ...asked } = await readJson(c, ReplayBody)
      const bounded = await boundTo(deps, who, asked)
      const sum = { judged: 0, replayed: 0, next: after ?? null }
      const note = (replayed: number, sql?: Sql) =>
        deps.audited(c, who, 'quarantine.replay', JSON.stringify(bounded), `${replayed}`, sql)
      do {
        const one = await deps.quarantine.replay(bounded, sum.next, who.name, (sql, rows) =>
          note(rows.length, sql),
        )
        sum.judged += one.judged
        sum.replayed += one.replayed
        sum.next = one.next
      } while (sum.next !== null && sum.judged < ROWS_PER_REPLAY)
      if (sum.replayed === 0) await note(0)
      return c.json(sum)
    })
    .post('/quarantine/:batch/:row/correct', describeRoute(QUARANTINE_OPERATIONS.correct), async (c) => {
      const { who, row } = await findFor(c)
      const body = await readJson(c, CorrectBody)
      const { value, faults } = body.cells
        ? rowOfCells(row.kind, body.cells)
        : { value: body.value, faults: [] }
      const note = (sql: Sql) =>
        deps.audited(c, who, 'quarantine.correct', `${row.batch}/${row.row}`, '', sql)
      const done = faults.length > 0 ? { faults } : await deps.quarantine.correct(row, value, who.name, note)
      if ('faults' in done) {
        const lang = langFrom(c.req.header('accept-language'))
        return c.json(
          { ...REFUSED, errors: errorsOf([{ row: row.row, value: null, faults: done.faults }], lang) },
          422,
          { 'content-type': 'application/problem+json' },
        )
      }
      return c.json({ state: 'corrected' as const, into: done.into })
    })
}

/** A row as it is answered, without what it says. */
function shown(
  { faults, sealed: _, keyId: _keyId, receivedAt, changedAt, ...row }: QuarantinedRow,
  lang: Lang,
) {
  return {
    ...row,
    receivedAt: toShanghaiIso(receivedAt.getTime()),
    changedAt: changedAt && toShanghaiIso(changedAt.getTime()),
    errors: errorsOf([{ row: row.row, value: null, faults }], lang),
  }
}

/** A source sees and moves its own rows only, a person those of the sources that the right holds for. */
async function boundTo(
  deps: QuarantineRoutesDeps,
  who: Who,
  asked: QuarantineFilter,
): Promise<QuarantineFilter> {
  if (who.kind === 'source') return { ...asked, source: who.source.id }
  if (holdsRegion(who.scope, '')) return asked
  const sources = await deps.sources.list()
  return { ...asked, among: sources.flatMap(({ id, region }) => (holdsRegion(who.scope, region) ? id : [])) }
}

/** Those of the sources that a right holds for; others are passed over as those that do not wait. */
async function rowsWithin(
  { batches, sources }: QuarantineRoutesDeps,
  scope: Scope,
  rows: readonly RowPlace[],
): Promise<readonly RowPlace[]> {
  if (isEverything(scope)) return rows
  const own = new Set<string>()
  for (const id of new Set(rows.map(({ batch }) => batch))) {
    const batch = await batches.find(id, null)
    if (batch && (await isWithinScope(sources, scope, batch.source))) own.add(id)
  }
  return rows.filter(({ batch }) => own.has(batch))
}

/** @throws AppError `not_found` for what is no place of a row. */
function placeOf(text: string): RowPlace {
  const [batch = '', row = ''] = text.split('/')
  if (!/^\d{1,9}$/.test(row)) throw new AppError('not_found', 'there is no such row in quarantine')
  return { batch, row: Number(row) }
}
