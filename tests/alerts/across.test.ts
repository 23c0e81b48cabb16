import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { everythingFor } from '#domain/scope.ts'
import { DAY_MS } from '#domain/time.ts'
import { migrate } from '#sql/migrate.ts'
import type { Open } from '#sql/queries/open-by-site.ts'
import { rebuildRollups } from '#sql/rollups.ts'
import { acrossSitesOf } from '../../api/alerts/across.ts'
import { Dispatcher } from '../../api/alerts/dispatch.ts'
import { evaluate } from '../../api/alerts/evaluate.ts'
import { readLog, readOpenAlerts } from '../../api/alerts/log.ts'
import { DEFAULT_RULES } from '../../api/alerts/rules.ts'
import { logFaults } from '../support/alert-log.ts'
import { type Commit, commitTo } from '../support/commit.ts'
import { employerCode } from '../support/employers.ts'
import { arrears } from '../support/signals.ts'
import { openTestStores } from '../support/stores.ts'

const CODE = employerCode(1)
const whole = everythingFor('a test')

describe('what one employer owes in several counties', () => {
  const open = (region: string, yuan: number, over: Partial<Open> = {}): Open => ({
    site: `employer:${CODE}:${region}`,
    cases: 1,
    workers: 3,
    owedFen: BigInt(yuan * 100),
    gathering: 2,
    region: `${region}001`,
    works: [`${region}001`],
    homes: ['430522'],
    sector: 'E',
    sectors: [over.sector ?? 'E'],
    bySector: [],
    employer: `甲公司 ${region}`,
    project: '',
    status: 'reported',
    observedMs: yuan,
    ...over,
  })
  const sums = (...sites: Open[]) =>
    acrossSitesOf(sites).map((one) => [one.open.site, Number(one.open.owedFen) / 100, one.parts.length])

  test('adds up in the smallest region that holds all, and once more where cities add up', () => {
    expect(sums(open('430503', 10))).toEqual([])
    expect(sums(open('430503', 10), open('430502', 20))).toEqual([[`employer:${CODE}:across:4305`, 30, 2]])
    expect(sums(open('430503', 10), open('430121', 20))).toEqual([[`employer:${CODE}:across:43`, 30, 2]])
    expect(sums(open('430503', 10), open('430502', 20), open('430121', 40))).toEqual([
      [`employer:${CODE}:across:4305`, 30, 2],
      [`employer:${CODE}:across:43`, 70, 2],
    ])
    expect(sums(open('4305', 1), open('430502', 2), open('43', 4))).toEqual([
      [`employer:${CODE}:across:4305`, 3, 2],
      [`employer:${CODE}:across:43`, 7, 2],
    ])
  })

  test('is not added up over employers, over names without a code, over projects, or over provinces', () => {
    const other = open('430502', 20, { site: `employer:${employerCode(2)}:430502` })
    const named = open('430121', 20, { site: 'employer:430121:甲公司' })
    const project = open('430922', 20, { site: 'project:430922:一号工程' })
    expect(sums(open('430503', 10), other, named, project, open('440306', 10))).toEqual([])
  })

  test('is told with the sums of all, and the names of the place that owes most', () => {
    const [across] = acrossSitesOf([open('430503', 10), open('430502', 20, { sector: 'C' })])
    expect(across?.open).toEqual({
      site: `employer:${CODE}:across:4305`,
      cases: 2,
      workers: 6,
      owedFen: 30_00n,
      gathering: 4,
      region: '4305',
      works: ['4305'],
      homes: [],
      sector: 'C',
      sectors: ['C', 'E'],
      bySector: [],
      employer: '甲公司 430502',
      project: '',
      status: 'reported',
      observedMs: 20,
    })
  })

  test('is worth a tier only above those of its parts, whichever they are', () => {
    const tiers = (...sites: Open[]) =>
      evaluate(DEFAULT_RULES, sites, []).flatMap(({ group, tier }) =>
        group.includes(':across:') ? [[group.split(':').at(-1), tier]] : [],
      )
    expect(tiers(open('430503', 30_000), open('430502', 19_999))).toEqual([['4305', null]])
    expect(tiers(open('430503', 30_000), open('430502', 20_000))).toEqual([['4305', 'yellow']])
    expect(tiers(open('430503', 50_000), open('430502', 20_000))).toEqual([['4305', null]])
    expect(tiers(open('430503', 150_000), open('430502', 150_000))).toEqual([['4305', 'orange']])
    const city = [open('430503', 150_000), open('430502', 150_000)]
    expect(tiers(...city, open('430121', 199_999))).toEqual([
      ['4305', 'orange'],
      ['43', null],
    ])
    expect(tiers(...city, open('430121', 200_000)).at(-1)).toEqual(['43', 'red'])
  })
})

