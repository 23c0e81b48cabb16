import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dimension, MEASURES, type MeasureId, measureFor } from '#domain/measure.ts'
import { everythingFor } from '#domain/scope.ts'
import { KINDS, type Kind } from '#domain/signal.ts'
import { DAY_MS, type Interval, nextStart, startOf } from '#domain/time.ts'
import { Measures } from '../../api/measures/answers.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { createCommitters } from '../../ingestion/commit.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { arrears, idNumberFor, industry, worker } from '../support/signals.ts'
import { openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
let measures: Measures
let send: (kind: Kind, rows: object[]) => Promise<void>
const NOW = Date.now()

/** A fixed, uneven spread of histories over fourteen months. */
beforeAll(async () => {
  stores = await openTestStores()
  measures = new Measures(stores.engine, stores.postgres, 'blur')
  const committers = createCommitters(stores.engine, stores.postgres, false)
  const keys = deriveKeys('a secret of the measure tests, long enough')
  const iso = (daysAgo: number) => new Date(NOW - daysAgo * DAY_MS).toISOString()
  const homes = ['430522', '430121', '430503', '431129']
  const works = ['4403', '430102', '44', '430503001', '330106']
  const rows = {
    workers: Array.from({ length: 400 }, (_, i) =>
      worker({
        idNumber: idNumberFor(i % 150),
        homeRegion: homes[i % 4],
        workRegion: works[(i * 7) % 5],
        sector: 'CEFGH'[i % 5],
        status: ['employed', 'employed', 'seeking', 'returned', 'withdrawn'][(i * 3) % 5],
        observedAt: iso((i * 37) % 420),
      }),
    ),
    arrears: Array.from({ length: 300 }, (_, i) =>
      arrears({
        caseId: `c${i % 110}`,
        workRegion: works[i % 5],
        sector: 'CE'[i % 2],
        status: ['reported', 'processing', 'settled', 'dismissed'][(i * 5) % 4],
        workers: 1 + (i % 30),
        owed: `${i * 137}.5${i % 10}`,
        paid: `${i * 11}.00`,
        observedAt: iso((i * 53) % 420),
      }),
    ),
    industry: Array.from({ length: 60 }, (_, i) =>
      industry({
        pointId: `p${i % 5}`,
        period: new Date(NOW - (i % 12) * 31 * DAY_MS).toISOString().slice(0, 7),
        workRegion: ['430121', '430503'][i % 2],
        headcount: 100 + i,
        hires: i,
        departures: 60 - i,
        vacancies: i % 7,
        averageWage: `${5000 + i}.00`,
        accountBalance: `${i}000.00`,
        observedAt: iso((i % 12) * 31 * 0.9),
      }),
    ),
  }
  send = async (kind, some) => {
    const raw = some.map((value, i) => ({ row: i + 1, value, fault: null }))
    const { drafts, rejected } = acceptRows(
      kind,
      raw,
      { id: 's1', kinds: KINDS, region: '' },
      { source: 's1', batch: 'b', keys, sealer: null },
    )
    expect(rejected.flatMap((row) => row.faults)).toEqual([])
    await committers[kind].commit([drafts as never]).counted
  }
  for (const kind of KINDS) await send(kind, rows[kind])
})
afterAll(() => stores.close())

const COUNTED = (Object.keys(MEASURES) as MeasureId[]).filter((id) => id !== 'sources.silent')
const ask = (measure: MeasureId, over: object = {}) => ({
  measure,
  by: [],
  region: null,
  role: null,
  sector: null,
  atMs: NOW,
  fromMs: NOW - 400 * DAY_MS,
  toMs: NOW,
  knownAtMs: null,
  ...over,
})

describe('series', () => {
  for (const interval of ['day', 'week', 'month'] as Interval[])
    it(`of every measure by ${interval} agrees with the distribution of each bucket`, async () => {
      for (const measure of COUNTED) {
        const by: Dimension[] = measure.startsWith('workers') ? ['home.city'] : ['work.city']
        const fromMs = startOf(interval, NOW - (interval === 'day' ? 12 : 130) * DAY_MS)
        const series = await measures.series(everythingFor('a test'), ask(measure, { by, fromMs }), interval)
        for (let start = fromMs; start < NOW; start = nextStart(interval, start)) {
          const endMs = Math.min(nextStart(interval, start), NOW)
          const expected = await measures.distribution(
            everythingFor('a test'),
            ask(measure, { by, fromMs: start, toMs: endMs, atMs: endMs - 1 }),
          )
          const here = series.rows
            .filter((row) => Date.parse(String(row.t)) === start)
            .map(({ t: _, ...row }) => row)
          expect(here, `${measure} at ${new Date(start).toISOString()}`).toEqual(expected.rows)
        }
      }
    })
})

describe('distribution', () => {
  it('is the same from roll-ups as from the change rows, for every dimension of every measure', async () => {
    for (const measure of COUNTED)
      for (const dimension of [null, ...measureFor(measure).dimensions])
        for (const atMs of [NOW, NOW - 77 * DAY_MS]) {
          const by = dimension === null ? [] : [dimension]
          const rollup = await measures.distribution(
            everythingFor('a test'),
            ask(measure, { by, atMs, toMs: atMs }),
          )
          const raw = await measures.distribution(
            everythingFor('a test'),
            ask(measure, { by, atMs, toMs: atMs, knownAtMs: Date.now() }),
          )
          expect(rollup.rows, `${measure} by ${dimension}`).toEqual(raw.rows)
        }
  })

  it('filters by region on either side and by sector, and the parts add up to the whole', async () => {
    const total = await measures.distribution(everythingFor('a test'), ask('workers.count'))
    const byCounty = await measures.distribution(
      everythingFor('a test'),
      ask('workers.count', { by: ['home.county'] }),
    )
    expect(byCounty.rows.reduce((sum, row) => sum + Number(row.value), 0)).toBe(total.rows[0]?.value)
    for (const row of byCounty.rows) {
      const one = await measures.distribution(
        everythingFor('a test'),
        ask('workers.count', { region: row['home.county'], role: 'home' }),
      )
      expect(one.rows[0]?.value).toBe(row.value)
    }
    const inWork = await measures.distribution(
      everythingFor('a test'),
      ask('workers.count', { region: '44', role: 'work', by: ['work.province'] }),
    )
    expect(inWork.rows.map((row) => row['work.province'])).toEqual(['44'])
    const bySector = await measures.distribution(
      everythingFor('a test'),
      ask('workers.count', { by: ['sector'] }),
    )
    for (const row of bySector.rows)
      expect(
        (await measures.distribution(everythingFor('a test'), ask('workers.count', { sector: row.sector })))
          .rows[0]?.value,
      ).toBe(row.value)
  })

  it('leaves out what nobody reported, and shows what is truly zero', async () => {
    const before = await measures.distribution(
      everythingFor('a test'),
      ask('workers.count', { atMs: NOW - 4000 * DAY_MS, by: ['home.county'] }),
    )
    expect(before.rows).toEqual([])
    const elsewhere = await measures.distribution(
      everythingFor('a test'),
      ask('arrears.openCases', { region: '431129', by: ['work.county'] }),
    )
    expect(elsewhere.rows).toEqual([])
    const quiet = await measures.distribution(
      everythingFor('a test'),
      ask('arrears.newCases', { by: ['work.province'], fromMs: NOW - 1000, toMs: NOW }),
    )
    expect(quiet.rows.map((row) => row.value)).toEqual([0, 0, 0])
  })

  it('refuses what a measure does not know, naming what it knows', async () => {
    await expect(
      measures.distribution(everythingFor('a test'), ask('industry.hires', { by: ['employer'] })),
    ).rejects.toThrow(/cannot be split by employer; it knows/)
    await expect(
      measures.distribution(everythingFor('a test'), ask('arrears.owed', { role: 'home', region: '43' })),
    ).rejects.toThrow(/not placed by home/)
    await expect(
      measures.distribution(everythingFor('a test'), ask('workers.count', { fromMs: NOW, toMs: NOW - 1 })),
    ).rejects.toThrow(/from must lie before to/)
    await expect(measures.series(everythingFor('a test'), ask('workers.count'), 'hour')).rejects.toThrow(
      /wider interval/,
    )
  })
})

describe('flows', () => {
  it('are the distribution by home and work at one level', async () => {
    const flows = await measures.flows(everythingFor('a test'), ask('workers.outOfProvince'), 'province')
    expect(flows.rows.map((row) => `${row.home}→${row.work}`)).toEqual(['43→33', '43→43', '43→44'])
    expect(flows.rows.find((row) => row.work === '43')?.value).toBe(0)
  })
})

describe('a group that its cases have left', () => {
  const at = (daysAgo: number) => new Date(NOW - daysAgo * DAY_MS).toISOString()
  const told = async (measure: MeasureId, over: object) =>
    (await measures.distribution(everythingFor('a test'), ask(measure, { role: 'work', ...over }))).rows

  it('still has what a flow counted in it: parts add up to the whole', async () => {
    const first = { workRegion: '520102', sector: 'C', status: 'reported', observedAt: at(20) }
    const cases = Array.from({ length: 10 }, (_, i) => `left${i}`)
    await send(
      'arrears',
      cases.map((caseId) => arrears({ ...first, caseId })),
    )
    await send(
      'arrears',
      cases.map((caseId) =>
        arrears({ ...first, caseId, status: 'verified', paid: '100.00', observedAt: at(10) }),
      ),
    )
    await send(
      'arrears',
      cases.map((caseId) =>
        arrears({
          ...first,
          caseId,
          workRegion: '520103',
          sector: 'E',
          status: 'processing',
          observedAt: at(5),
        }),
      ),
    )
    const over = { region: '5201', fromMs: NOW - 30 * DAY_MS }
    expect(await told('arrears.newCases', over)).toEqual([{ value: 10 }])
    expect(await told('arrears.newCases', { ...over, by: ['status'] })).toEqual([
      { status: 'processing', value: 0 },
      { status: 'reported', value: 10 },
    ])
    expect(await told('arrears.newCases', { ...over, by: ['work.county'] })).toEqual([
      { 'work.county': '520102', value: 10 },
      { 'work.county': '520103', value: 0 },
    ])
    expect(await told('arrears.newCases', { ...over, sector: 'C' })).toEqual([{ value: 10 }])
    // The sum paid is told by the latest observation: what it leaves unsaid is nothing paid.
    expect(await told('arrears.recovered', { ...over, by: ['status'] })).toEqual([
      { status: 'processing', value: '-1000.00' },
      { status: 'verified', value: '1000.00' },
    ])
    const series = await measures.series(
      everythingFor('a test'),
      ask('arrears.newCases', { ...over, role: 'work', by: ['status'] }),
      'day',
    )
    expect(
      series.rows.filter(({ value }) => value !== 0).map(({ status, value }) => [status, value]),
    ).toEqual([['reported', 10]])
    // A stock is of where its cases stand, and a flow in which nothing happened there too.
    expect(await told('arrears.openCases', { ...over, by: ['status'] })).toEqual([
      { status: 'processing', value: 10 },
    ])
    expect(await told('arrears.newCases', { ...over, by: ['status'], fromMs: NOW - DAY_MS })).toEqual([
      { status: 'processing', value: 0 },
    ])
  })

  it('has workers of unknown home as its cases stand now, also when a correction of the same instant brought them or took them', async () => {
    const homeRegions = [{ region: '520102', workers: 46 }]
    const given = { workRegion: '520201', observedAt: at(9), homeRegions }
    const over = { region: '5202', by: ['home.county'] }
    await send('arrears', [arrears({ ...given, caseId: 'rest1', workers: 46 })])
    expect(await told('arrears.workers', over)).toEqual([{ 'home.county': '520102', value: 46 }])
    await send('arrears', [arrears({ ...given, caseId: 'rest1', workers: 50 })])
    expect(await told('arrears.workers', over)).toEqual([
      { 'home.county': '520102', value: 46 },
      { 'home.county': 'unknown', value: 4 },
    ])
    await send('arrears', [arrears({ ...given, caseId: 'rest1', workers: 46, owed: '1.00' })])
    expect(await told('arrears.workers', over)).toEqual([{ 'home.county': '520102', value: 46 }])
    await send('arrears', [
      arrears({ ...given, caseId: 'rest1', workers: 50, status: 'settled', observedAt: at(3) }),
    ])
    expect(await told('arrears.workers', over)).toEqual([
      { 'home.county': '520102', value: 0 },
      { 'home.county': 'unknown', value: 0 },
    ])
  })
})

describe('wages recovered, to who may not see small counts', () => {
  const few = { ...everythingFor('a test'), seesSmall: false }
  const at = (daysAgo: number) => new Date(NOW - daysAgo * DAY_MS).toISOString()
  /** A case of these workers, reported ten days ago. */
  const reported = (caseId: string, workers: number, over: object = {}) =>
    arrears({ caseId, workers, workRegion: '530102', employer: caseId, observedAt: at(10), ...over })
  const over = { region: '53', fromMs: NOW - 8 * DAY_MS }
  const recovered = async (more: object) =>
    (await measures.distribution(few, ask('arrears.recovered', { ...over, ...more }))).rows

  it('are hidden where the cases that were paid have fewer than k workers, however many others are there', async () => {
    await send('arrears', [
      reported('一人', 1),
      reported('四人', 4, { workRegion: '530103' }),
      reported('百人', 100, { workRegion: '530103' }),
      reported('未付', 100),
    ])
    // Nobody was paid yet: that is told.
    expect(await recovered({})).toEqual([{ value: '0.00' }])
    const paid = { paid: '23000.00', observedAt: at(5) }
    await send('arrears', [reported('一人', 1, paid), reported('四人', 4, { ...paid, workRegion: '530103' })])
    const hidden = { value: null, hidden: true }
    expect(await recovered({ by: ['employer'] })).toEqual([
      { employer: '一人', ...hidden },
      { employer: '四人', ...hidden },
      { employer: '未付', value: '0.00' },
      { employer: '百人', value: '0.00' },
    ])
    expect(await recovered({ by: ['work.county'] })).toEqual([
      { 'work.county': '530102', ...hidden },
      { 'work.county': '530103', ...hidden },
    ])
    // One and four are five: blurred, as it may be told.
    const [both] = await recovered({})
    expect(Number(both?.value) % 5_000).toBe(0)
    // Paid twice a case does not become two.
    await send('arrears', [
      reported('四人', 4, { paid: '46000.00', observedAt: at(3), workRegion: '530103' }),
    ])
    expect((await recovered({ region: '530103' }))[0]).toEqual(hidden)
    await send('arrears', [
      reported('百人', 100, { paid: '90000.00', observedAt: at(1), workRegion: '530103' }),
    ])
    expect(Number((await recovered({ region: '530103' }))[0]?.value)).toBeGreaterThan(0)
    // Nor does a short interval single out a few.
    expect((await recovered({ region: '530103', toMs: NOW - 2 * DAY_MS }))[0]).toEqual(hidden)
    const { rows } = await measures.series(
      few,
      ask('arrears.recovered', { ...over, region: '530103' }),
      'day',
    )
    expect(rows.filter(({ value }) => value !== '0.00').map(({ hidden }) => hidden)).toEqual([
      true,
      true,
      undefined,
    ])
    const asKnown = await recovered({ region: '530103', knownAtMs: Date.now() })
    expect(asKnown).toEqual(await recovered({ region: '530103' }))
  })

  it('as wages owed are where no worker is told', async () => {
    await send('arrears', [reported('无人', 0, { workRegion: '540102', owed: '300000.00' })])
    const { rows } = await measures.distribution(few, ask('arrears.owed', { region: '54' }))
    expect(rows).toEqual([{ value: null, hidden: true }])
  })
})
