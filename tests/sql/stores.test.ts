import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { everythingFor } from '#domain/scope.ts'
import { removeChanges } from '#sql/changes.ts'
import type { Params, Query } from '#sql/engine.ts'
import { renderLiterals } from '#sql/literal.ts'
import { migrate } from '#sql/migrate.ts'
import { CASE_EVIDENCE } from '#sql/queries/case-evidence.ts'
import { CASE_HOMES } from '#sql/queries/case-homes.ts'
import { DAY_RECEIPTS } from '#sql/queries/day-receipts.ts'
import { EMPLOYER_SITES } from '#sql/queries/employer-sites.ts'
import { EVIDENCE_TOTAL } from '#sql/queries/evidence-total.ts'
import { commitQueriesFor } from '#sql/queries/history.ts'
import { IDENTITIES } from '#sql/queries/identities.ts'
import { IDENTITIES_OLD_KEY } from '#sql/queries/identities-old-key.ts'
import { IDENTITIES_ON_DISK } from '#sql/queries/identities-on-disk.ts'
import { IDENTITIES_REMAINING } from '#sql/queries/identities-remaining.ts'
import { INSTANT_REPORTS } from '#sql/queries/instant-reports.ts'
import { LAST_PERIOD } from '#sql/queries/last-period.ts'
import { NEWEST_PERIODS } from '#sql/queries/newest-periods.ts'
import { NEWEST_RECEIPTS } from '#sql/queries/newest-receipts.ts'
import { OPEN_BY_CASE } from '#sql/queries/open-by-case.ts'
import { OPEN_BY_SITE, openSitesOf } from '#sql/queries/open-by-site.ts'
import { OPEN_SITES } from '#sql/queries/open-sites.ts'
import { PERIOD_RECEIPTS } from '#sql/queries/period-receipts.ts'
import { PERSON_HISTORY } from '#sql/queries/person-history.ts'
import { PERSON_OBSERVATIONS } from '#sql/queries/person-observations.ts'
import { PERSONS_BY_PHONE } from '#sql/queries/persons-by-phone.ts'
import { POINT_PLACES } from '#sql/queries/point-places.ts'
import { RECENT_RECEIPTS } from '#sql/queries/recent-receipts.ts'
import { RECENT_REPORTS } from '#sql/queries/recent-reports.ts'
import { SITE_CASES } from '#sql/queries/site-cases.ts'
import { SOURCE_RECEIPTS } from '#sql/queries/source-receipts.ts'
import { TOUCHED_CASES } from '#sql/queries/touched-cases.ts'
import { UNCOUNTED_WITHDRAWAL } from '#sql/queries/uncounted-withdrawal.ts'
import { WITHDRAWAL } from '#sql/queries/withdrawal.ts'
import { within } from '#sql/within.ts'
import { commitTo, personKey } from '../support/commit.ts'
import { startAndExit, startServer, type TestServer } from '../support/server.ts'
import { arrears, idNumber, industry, worker } from '../support/signals.ts'
import { openTestStores } from '../support/stores.ts'

const MICROS_MAX = Number.MAX_SAFE_INTEGER
const FIRST_PAGE = { afterSite: '', rows: 1_000 }
const T1 = '2026-11-02T08:00:00+08:00'
const T2 = '2026-11-05T08:00:00+08:00'
const ms = (iso: string) => Date.parse(iso)

let stores: Awaited<ReturnType<typeof openTestStores>>

beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())

const ask = (query: Query<unknown>, params: Params = {}) => stores.engine.query(query, params)

