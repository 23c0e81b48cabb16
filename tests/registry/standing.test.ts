import { afterAll, beforeAll, expect, it } from 'vitest'
import { instantPointId } from '#domain/organisation.ts'
import { everythingFor } from '#domain/scope.ts'
import { readSilent } from '../../api/measures/silent.ts'
import { readSourceStates } from '../../api/measures/source-states.ts'
import { type Reporting, readStandings } from '../../api/registry/standing.ts'
import { openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
const at = (text: string) => Date.parse(`${text}+08:00`)
const NOW = at('2026-11-24T09:00')

/** A report of a point as it lies in the store: what it says of which period, when it was observed and when it came. */
const report = (
  pointId: string,
  period: string,
  received: string,
  over: { majorEvent?: string; source?: string } = {},
) =>
  stores.engine.insert({
    table: 'industry_observations_v1',
    columns: ['historyKey', 'observedAt', 'receivedAt', 'source', 'pointId', 'period', 'majorEvent'],
    lines: [
      JSON.stringify([
        `${pointId}|`,
        at(received),
        at(received) * 1000,
        over.source ?? 'src_point',
        pointId,
        period,
        over.majorEvent ?? '',
      ]),
    ],
  })
const receipt = (source: string, observed: string, received: string) =>
  stores.engine.insert({
    table: 'source_receipts_v1',
    columns: ['source', 'kind', 'receivedAt', 'newestAt', 'observations'],
    lines: [JSON.stringify([source, 'workers', at(received) * 1000, at(observed), 1])],
  })

const owes = (sourceId: string, over: Partial<Reporting> = {}): Reporting => ({
  sourceId,
  dueEvery: 'month' as const,
  graceHours: 24,
  dueDays: 10,
  createdAt: new Date(at('2026-01-01T00:00')),
  isPeriodic: true,
  earlier: new Map<string, number | null>(),
  ...over,
})

beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())

it('judges a point by the first receipt of each period, whatever was corrected later and whatever was told at once', async () => {
  await report('p', '2026-08', '2026-09-05T10:00')
  await report('p', '2026-08', '2026-10-20T10:00') // A correction: the period was there in time.
  await report('p', '2026-09', '2026-10-12T10:00') // Its deadline was the first instant of 12 October.
  await report('p', '2026-10-05', '2026-10-06T10:00') // A day is no month.
  await report(instantPointId('p'), '2026-10', '2026-11-02T10:00', { majorEvent: '停产' })
  await report(instantPointId('p'), '2026-03', '2026-03-02T10:00', { majorEvent: '90 天以前' })
  await report('q', '2026-10', '2026-11-02T10:00', { source: 'src_other' })
  await receipt('src_point', '2026-11-02T10:00', '2026-11-02T10:01')
  const standing = (await readStandings(stores.engine, [owes('src_point')], NOW)).get('src_point')
  // Deadlines in the window from 26 August: 12 September (August: in time), 12 October 00:00 (September: late), 12 November (October: missing).
  expect(standing).toEqual({
    dataMs: at('2026-11-02T10:00'),
    receivedMs: at('2026-11-02T10:01'),
    // September is the newest month that it reported; October's was due up to 12 November 00:00, whatever came since.
    silentMs: at('2026-11-12T00:00'),
    punctuality: { due: 3, onTime: 1, late: 1, missing: 1, rate: 1 / 3 },
    instantReports: 1,
  })
})

it('judges reports of before the unit came by when the system before had them, and what came here as well by whichever was first', async () => {
  const earlier = new Map([
    ['2026-08', at('2026-09-05T10:00')],
    ['2026-09', at('2026-10-13T10:00')], // Its deadline was the first instant of 12 October.
    ['2026-10', null],
  ])
  const came = owes('src_taken_over', { earlier, createdAt: new Date(at('2026-11-20T00:00')) })
  const judged = async (one: typeof came) =>
    (await readStandings(stores.engine, [one], NOW)).get(one.sourceId)?.punctuality
  expect(await judged(came)).toEqual({ due: 3, onTime: 1, late: 1, missing: 1, rate: 1 / 3 })
  // Without them nothing was due of a unit that came on 20 November.
  expect(await judged({ ...came, earlier: new Map() })).toMatchObject({ due: 0, rate: null })
  // One that names a period it does not owe says nothing, nor that it owed since.
  const odd = new Map([...earlier, ['2026-06-15', null]])
  expect(await judged({ ...came, earlier: odd })).toEqual({
    due: 3,
    onTime: 1,
    late: 1,
    missing: 1,
    rate: 1 / 3,
  })
  expect(await judged({ ...came, earlier: new Map([['2026-09-15', null]]) })).toMatchObject({ due: 0 })
  await report('taken', '2026-08', '2026-11-20T10:00', { source: 'src_taken_over' })
  await report('taken', '2026-10', '2026-11-20T10:00', { source: 'src_taken_over' })
  expect(await judged(came)).toEqual({ due: 3, onTime: 1, late: 2, missing: 0, rate: 1 / 3 })
})

