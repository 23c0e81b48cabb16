import { afterAll, beforeAll, expect, it } from 'vitest'
import { instantPointId } from '#domain/organisation.ts'
import { readStandings } from '../../api/registry/standing.ts'
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

const owes = (sourceId: string, over: object = {}) => ({
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
    silentMs: null,
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
  // Newest data of October: the next was due by the end of November.
  expect(standing?.silentMs).toBeNull()
})

it('says since when a source is silent, and nothing of one that is never due', async () => {
  await receipt('src_day', '2026-11-18T08:00', '2026-11-18T08:01')
  await receipt('src_weekend', '2026-11-20T08:00', '2026-11-20T08:01')
  const daily = owes('src_day', { dueEvery: 'day', graceHours: 12 })
  const weekend = { ...daily, sourceId: 'src_weekend' }
  const all = await readStandings(stores.engine, [daily, weekend, owes('src_free', { dueEvery: null })], NOW)
  // Data of Wednesday, 18 November; the next was due by the end of the 19th; twelve hours of grace.
  expect(all.get('src_day')?.silentMs).toBe(at('2026-11-20T12:00'))
  // Data of Friday; the next is due by the end of Monday, the 23rd, and not overdue before noon of today.
  expect(all.get('src_weekend')?.silentMs).toBeNull()
  expect(all.get('src_free')).toEqual({
    dataMs: null,
    receivedMs: null,
    silentMs: null,
    instantReports: 0,
    punctuality: { due: 0, onTime: 0, late: 0, missing: 0, rate: null },
  })
})