describe('named queries', () => {
  const site = 'project:430503:一号工程'
  const SITES = [site, 'employer:430503:乙公司']
  const ALL = { afterSite: '', afterCase: '', most: 9 }
  const ask1 = { keys: ['src_a/c1'], before: MICROS_MAX }
  const asks = {
    'arrears-history': () => ask(commitQueriesFor('arrears').history, ask1),
    'arrears-uncounted': () => ask(commitQueriesFor('arrears').uncounted),
    'case-evidence': () =>
      ask(within(CASE_EVIDENCE, everythingFor('a test')), { cases: ['src_a/c1'], offset: 0, limit: 1_000 }),
    'evidence-total': () => ask(within(EVIDENCE_TOTAL, everythingFor('a test')), { cases: ['src_a/c1'] }),
    'case-homes': () => ask(CASE_HOMES, { cases: ['src_a/c1'], from: 0, until: MICROS_MAX }),
    'day-receipts': () => ask(DAY_RECEIPTS, { fromMs: 0 }),
    'employer-sites': () => ask(EMPLOYER_SITES, { codes: ['91430100MA4L000000'] }),
    'industry-history': () =>
      ask(commitQueriesFor('industry').history, { keys: ['p1|'], before: MICROS_MAX }),
    'industry-uncounted': () => ask(commitQueriesFor('industry').uncounted),
    identities: () => ask(IDENTITIES, { keys: ['nobody'] }),
    'identities-old-key': () => ask(IDENTITIES_OLD_KEY, { current: 9, from: '', until: '~' }),
    'identities-on-disk': () => ask(IDENTITIES_ON_DISK, { current: 9 }),
    'identities-remaining': () => ask(IDENTITIES_REMAINING, { current: 9 }),
    'instant-reports': () => ask(INSTANT_REPORTS, { fromMs: 0 }),
    'last-period': () => ask(LAST_PERIOD, { historyKey: 'p1|', sources: ['src_b'] }),
    'period-receipts': () =>
      ask(PERIOD_RECEIPTS, { fromMs: 0, fromMonth: '2000-01', instantSuffix: '#event' }),
    'person-history': () => ask(PERSON_HISTORY, { persons: [personKey(idNumber(1))] }),
    'person-observations': () => ask(PERSON_OBSERVATIONS, { personKey: personKey(idNumber(1)) }),
    'persons-by-phone': () => ask(PERSONS_BY_PHONE, { phoneKey: 'nobody' }),
    'point-places': () => ask(POINT_PLACES, { after: 0, instantSuffix: '#event' }),
    'recent-receipts': () => ask(RECENT_RECEIPTS, { source: 'src_a' }),
    'recent-reports': () => ask(RECENT_REPORTS, { source: 'src_a' }),
    'open-sites': () => ask(OPEN_SITES, { keys: ['src_a/c1', 'src_a/c2'] }),
    'newest-periods': () => ask(NEWEST_PERIODS, { until: MICROS_MAX, instantSuffix: '#event' }),
    'newest-receipts': () => ask(NEWEST_RECEIPTS),
    'uncounted-withdrawal': () => ask(UNCOUNTED_WITHDRAWAL, { kind: 'workers' }),
    withdrawal: () => ask(WITHDRAWAL, { batch: 'b' }),
    'open-by-case': () =>
      ask(OPEN_BY_CASE, { sites: SITES, keys: [], gathering: 0, workers: 9, owed: 9e9, ...ALL }),
    'open-by-site': () => ask(OPEN_BY_SITE, { sites: SITES, ...ALL }),
    'site-cases': () => ask(SITE_CASES, { sites: [site] }),
    'source-receipts': () => ask(SOURCE_RECEIPTS, { until: MICROS_MAX }),
    'touched-cases': () => ask(TOUCHED_CASES, { after: 0, until: MICROS_MAX, ...FIRST_PAGE }),
    'workers-history': () =>
      ask(commitQueriesFor('workers').history, { keys: ['nobody'], before: MICROS_MAX }),
    'workers-uncounted': () => ask(commitQueriesFor('workers').uncounted),
  }
  const files = readdirSync(new URL('../../sql/queries/', import.meta.url))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -4))

  test('every file of sql/queries is asked here', () => {
    expect(Object.keys(asks).sort()).toEqual(files.sort())
  })

  test.each(files)('%s has no rows on an empty store', async (name) => {
    expect(await asks[name as keyof typeof asks]()).toEqual([])
  })

  describe('on a filled store', () => {
    const case1 = arrears({
      caseId: 'c1',
      project: '一号工程',
      employer: '甲公司',
      workers: 3,
      owed: '100.00',
    })

    beforeAll(async () => {
      const commit = commitTo(stores)
      await commit('arrears', [{ ...case1, observedAt: T1 }], 'src_a')
      await commit(
        'arrears',
        [
          { ...case1, observedAt: T2, status: 'processing', owed: '60.00', paid: '40.00', gathering: 7 },
          arrears({ caseId: 'c2', employer: '乙公司', observedAt: T1, workers: 2, owed: '250.00' }),
          arrears({
            caseId: 'c3',
            employer: '乙公司',
            observedAt: T1,
            status: 'settled',
            owed: '0',
            paid: '9.00',
          }),
        ],
        'src_a',
      )
      await commit('workers', [worker({ observedAt: T1 })], 'src_b')
      await commit(
        'industry',
        [industry({ pointId: 'p1', period: '2026-10', observedAt: T2, headcount: 12 })],
        'src_b',
      )
    })

    test('arrears-history: every observation of the keys, received before', async () => {
      const rows = await asks['arrears-history']()
      expect(rows).toHaveLength(2)
      expect(rows).toContainEqual(
        expect.objectContaining({
          historyKey: 'src_a/c1',
          observedMs: ms(T1),
          site,
          owedFen: 10_000,
          paidFen: 0,
          workers: 3,
        }),
      )
      expect(rows).toContainEqual(
        expect.objectContaining({
          observedMs: ms(T2),
          owedFen: 6_000,
          paidFen: 4_000,
          gathering: 7,
          status: 'processing',
        }),
      )
      const first = rows.find((row: any) => row.observedMs === ms(T1)) as { receivedMicros: number }
      const before = await ask(commitQueriesFor('arrears').history, {
        ...ask1,
        before: first.receivedMicros + 1,
      })
      expect(before).toHaveLength(1)
      expect(
        await ask(commitQueriesFor('arrears').history, { ...ask1, before: first.receivedMicros }),
      ).toEqual([])
    })

    test('workers-history and industry-history', async () => {
      const params = { keys: [personKey(idNumber(1))], before: MICROS_MAX }
      expect(await ask(commitQueriesFor('workers').history, params)).toMatchObject([
        { observedMs: ms(T1), homeRegion: '430522', workRegion: '4403', status: 'employed', source: 'src_b' },
      ])
      expect(await asks['industry-history']()).toMatchObject([
        { period: '2026-10', headcount: 12, vacancies: null, wageBillFen: 500_000_000 },
      ])
    })

    test('person-history and person-observations: what was said of a person, by whom', async () => {
      const said = {
        observedMs: ms(T1),
        homeRegion: '430522',
        workRegion: '4403',
        status: 'employed',
        source: 'src_b',
      }
      expect(await asks['person-history']()).toMatchObject([said])
      expect(await asks['person-observations']()).toMatchObject([said])
    })

    test('case-evidence: in time order', async () => {
      expect(await asks['case-evidence']()).toMatchObject([
        { caseId: 'c1', observedMs: ms(T1), owedFen: 10_000, status: 'reported' },
        { caseId: 'c1', observedMs: ms(T2), owedFen: 6_000, status: 'processing' },
      ])
      expect(await asks['evidence-total']()).toEqual([{ total: 2 }])
    })

    test('open-by-case and open-by-site: what is open as it stands, the settled case absent', async () => {
      const open = [
        {
          site: 'employer:430503:乙公司',
          cases: 1,
          workers: 2,
          owedFen: 25_000n,
          gathering: 0,
          region: '430503',
          works: ['430503'],
          homes: [],
          sector: 'E',
          sectors: ['E'],
          bySector: [],
          employer: '乙公司',
          project: '',
          status: 'reported',
          observedMs: ms(T1),
        },
        {
          site,
          cases: 1,
          workers: 3,
          owedFen: 6_000n,
          gathering: 7,
          region: '430503',
          works: ['430503'],
          homes: [],
          sector: 'E',
          sectors: ['E'],
          bySector: [],
          employer: '甲公司',
          project: '一号工程',
          status: 'processing',
          observedMs: ms(T2),
        },
      ]
      expect(openSitesOf((await asks['open-by-site']()) as never)).toEqual(open)
      const cases = open.map((one, i) => ({ ...one, caseKey: `src_a/c${2 - i}` }))
      expect(await asks['open-by-case']()).toEqual(cases)
      const least = { sites: SITES, keys: [], gathering: 8, workers: 9, owed: 9e9, ...ALL }
      const keysOf = async (over: object) =>
        (await ask(OPEN_BY_CASE, { ...least, ...over })).map((row: any) => row.caseKey)
      expect(await keysOf({})).toEqual([])
      expect(await keysOf({ gathering: 7 })).toEqual(['src_a/c1'])
      expect(await keysOf({ workers: 3 })).toEqual(['src_a/c1'])
      expect(await keysOf({ owed: 25_000 })).toEqual(['src_a/c2'])
      expect(await keysOf({ keys: ['src_a/c2', 'nobody'] })).toEqual(['src_a/c2'])
    })

    test('open-sites, site-cases and touched-cases', async () => {
      expect(await asks['open-sites']()).toEqual([{ site: 'employer:430503:乙公司' }, { site }])
      expect(await asks['site-cases']()).toEqual([{ caseKey: 'src_a/c1' }])
      expect(await asks['touched-cases']()).toEqual([
        { site: 'employer:430503:乙公司', caseKey: 'src_a/c2' },
        { site: 'employer:430503:乙公司', caseKey: 'src_a/c3' },
        { site, caseKey: 'src_a/c1' },
      ])
      const page = (afterSite: string) =>
        ask(TOUCHED_CASES, { after: 0, until: MICROS_MAX, afterSite, rows: 1 })
      expect(await page('')).toMatchObject([{ caseKey: 'src_a/c2' }, { caseKey: 'src_a/c3' }])
      expect(await page('employer:430503:乙公司')).toEqual([{ site, caseKey: 'src_a/c1' }])
      expect(await page(site)).toEqual([])
      const [{ knownAtMicros }] = (await asks['newest-receipts']()) as [{ knownAtMicros: number }]
      expect(await ask(TOUCHED_CASES, { after: knownAtMicros, until: MICROS_MAX, ...FIRST_PAGE })).toEqual([])
      expect(await ask(TOUCHED_CASES, { after: 0, until: knownAtMicros - 1, ...FIRST_PAGE })).toEqual([
        { site, caseKey: 'src_a/c1' },
      ])
    })

    test('touched-cases: a site is whole, however many blocks of the engine its cases fill', async () => {
      const after = 4_000_000_000_000_000
      const micros = after + 1
      try {
        await stores.engine.command(
          `INSERT INTO arrears_changes_v1 (knownAt, site, historyKey)
           SELECT fromUnixTimestamp64Micro(${micros}), if(number < 70000, 'a', 'b'), toString(number) FROM numbers(70010)`,
        )
        const page = { after, until: micros, afterSite: '', rows: 2_000 }
        expect(await ask(TOUCHED_CASES, page)).toHaveLength(70_000)
        expect(await ask(TOUCHED_CASES, { ...page, afterSite: 'a' })).toHaveLength(10)
      } finally {
        await removeChanges(stores.engine, 'arrears_changes_v1', micros)
      }
    })

    test('newest-receipts and source-receipts', async () => {
      expect(await asks['newest-receipts']()).toEqual([
        { kind: 'arrears', knownAtMicros: expect.any(Number), lastMinute: 4 },
        { kind: 'industry', knownAtMicros: expect.any(Number), lastMinute: 1 },
        { kind: 'workers', knownAtMicros: expect.any(Number), lastMinute: 1 },
      ])
      expect(await asks['source-receipts']()).toEqual([
        { source: 'src_a', newestMs: ms(T2), receivedMs: expect.any(Number), observationCount: 4 },
        { source: 'src_b', newestMs: ms(T2), receivedMs: expect.any(Number), observationCount: 2 },
      ])
    })

    test('…-uncounted: nothing in a sound store; without its receipt, the oldest commit, whole and in order', async () => {
      for (const kind of ['arrears', 'workers', 'industry'] as const)
        expect(await asks[`${kind}-uncounted`]()).toEqual([])
      const [{ knownAtMicros }] = (await asks['newest-receipts']()) as [{ knownAtMicros: number }]
      const keys = async () =>
        (await asks['arrears-uncounted']()).map((row: any) => [row.ordinal, row.historyKey])
      const forget = (where: string) =>
        stores.engine.command(
          `ALTER TABLE source_receipts_v1 DELETE WHERE kind = 'arrears' AND ${where} SETTINGS mutations_sync = 1`,
        )
      await forget(`toUnixTimestamp64Micro(receivedAt) = ${knownAtMicros}`)
      expect(await keys()).toEqual([
        [0, 'src_a/c1'],
        [1, 'src_a/c2'],
        [2, 'src_a/c3'],
      ])
      await forget('1')
      expect(await keys()).toEqual([[0, 'src_a/c1']])
    })
  })
})