describe('from committed signals', () => {
  let stores: Awaited<ReturnType<typeof openTestStores>>
  let commit: Commit
  let dispatcher: Dispatcher
  let seq = 0
  let minutes = 0
  beforeAll(async () => {
    stores = await openTestStores()
    commit = commitTo(stores)
    dispatcher = new Dispatcher({
      engine: stores.engine,
      postgres: stores.postgres,
      counted: () => undefined,
      failed: (error) => {
        throw error
      },
    })
  })
  afterAll(() => stores.close())

  const told = async (): Promise<string[]> => {
    const entries = await readLog(stores.postgres, whole, seq, 100)
    seq = entries.at(-1)?.seq ?? seq
    return entries.map(({ change, alert }) => `${alert.region} ${change} ${alert.tier} ${alert.value}`).sort()
  }
  const owes = async (caseId: string, workRegion: string, owed: string, over: object = {}) => {
    const observedAt = new Date(Date.now() - DAY_MS + ++minutes * 60_000).toISOString()
    await commit('arrears', [arrears({ caseId, workRegion, owed, employerCode: CODE, observedAt, ...over })])
    await dispatcher.round(Date.now())
    return await told()
  }

  test('every county has its own sum, and what is more than each is told where all is seen', async () => {
    expect(await owes('a1', '430503', '40000')).toEqual([])
    expect(await owes('b1', '430502', '9999.99')).toEqual([])
    expect(await owes('b2', '430502', '0.01')).toEqual(['4305 opened yellow 50000.00'])
    // Of another city: only the province sees both, and the city knows already that it is yellow.
    expect(await owes('c1', '430121', '60000')).toEqual(['430121 opened yellow 60000.00'])
    expect(await owes('c2', '430121', '90000')).toEqual([
      '43 opened orange 200000.00',
      '430121 updated yellow 150000.00',
    ])
    // Now one county says what the city said, which is thereby over.
    expect(await owes('a2', '430503', '10000')).toEqual([
      '43 updated orange 210000.00',
      '4305 resolved yellow 60000.00',
      '430503 opened yellow 50000.00',
    ])
    expect(await owes('a2', '430503', '10000', { status: 'settled' })).toEqual([
      '43 updated orange 200000.00',
      '4305 opened yellow 50000.00',
      '430503 resolved yellow 40000.00',
    ])
  })

  test('a case that moves to another county takes its sum along', async () => {
    expect(await owes('c2', '430502', '90000')).toEqual([
      '43 updated orange 200000.00',
      '430121 updated yellow 60000.00',
      '4305 resolved yellow 140000.00',
      '430502 opened yellow 100000.00',
    ])
  })

  test('cases of several townships are told where all are seen, those of one there', async () => {
    expect(await owes('t1', '430922103', '60000', { employerCode: employerCode(3) })).toEqual([
      '430922103 opened yellow 60000.00',
    ])
    const homeRegions = [{ region: '430522', workers: 3 }]
    const other = { employerCode: employerCode(3), sector: 'C', homeRegions }
    expect(await owes('t2', '430922101', '10000', other)).toEqual(['430922 updated yellow 70000.00'])
    const { alerts } = await readOpenAlerts(stores.postgres, whole)
    expect(alerts.find(({ region }) => region === '430922')).toMatchObject({
      workRegions: ['430922101', '430922103'],
      homeRegions: ['430522'],
      sector: 'E',
      sectors: ['C', 'E'],
      bySector: [
        { sector: 'C', workRegions: ['430922101'], homeRegions: ['430522'] },
        { sector: 'E', workRegions: ['430922103'], homeRegions: [] },
      ],
    })
  })

  test('settled everywhere, nothing stays open', async () => {
    const cases = { a1: '430503', b1: '430502', b2: '430502', c1: '430121', c2: '430502' }
    for (const [caseId, region] of Object.entries(cases))
      await owes(caseId, region, '0', { status: 'settled' })
    const { alerts } = await readOpenAlerts(stores.postgres, whole)
    expect(alerts.map(({ region }) => region)).toEqual(['430922'])
    const entries = await readLog(stores.postgres, whole, 0, 1000)
    expect(entries.length).toBeGreaterThan(20)
    expect(logFaults(entries)).toEqual([])
  })

  test('an installation from before is counted and judged county by county from its next start on', async () => {
    await owes('old1', '430503', '120000', { employerCode: employerCode(9) })
    await owes('old2', '430502', '80000', { employerCode: employerCode(9) })
    const { engine, postgres } = stores
    const group = `employer:${employerCode(9)}`
    // As it stood then: one site and one alert over all counties, in the county that owed most.
    await engine.command(
      `ALTER TABLE arrears_changes_v1 UPDATE site = '${group}' WHERE startsWith(site, '${group}:') SETTINGS mutations_sync = 2`,
    )
    await rebuildRollups(engine, 'arrears_changes_v1')
    await engine.command(
      `ALTER TABLE migrations DELETE WHERE name = '0012_sites_by_county.sql' SETTINGS mutations_sync = 2`,
    )
    const [kept] = (await readOpenAlerts(postgres, whole)).alerts.filter((one) => one.region === '430503')
    await postgres.query(`DELETE FROM migrations WHERE name = '0021_alerts_by_county.sql'`)
    await postgres.query(
      `UPDATE alerts SET "group" = $1, body = body || jsonb_build_object('group', $1::text) WHERE id = $2`,
      [group, kept?.id],
    )
    await postgres.query(
      `UPDATE alert_log SET body = body || jsonb_build_object('group', $1::text) WHERE "alertId" = $2`,
      [group, kept?.id],
    )
    await postgres.query(
      `DELETE FROM alert_log WHERE "alertId" IN (SELECT id FROM alerts WHERE "group" LIKE $1)`,
      [`${group}:%`],
    )
    await postgres.query(`DELETE FROM alerts WHERE "group" LIKE $1`, [`${group}:%`])
    const before = seq

    await migrate(engine, postgres)
    const [resolved] = await readLog(postgres, whole, before, 100)
    expect(resolved).toMatchObject({
      seq: before + 1,
      change: 'resolved',
      by: null,
      note: expect.stringContaining('按县区'),
      alert: { id: kept?.id, group, state: 'resolved' },
    })
    expect(resolved?.alert.resolvedAt).toBe(resolved?.alert.changedAt)
    expect(Math.abs(Date.parse(resolved?.alert.resolvedAt ?? '') - Date.now())).toBeLessThan(60_000)
    seq = before + 1
    await dispatcher.round(Date.now())
    expect(await told()).toEqual([
      '4305 opened orange 200000.00',
      '430502 opened yellow 80000.00',
      '430503 opened yellow 120000.00',
    ])
    // What was counted before and what comes now are of one site.
    expect(await owes('old1', '430503', '0', { employerCode: employerCode(9), status: 'settled' })).toEqual([
      '4305 resolved orange 200000.00',
      '430503 resolved yellow 120000.00',
    ])
    await migrate(engine, postgres)
    expect(await told()).toEqual([])
  })
})