it('judges an office, whose signals name no period, by when something observed in the period or after it came', async () => {
  await receipt('src_office', '2026-08-31T23:00', '2026-09-11T12:00') // August, in time.
  await receipt('src_office', '2026-10-03T09:00', '2026-10-03T10:00') // Nothing of September, but news of October before 12 October.
  const standing = (await readStandings(stores.engine, [owes('src_office', { isPeriodic: false })], NOW)).get(
    'src_office',
  )
  // August and September are on time; of October something came on 3 October.
  expect(standing?.punctuality).toEqual({ due: 3, onTime: 3, late: 0, missing: 0, rate: 1 })
  // Newest data of October: that of November is due by 10 December.
  expect(standing?.silentMs).toBeNull()
})

it('says since when a source is silent, and nothing of one that is never due', async () => {
  await receipt('src_day', '2026-11-18T08:00', '2026-11-18T08:01')
  await receipt('src_weekend', '2026-11-20T08:00', '2026-11-20T08:01')
  const daily = owes('src_day', { dueEvery: 'day', graceHours: 12, dueDays: 0, isPeriodic: false })
  const weekend = { ...daily, sourceId: 'src_weekend' }
  const all = await readStandings(stores.engine, [daily, weekend, owes('src_free', { dueEvery: null })], NOW)
  // Data of Wednesday, 18 November; that of the 19th was due by its end; twelve hours of grace.
  expect(all.get('src_day')?.silentMs).toBe(at('2026-11-20T12:00'))
  // Data of Friday; that of Monday, the 23rd, was due by its end, and is not overdue before noon of today.
  expect(all.get('src_weekend')?.silentMs).toBeNull()
  expect(all.get('src_free')).toEqual({
    dataMs: null,
    receivedMs: null,
    silentMs: null,
    instantReports: 0,
    punctuality: { due: 0, onTime: 0, late: 0, missing: 0, rate: null },
  })
})

it('is silent for no punctual unit, and no earlier than the first report that it owes since is late', async () => {
  const silentAt = async (source: ReturnType<typeof owes>, now: string) =>
    (await readStandings(stores.engine, [source], at(now))).get(source.sourceId)?.silentMs ?? null
  // August's data, sent on 11 September: on time. September's is due by 10 October, and a day of grace.
  await receipt('src_slow', '2026-08-31T18:00', '2026-09-11T10:00')
  const slow = owes('src_slow', { isPeriodic: false })
  expect(await silentAt(slow, '2026-10-12T00:00')).toBeNull()
  expect(await silentAt(slow, '2026-10-12T00:01')).toBe(at('2026-10-12T00:00'))
  // Without days of its own a month is due by the end of the next one: October 31 is a Saturday.
  expect(await silentAt({ ...slow, dueDays: null }, '2026-11-24T00:00')).toBe(at('2026-11-04T00:00'))
  // Friday's figures, five days to send them in: Monday's are due by Saturday, so by the Monday after.
  await receipt('src_late_days', '2026-10-30T18:00', '2026-11-04T10:00')
  const days = owes('src_late_days', { isPeriodic: false, dueEvery: 'day', dueDays: 5, graceHours: 0 })
  expect(await silentAt(days, '2026-11-24T00:00')).toBe(at('2026-11-10T00:00'))
  // Registered in November and never heard of: November's is the first one due.
  const fresh = owes('src_fresh', { createdAt: new Date(at('2026-11-20T09:00')) })
  expect(await silentAt(fresh, '2026-12-11T00:00')).toBeNull()
  expect(await silentAt(fresh, '2026-12-13T00:00')).toBe(at('2026-12-12T00:00'))
})