describe('a value written into a statement comes back unchanged', () => {
  /** Texts made of what a literal could trip over, and of anything at all. */
  const tricky = fc
    .array(
      fc.constantFrom(
        "'",
        '"',
        '`',
        '\\',
        '\\n',
        '\\0',
        '\0',
        '\n',
        '\r',
        '\t',
        '{x:String}',
        '$&',
        '--',
        '/*',
        '*/',
        ';',
        '%',
        '长沙市',
        '𠮷',
        '👷‍♀️',
        '\u2028',
        '\ufeff',
        "'; DROP TABLE t; --",
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''))
  const anything = fc.oneof(
    tricky,
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
  )

  const one = {
    name: 'one',
    sql: 'SELECT {x:String} AS x, length({x:String}) AS bytes',
    row: z.object({ x: z.string(), bytes: z.coerce.number() }),
    unscoped: 'a test',
  }
  const many = {
    name: 'many',
    sql: 'SELECT {xs:Array(String)} AS xs',
    row: z.object({ xs: z.array(z.string()) }),
    unscoped: 'a test',
  }

  test('strings', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (x) => {
        expect(await ask(one, { x })).toEqual([{ x, bytes: Buffer.byteLength(x) }])
      }),
      { numRuns: 200 },
    )
  })

  test('arrays of strings', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 60 }), async (xs) => {
        expect(await ask(many, { xs })).toEqual([{ xs }])
      }),
      { numRuns: 60 },
    )
  })

  test('integers to the last digit', async () => {
    const integer = {
      name: 'integer',
      sql: 'SELECT toString({n:Int64}) AS n',
      row: z.object({ n: z.string() }),
      unscoped: 'a test',
    }
    for (const n of [0, -1, Number.MAX_SAFE_INTEGER, 9_223_372_036_854_775_807n, -9_223_372_036_854_775_807n])
      expect(await ask(integer, { n })).toEqual([{ n: String(n) }])
  })

  test('a missing, unused or ill-typed value is refused before the engine sees it', () => {
    expect(() => renderLiterals('SELECT {x:String}', {})).toThrow('query parameter x is missing')
    expect(() => renderLiterals('SELECT 1', { x: 'a' })).toThrow('no place for x')
    expect(() => renderLiterals('SELECT {x:Int64}', { x: '1; DROP' })).toThrow('x is not a Int64')
    expect(() => renderLiterals('SELECT {x:Int64}', { x: 1.5 })).toThrow('x is not a Int64')
    expect(() => renderLiterals('SELECT {x:String}', { x: 1 })).toThrow('x is not a String')
    expect(() => renderLiterals('SELECT {x:Float64}', { x: 1 })).toThrow('x is not a Float64')
  })
})

describe('migrations', () => {
  test('run once: migrating again changes nothing', async () => {
    const applied = () => stores.postgres.query('SELECT name, "appliedAt" FROM migrations ORDER BY name')
    const before = await applied()
    expect(before.length).toBeGreaterThanOrEqual(4)
    await migrate(stores.engine, stores.postgres)
    expect(await applied()).toEqual(before)
    const twice = {
      name: 'twice',
      sql: 'SELECT name FROM migrations GROUP BY name HAVING count() > 1',
      row: z.object({ name: z.string() }),
      unscoped: 'a test',
    }
    expect(await ask(twice)).toEqual([])
  })

  test('of an installation from before: numbers of persons in titles that were kept are masked', async () => {
    const { postgres } = stores
    const titles = ['序号 20260131', '联系 139\u300000112233', `${idNumber(3)} "x"`]
    const columns = { [titles[0] ?? '']: 'owed', [titles[1] ?? '']: null }
    const faults = [
      { path: titles[1], code: 'unknown_field' },
      { path: 'workers', code: 'too_large', detail: '9007199254740991' },
    ]
    await postgres.query(`INSERT INTO sources (id, name, kinds, region) VALUES ('s', 's', '{arrears}', '')`)
    await postgres.query(
      `INSERT INTO batches (id, source, kind, mode, received, accepted, unchanged, rejected, columns)
       VALUES ('old', 's', 'arrears', 'commit', 1, 0, 0, 1, $1)`,
      [JSON.stringify(titles.map((title) => ({ title, field: null, how: 'unknown' })))],
    )
    await postgres.query(`INSERT INTO rejected_rows (batch, row, sealed, faults) VALUES ('old', 1, '', $1)`, [
      JSON.stringify(faults),
    ])
    await postgres.query(
      `INSERT INTO column_mappings (source, kind, fingerprint, titles, columns) VALUES ('s', 'arrears', 'f', $1, $2)`,
      [JSON.stringify(titles), JSON.stringify(columns)],
    )
    await postgres.query(
      `INSERT INTO uploads (batch, place, body, options, "isAsync", state, pass, "bytesTotal")
       VALUES ('old', '', '{}', $1, true, 'done', 'take', 1)`,
      [JSON.stringify({ atomic: 'row', sheet: null, columns })],
    )
    await postgres.query(`DELETE FROM migrations WHERE name = '0028_masked_titles.sql'`)
    await migrate(stores.engine, postgres)
    const masked = ['序号 20260131', '联系 139****', `${idNumber(3).slice(0, 3)}**** "x"`]
    const said = { [masked[0] ?? '']: 'owed', [masked[1] ?? '']: null }
    expect(
      await postgres.query(
        `SELECT b.columns, r.faults, m.titles, m.columns AS said, u.options
         FROM batches b JOIN rejected_rows r ON r.batch = b.id JOIN uploads u ON u.batch = b.id JOIN column_mappings m ON m.source = b.source`,
      ),
    ).toEqual([
      {
        columns: masked.map((title) => ({ title, field: null, how: 'unknown' })),
        faults: [{ ...faults[0], path: masked[1] }, faults[1]],
        titles: masked,
        said,
        options: { atomic: 'row', sheet: null, columns: said },
      },
    ])
    await postgres.query(`DELETE FROM batches WHERE id = 'old'`)
    await postgres.query(`DELETE FROM sources WHERE id = 's'`)
  })

  test('of an installation from before: numbers of persons in notes and reasons that were kept are masked', async () => {
    const { postgres } = stores
    const [said, masked] = [
      `本人 ${idNumber(3)}，139 0011 2233，2026-01-31`,
      '本人 430****，139****，2026-01-31',
    ]
    await postgres.query(`INSERT INTO sources (id, name, kinds, region) VALUES ('s', 's', '{arrears}', '')`)
    await postgres.query(
      `INSERT INTO batches (id, source, kind, mode, received, accepted, unchanged, rejected) VALUES ('old', 's', 'arrears', 'commit', 1, 0, 0, 1)`,
    )
    await postgres.query(
      `INSERT INTO alerts (id, rule, "group", tier, state, region, "changedAt", seq, body) VALUES ('old', 'r', 'g', 'red', 'open', '', now(), 1, '{}')`,
    )
    for (const [into, values] of [
      [`rejected_rows (batch, row, sealed, faults, reason)`, `'old', 1, '', '[]', $1`],
      [`withdrawals (batch, "by", reason)`, `'old', 'x', $1`],
      [`locks (kind, region, "before", "by", reason)`, `'arrears', '', now(), 'x', $1`],
      [`lock_exceptions (kind, region, source, reason)`, `'arrears', '', 's', $1`],
      [`alert_log (seq, at, change, "alertId", body, note)`, `1000000, now(), 'commented', 'old', '{}', $1`],
    ])
      await postgres.query(`INSERT INTO ${into} VALUES (${values})`, [said])
    await postgres.query(`DELETE FROM migrations WHERE name = '0030_masked_reasons.sql'`)
    await migrate(stores.engine, postgres)
    const kept = await postgres.query(
      `SELECT reason FROM rejected_rows UNION ALL SELECT reason FROM withdrawals UNION ALL SELECT reason FROM locks
       UNION ALL SELECT reason FROM lock_exceptions UNION ALL SELECT note FROM alert_log WHERE seq = 1000000`,
    )
    expect(kept).toEqual(Array.from({ length: 5 }, () => ({ reason: masked })))
    for (const table of ['alert_log', 'alerts', 'locks', 'withdrawals', 'batches', 'sources'])
      await postgres.query(`DELETE FROM ${table}`)
  })

  test('one that this release does not know is of a newer one, whose stores are left as they are, in either store', async () => {
    const newer = { code: 'migration_newer', message: expect.stringContaining('9999_newer.sql') }
    await stores.postgres.query(`INSERT INTO migrations (name, checksum) VALUES ('9999_newer.sql', 'x')`)
    await expect(migrate(stores.engine, stores.postgres)).rejects.toMatchObject(newer)
    await stores.postgres.query(`DELETE FROM migrations WHERE name = '9999_newer.sql'`)
    await stores.engine.command(`INSERT INTO migrations (name, checksum) VALUES ('9999_newer.sql', 'x')`)
    await expect(migrate(stores.engine, stores.postgres)).rejects.toMatchObject(newer)
    await stores.engine.command(`DELETE FROM migrations WHERE name = '9999_newer.sql'`)
    await migrate(stores.engine, stores.postgres)
  })

  test('one that was edited after it ran is refused by its name, in either store', async () => {
    const set = (checksum: string) =>
      stores.postgres.query(
        `UPDATE migrations SET checksum = $1 WHERE name = '0002_sources.sql' RETURNING checksum`,
        [checksum],
      )
    const [{ checksum }] = (await stores.postgres.query(
      `SELECT checksum FROM migrations WHERE name = '0002_sources.sql'`,
    )) as [{ checksum: string }]
    await set('other')
    await expect(migrate(stores.engine, stores.postgres)).rejects.toMatchObject({
      code: 'migration_edited',
      message: expect.stringContaining('sql/postgres/0002_sources.sql was edited'),
    })
    await set(checksum)
    await migrate(stores.engine, stores.postgres)
    await stores.engine.command(
      `ALTER TABLE migrations UPDATE checksum = 'other' WHERE name = '0005_arrears_changes.sql' SETTINGS mutations_sync = 1`,
    )
    await expect(migrate(stores.engine, stores.postgres)).rejects.toMatchObject({
      code: 'migration_edited',
      message: expect.stringContaining('sql/clickhouse/0005_arrears_changes.sql was edited'),
    })
  })
})