it('takes silence of a point from the newest period that it reported: neither an instant report nor one of long ago ends it', async () => {
  const point = owes('src_park', { graceHours: 0 })
  const standing = async () => (await readStandings(stores.engine, [point], NOW)).get('src_park')
  const silence = at('2026-08-11T00:00')
  await report('park', '2026-06', '2026-07-03T10:00', { source: 'src_park' })
  expect((await standing())?.silentMs).toBe(silence)
  await report(instantPointId('park'), '2026-11-20', '2026-11-20T10:00', {
    source: 'src_park',
    majorEvent: '停产',
  })
  await receipt('src_park', '2026-11-20T10:00', '2026-11-20T10:01')
  await report('park', '2026-03', '2026-11-21T10:00', { source: 'src_park' })
  await receipt('src_park', '2026-11-21T10:00', '2026-11-21T10:01')
  expect(await standing()).toMatchObject({ dataMs: at('2026-11-21T10:00'), silentMs: silence })
  // Reports of days are heard, where months are due, as long as none of a month came.
  await report('days', '2026-10-20', '2026-10-21T10:00', { source: 'src_days' })
  const days = owes('src_days', { graceHours: 0 })
  const silentMs = async () =>
    (await readStandings(stores.engine, [days], at('2026-12-31T00:00'))).get('src_days')?.silentMs
  expect(await silentMs()).toBe(at('2026-12-11T00:00'))
  await report('days', '2026-09', '2026-10-22T10:00', { source: 'src_days' })
  expect(await silentMs()).toBe(at('2026-11-11T00:00'))
})

it('is the same silence for the wall and the sources page as for the registry', async () => {
  const source = (id: string) =>
    stores.postgres.query(
      `INSERT INTO sources (id, name, kinds, region, "dueEvery", "graceHours", "createdAt")
       VALUES ($1, $1, '{industry}', '4301', 'month', 24, '2026-01-01')`,
      [id],
    )
  const unit = (id: string, pointId: string | null, dueDays: number) =>
    stores.postgres.query(
      `INSERT INTO units (id, kind, rank, name, region, "sourceId", "pointId", "dueDays")
       VALUES ($1, 'park', 'other', $1, '430104', $1, $2, $3)`,
      [id, pointId, dueDays],
    )
  for (const id of ['src_same_point', 'src_same_desk', 'src_same_free']) await source(id)
  await unit('src_same_point', 'same', 10)
  await unit('src_same_desk', null, 20)
  await report('same', '2026-08', '2026-09-03T10:00', { source: 'src_same_point' })
  for (const id of ['src_same_point', 'src_same_desk', 'src_same_free'])
    await receipt(id, '2026-08-31T18:00', '2026-09-03T10:00')
  // An instant report: the point is heard of, and owes its figures as before.
  await receipt('src_same_point', '2026-10-09T18:00', '2026-10-09T18:00')
  const silentAt = async (time: string) => {
    const atMs = at(time)
    const ask = { atMs, knownAtMs: null, by: ['source' as const], region: null }
    const rows = await readSilent(stores.engine, stores.postgres, everythingFor('a test'), ask)
    const states = await readSourceStates(stores.engine, stores.postgres, atMs)
    expect([...states].flatMap(([id, { isSilent }]) => (isSilent ? id : []))).toEqual(
      rows.flatMap((row) => (row.value === 1 ? row.source : [])),
    )
    return rows.flatMap((row) => (row.value === 1 ? row.source : []))
  }
  // September's figures: within 10 days, within 20, and where no unit says so by the end of October, with a day of grace each.
  expect(await silentAt('2026-10-12T00:00')).toEqual([])
  expect(await silentAt('2026-10-12T00:01')).toEqual(['src_same_point'])
  expect(await silentAt('2026-10-22T00:00')).toEqual(['src_same_point'])
  expect(await silentAt('2026-10-22T00:01')).toEqual(['src_same_desk', 'src_same_point'])
  expect(await silentAt('2026-11-04T00:01')).toEqual(['src_same_desk', 'src_same_free', 'src_same_point'])
})