describe('a database without room', () => {
  const fail = (state: string) => `DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '${state}'; END $$`

  test.each(['53100', '57P03', '58030', '08006'])(
    '%s is a store that is away, alone and in a transaction',
    async (state) => {
      const away = { code: 'store_away', retryAfterS: 5 }
      await expect(stores.postgres.query(fail(state))).rejects.toMatchObject(away)
      await expect(stores.postgres.transaction((sql) => sql.query(fail(state)))).rejects.toMatchObject(away)
    },
  )

  test('a wrong statement, and a fault of the work in a transaction, are what they are', async () => {
    await expect(stores.postgres.query('SELECT nothing')).rejects.toMatchObject({ code: '42703' })
    const fault = new Error('of the work')
    await expect(stores.postgres.transaction(() => Promise.reject(fault))).rejects.toBe(fault)
    expect(await stores.postgres.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

describe('one directory, one process', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())
  const lock = () => join(server.dataDir, 'lock')

  test('a second one is refused with one line that says who has it, and ends; the first works on', async () => {
    const { code, output } = await startAndExit({ DATA_DIR: server.dataDir, PORT: '0' })
    expect(code).toBe(1)
    expect(output).toBe(
      `xiangrong cannot start: ${server.dataDir} is in use by process ${server.process.pid}: stop it, or set DATA_DIR to another directory\n`,
    )
    expect((await server.get('/readyz')).status).toBe('ready')
    expect(readFileSync(lock(), 'utf8').split(' ')[0]).toBe(String(server.process.pid))
  })

  test('the lock of a killed process is taken over', async () => {
    const dead = server.process.pid
    await server.killAndRestart()
    expect(server.process.pid).not.toBe(dead)
    expect(readFileSync(lock(), 'utf8').split(' ')[0]).toBe(String(server.process.pid))
  })

  test('a lock that is damaged, or names another process that now has the number, is taken over', async () => {
    const sleeper = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])
    try {
      for (const text of ['', 'garbage', `${sleeper.pid} 1`]) {
        await server.kill()
        writeFileSync(lock(), text)
        await server.restart()
        expect((await server.get('/readyz')).status).toBe('ready')
      }
    } finally {
      sleeper.kill()
    }
  })

  test('an orderly stop leaves no lock', async () => {
    server.process.kill('SIGTERM')
    await expect.poll(() => server.process.exitCode, { timeout: 10_000 }).toBe(0)
    expect(readdirSync(server.dataDir)).not.toContain('lock')
  })
})
