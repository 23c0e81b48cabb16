import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Alert, AlertChange } from '#domain/alert.ts'
import type { Rule } from '#domain/rule.ts'
import { everythingFor } from '#domain/scope.ts'
import { DAY_MS, toShanghaiIso } from '#domain/time.ts'
import type { PgRow, Sql } from '#sql/postgres.ts'
import type { OpenCase } from '#sql/queries/open-by-case.ts'
import { advance, type Transition } from '../../api/alerts/advance.ts'
import { Dispatcher } from '../../api/alerts/dispatch.ts'
import { evaluate, type Finding, leastOf, thresholdsOf } from '../../api/alerts/evaluate.ts'
import { group } from '../../api/alerts/group.ts'
import { appendLog, readLastSeq, readLog, readLogSince, readOpenAlerts } from '../../api/alerts/log.ts'
import { notifyReason } from '../../api/alerts/notify-reason.ts'
import { DEFAULT_RULES } from '../../api/alerts/rules.ts'
import { suppress } from '../../api/alerts/suppress.ts'
import { logFaults } from '../support/alert-log.ts'
import { type Commit, commitTo } from '../support/commit.ts'
import { arrears } from '../support/signals.ts'
import { openTestStores } from '../support/stores.ts'

const NOW = Date.now()
const SITE = 'project:430503:一号工程'
const [D14, D15] = DEFAULT_RULES as [Rule, Rule]

const openCase = (over: Partial<OpenCase> = {}): OpenCase => ({
  site: SITE,
  caseKey: 'src/c1',
  cases: 1,
  workers: 3,
  owedFen: 100_00n,
  gathering: 0,
  region: '430503',
  works: ['430503'],
  homes: ['430522'],
  sector: 'E',
  sectors: ['E'],
  bySector: [],
  employer: '甲公司',
  project: '一号工程',
  status: 'reported',
  observedMs: NOW - DAY_MS,
  ...over,
})

/** What rule D15 finds of one site that owes so many yuan. */
const owing = (yuan: number, over: Partial<OpenCase> = {}): Finding => {
  const [finding] = evaluate([D15], [openCase({ owedFen: BigInt(yuan * 100), ...over })], [])
  if (!finding) throw new Error('nothing was found')
  return finding
}
const opened = (yuan: number): Alert => {
  const transition = advance(null, owing(yuan), NOW)
  if (!transition) throw new Error('nothing opened')
  return transition.alert
}

describe('evaluate', () => {
  test.each([
    [D14, 'gathering', 4, null],
    [D14, 'gathering', 5, 'yellow'],
    [D14, 'gathering', 9, 'yellow'],
    [D14, 'gathering', 10, 'orange'],
    [D14, 'gathering', 29, 'orange'],
    [D14, 'gathering', 30, 'red'],
    [D15, 'owedFen', 49_999_99, null],
    [D15, 'owedFen', 50_000_00, 'yellow'],
    [D15, 'owedFen', 199_999_99, 'yellow'],
    [D15, 'owedFen', 200_000_00, 'orange'],
    [D15, 'owedFen', 499_999_99, 'orange'],
    [D15, 'owedFen', 500_000_00, 'red'],
  ])('$id: a tier begins exactly at its threshold (%#)', (rule, column, amount, tier) => {
    const open = [openCase({ [column]: column === 'owedFen' ? BigInt(amount) : amount })]
    const findings = evaluate([rule], open, open)
    expect(findings.map((finding) => [finding.value, finding.tier])).toEqual([[BigInt(amount), tier]])
  })

  test('a rule by site looks at sites, one by case at cases, a disabled one at nothing', () => {
    const sites = [
      openCase({ owedFen: 50_000_00n, gathering: 12, workers: 6 }),
      openCase({ owedFen: 1_00n, site: 'employer:x' }),
    ]
    const cases = ['a', 'b'].map((caseKey) => openCase({ caseKey, owedFen: 25_000_00n, gathering: 6 }))
    const seen = (rules: Rule[]) =>
      evaluate(rules, sites, cases).map(({ group: name, value, tier }) => [name, value, tier])
    expect(seen([D15])).toEqual([
      [SITE, 50_000_00n, 'yellow'],
      ['employer:x', 1_00n, null],
    ])
    expect(seen([D14])).toEqual([
      ['a', 6n, 'yellow'],
      ['b', 6n, 'yellow'],
    ])
    expect(seen([{ ...D15, isEnabled: false }])).toEqual([])
    expect(evaluate([{ ...D15, value: 'workers', from: { blue: '6' } }], sites, cases)[0]).toMatchObject({
      value: 6n,
      tier: 'blue',
    })
  })

  test('cases are looked at from the lowest tier of any rule about them on', () => {
    const never = 9_223_372_036_854_775_807n
    expect(leastOf([D14, D15])).toEqual({ gathering: 5n, workers: never, owed: never })
    const byCase: Rule = { ...D15, groupBy: 'case' }
    expect(leastOf([byCase, { ...byCase, from: { red: '10.00' } }])).toMatchObject({ owed: 10_00n })
    expect(leastOf([{ ...D14, isEnabled: false }])).toMatchObject({ gathering: never })
  })

  test('a threshold that is no number of its unit is an error that names the rule', () => {
    expect(() => thresholdsOf({ ...D15, from: { red: '5万' } })).toThrow('rule D15: threshold 5万')
    expect(() => thresholdsOf({ ...D14, from: { red: '5.5' } })).toThrow('rule D14: threshold 5.5')
  })
})

describe('advance', () => {
  const change = (open: Alert | null, finding: Finding | null) => advance(open, finding, NOW + 1)

  test('nothing open and nothing found, or nothing worth a tier, stays nothing', () => {
    expect(change(null, null)).toBeNull()
    expect(change(null, owing(49_999))).toBeNull()
  })

  test('a tier that is reached opens an alert with its facts', () => {
    expect(advance(null, owing(60_000), NOW)).toMatchObject({
      change: 'opened',
      alert: {
        rule: 'D15',
        ruleVersion: 1,
        group: SITE,
        tier: 'yellow',
        state: 'open',
        value: '60000.00',
        unit: 'yuan',
        cases: 1,
        workers: 3,
        owed: '60000.00',
        region: '430503',
        employer: '甲公司',
        since: toShanghaiIso(NOW - DAY_MS),
        openedAt: toShanghaiIso(NOW),
        changedAt: toShanghaiIso(NOW),
        resolvedAt: null,
        acknowledgedBy: null,
      },
    })
  })

  test('the same again changes nothing', () => {
    expect(change(opened(60_000), owing(60_000))).toBeNull()
  })

  test('the same again, said for the first time which places are of which sector, is an update', () => {
    const bySector = ['C', 'E'].map((sector) => ({
      sector,
      workRegions: ['430503'],
      homeRegions: ['430522'],
    }))
    const found = owing(60_000, { bySector })
    const transition = change(opened(60_000), found)
    expect(transition).toMatchObject({ change: 'updated', alert: { bySector } })
    expect(change(transition?.alert ?? null, found)).toBeNull()
  })

  test('a value that moves inside its tier is an update, and stays whose it is', () => {
    const taken: Alert = { ...opened(60_000), state: 'acknowledged', acknowledgedBy: 'li' }
    expect(change(taken, owing(70_000))).toMatchObject({
      change: 'updated',
      alert: {
        id: taken.id,
        value: '70000.00',
        tier: 'yellow',
        state: 'acknowledged',
        acknowledgedBy: 'li',
        openedAt: taken.openedAt,
      },
    })
  })

  test('a rise has to be taken again, a fall has not', () => {
    const taken: Alert = { ...opened(250_000), state: 'acknowledged', acknowledgedBy: 'li' }
    expect(change(taken, owing(500_000))).toMatchObject({
      change: 'raised',
      alert: { tier: 'red', state: 'open', acknowledgedBy: null },
    })
    expect(change(taken, owing(60_000))).toMatchObject({
      change: 'lowered',
      alert: { tier: 'yellow', state: 'acknowledged', acknowledgedBy: 'li' },
    })
  })

  test('what reaches another county has to be taken there, what reaches another township has not', () => {
    const taken: Alert = { ...opened(60_000), state: 'acknowledged', acknowledgedBy: 'li' }
    expect(change(taken, owing(60_000, { works: ['430503', '430502'] }))).toMatchObject({
      change: 'moved',
      alert: { id: taken.id, state: 'open', acknowledgedBy: null, workRegions: ['430503', '430502'] },
    })
    expect(change(taken, owing(60_000, { works: ['430503001'] }))).toMatchObject({
      change: 'updated',
      alert: { state: 'acknowledged', acknowledgedBy: 'li' },
    })
  })

  test('below every tier, or with nothing open any more, it is resolved; true again, it is another alert', () => {
    const alert = opened(60_000)
    expect(change(alert, owing(40_000))).toMatchObject({
      change: 'resolved',
      alert: { id: alert.id, state: 'resolved', value: '40000.00' },
    })
    expect(change(alert, null)).toMatchObject({
      change: 'resolved',
      alert: { state: 'resolved', value: '60000.00', resolvedAt: toShanghaiIso(NOW + 1) },
    })
    expect(change(null, owing(60_000))?.alert.id).not.toBe(alert.id)
  })
})

describe('group, suppress and notify-reason', () => {
  const step = (
    kind: AlertChange,
    tier: Alert['tier'],
    over: Partial<Alert> = {},
    finding: Finding | null = owing(60_000),
  ): Transition => ({
    change: kind,
    finding,
    alert: { ...opened(60_000), tier, ...over },
  })
  const reasons = (transitions: Transition[]) =>
    group(transitions).flatMap((incident) =>
      incident.transitions.map((one) => notifyReason(one, suppress(one, incident))),
    )

  test('what happens at one site is one incident', () => {
    const elsewhere = step('opened', 'red', {}, owing(60_000, { site: 'employer:x' }))
    const incidents = group([
      step('opened', 'red', { rule: 'D14', group: 'src/c1' }),
      elsewhere,
      step('raised', 'orange'),
    ])
    expect(incidents.map(({ site, region, transitions }) => [site, region, transitions.length])).toEqual([
      [SITE, '430503', 2],
      ['employer:x', '430503', 1],
    ])
  })

  test('every change has one reason: new, worse or over is told, the rest is only shown', () => {
    const told = (kind: AlertChange) => reasons([step(kind, 'yellow')])[0]
    expect(told('opened')).toEqual({ kind: 'notify', reason: 'new' })
    expect(told('raised')).toEqual({ kind: 'notify', reason: 'raised' })
    expect(told('moved')).toEqual({ kind: 'notify', reason: 'moved' })
    expect(told('resolved')).toEqual({ kind: 'notify', reason: 'resolved' })
    expect(told('lowered')).toEqual({ kind: 'quiet', reason: 'lowered' })
    expect(told('updated')).toEqual({ kind: 'quiet', reason: 'same_tier' })
    expect(told('acknowledged')).toEqual({ kind: 'quiet', reason: 'by_a_person' })
    expect(told('commented')).toEqual({ kind: 'quiet', reason: 'by_a_person' })
  })

  test('only the highest tier of an incident calls people', () => {
    expect(reasons([step('opened', 'yellow'), step('opened', 'red')])).toEqual([
      { kind: 'quiet', reason: 'outranked' },
      { kind: 'notify', reason: 'new' },
    ])
    expect(reasons([step('opened', 'red'), step('raised', 'red')])).toEqual([
      { kind: 'notify', reason: 'new' },
      { kind: 'notify', reason: 'raised' },
    ])
  })

  test('what is over outranks nothing', () => {
    expect(reasons([step('resolved', 'red'), step('opened', 'yellow')])).toEqual([
      { kind: 'notify', reason: 'resolved' },
      { kind: 'notify', reason: 'new' },
    ])
  })
})

describe('from committed signals to the alert log', () => {
  let stores: Awaited<ReturnType<typeof openTestStores>>
  let commit: Commit
  let dispatcher: Dispatcher
  let clock = NOW - 20 * DAY_MS

  const newDispatcher = (postgres = stores.postgres) =>
    new Dispatcher({
      engine: stores.engine,
      postgres,
      counted: () => undefined,
      failed: (error) => {
        throw error
      },
    })

  beforeAll(async () => {
    stores = await openTestStores()
    commit = commitTo(stores)
    dispatcher = newDispatcher()
  })
  afterAll(async () => {
    await stores.close()
  })

  /** A minute of the test's clock later. */
  const tick = () => {
    clock += 60_000
    return new Date(clock).toISOString()
  }
  /** Commits cases of one project, lets them be judged, and says what the log has got. */
  async function happens(...rows: Record<string, unknown>[]): Promise<string[]> {
    const before = await readLastSeq(stores.postgres)
    await commit(
      'arrears',
      rows.map((row) => arrears({ observedAt: tick(), owed: '0', ...row })),
    )
    const written = await dispatcher.round(clock)
    const entries = await readLog(stores.postgres, everythingFor('a test'), before, 1000)
    expect(entries).toHaveLength(written)
    return entries.map(({ change, alert }) => `${alert.rule} ${change} ${alert.tier} ${alert.value}`)
  }
  const openOf = async (project: string) =>
    (await readOpenAlerts(stores.postgres, everythingFor('a test'))).alerts.filter(
      (alert) => alert.project === project,
    )

  test('D14: five people gathered are yellow, ten orange, thirty red; fewer are none', async () => {
    const at = (gathering: number) => happens({ caseId: 'crowd', project: '聚集', gathering })
    expect(await at(4)).toEqual([])
    expect(await at(5)).toEqual(['D14 opened yellow 5'])
    expect(await at(9)).toEqual(['D14 updated yellow 9'])
    expect(await at(10)).toEqual(['D14 raised orange 10'])
    expect(await at(29)).toEqual(['D14 updated orange 29'])
    expect(await at(30)).toEqual(['D14 raised red 30'])
    expect(await at(10)).toEqual(['D14 lowered orange 10'])
    expect(await at(0)).toEqual(['D14 resolved orange 0'])
  })

  test('D15: the cases of a project add up, to the cent', async () => {
    const project = '合计'
    expect(
      await happens({ caseId: 's1', project, owed: '49999.98' }, { caseId: 's2', project, owed: '0.01' }),
    ).toEqual([])
    expect(await happens({ caseId: 's3', project, owed: '0.01' })).toEqual(['D15 opened yellow 50000.00'])
    expect(await happens({ caseId: 's4', project, owed: '149999.99' })).toEqual([
      'D15 updated yellow 199999.99',
    ])
    expect(await happens({ caseId: 's5', project, owed: '0.01' })).toEqual(['D15 raised orange 200000.00'])
    expect(await happens({ caseId: 's6', project, owed: '300000' })).toEqual(['D15 raised red 500000.00'])
    const [alert] = await openOf(project)
    expect(alert).toMatchObject({
      group: `project:430503:${project}`,
      cases: 6,
      workers: 18,
      owed: '500000.00',
    })
    expect(await happens({ caseId: 's6', project, owed: '300000', status: 'settled' })).toEqual([
      'D15 lowered orange 200000.00',
    ])
    expect(await happens({ caseId: 's4', project, owed: '149999.99', status: 'dismissed' })).toEqual([
      'D15 lowered yellow 50000.01',
    ])
    expect(await happens({ caseId: 's1', project, owed: '49999.97' })).toEqual([
      'D15 updated yellow 50000.00',
    ])
    expect(await happens({ caseId: 's1', project, owed: '49999.96' })).toEqual([
      'D15 resolved yellow 49999.99',
    ])
  })

  test.each(['settled', 'dismissed'])(
    'a case that is %s resolves its alert; reported again, it opens another',
    async (status) => {
      const row = { caseId: `end-${status}`, project: `终-${status}`, owed: '80000', gathering: 12 }
      expect((await happens(row)).sort()).toEqual(['D14 opened orange 12', 'D15 opened yellow 80000.00'])
      const before = (await openOf(row.project)).map((alert) => alert.id)
      expect((await happens({ ...row, status })).sort()).toEqual([
        'D14 resolved orange 12',
        'D15 resolved yellow 80000.00',
      ])
      expect(await openOf(row.project)).toEqual([])
      expect((await happens({ ...row, status: 'reported' })).sort()).toEqual([
        'D14 opened orange 12',
        'D15 opened yellow 80000.00',
      ])
      const after = (await openOf(row.project)).map((alert) => alert.id)
      expect(after.filter((id) => before.includes(id))).toEqual([])
    },
  )

  test('a case that moves to another project takes its sum along; its crowd stays the same alert', async () => {
    const row = { caseId: 'moving', owed: '60000', gathering: 6 }
    await happens({ ...row, project: '旧' }, { caseId: 'staying', project: '新', owed: '55000' })
    const [crowd] = (await openOf('旧')).filter((alert) => alert.rule === 'D14')
    expect((await happens({ ...row, project: '新' })).sort()).toEqual([
      'D14 updated yellow 6',
      'D15 resolved yellow 60000.00',
      'D15 updated yellow 115000.00',
    ])
    expect(await openOf('旧')).toEqual([])
    expect((await openOf('新')).map((alert) => alert.id)).toContain(crowd?.id)
  })

  test('a late observation that is not the newest changes nothing', async () => {
    const row = { caseId: 'late', project: '迟到', owed: '60000' }
    await happens(row)
    const early = { observedAt: new Date(clock - DAY_MS).toISOString() }
    expect(await happens({ ...row, ...early, owed: '900000', gathering: 50 })).toEqual([])
    expect(await happens({ ...row, ...early, project: '别处', owed: '900000' })).toEqual([])
    expect(await openOf('别处')).toEqual([])
  })

  test('a late observation of an old site does not end the alert of a case that stands elsewhere by now', async () => {
    const row = { caseId: 'moved-on', gathering: 12 }
    await happens({ ...row, project: '先前' })
    const between = new Date(clock + 30_000).toISOString()
    expect(await happens({ ...row, project: '如今' })).toEqual(['D14 updated orange 12'])
    expect(await happens({ ...row, project: '其间', observedAt: between })).toEqual([])
    expect(await openOf('如今')).toMatchObject([{ rule: 'D14', state: 'open', value: '12' }])
  })

  test('a case whose next move is stored and not yet counted keeps its alert', async () => {
    const row = arrears({ caseId: 'half-way', gathering: 12, owed: '0' })
    await happens({ ...row, project: '甲地', observedAt: tick() })
    const between = tick()
    await happens({ ...row, project: '乙地', observedAt: tick() })
    await commit('arrears', [{ ...row, project: '其间', observedAt: between }])
    // A process that died between storing the move and counting it leaves this row.
    await stores.engine.command(`INSERT INTO arrears_observations_v1
      SELECT * REPLACE (addMinutes(observedAt, 1) AS observedAt, addMicroseconds((SELECT max(receivedAt) FROM arrears_observations_v1), 1) AS receivedAt,
        'project:430503:丙地' AS site, '丙地' AS project, 'moved' AS contentHash)
      FROM arrears_observations_v1 WHERE caseId = 'half-way' ORDER BY observedAt DESC LIMIT 1`)
    const before = await readLastSeq(stores.postgres)
    await dispatcher.round(clock)
    await commitTo(stores)('arrears', [arrears({ caseId: 'bystander', owed: '0', observedAt: tick() })])
    await dispatcher.round(clock)
    const changes = (await readLog(stores.postgres, everythingFor('a test'), before, 10)).map(
      (entry) => entry.change,
    )
    expect(new Set(changes)).toEqual(new Set(['updated']))
    expect(await openOf('丙地')).toMatchObject([{ rule: 'D14', value: '12', state: 'open' }])
  })

  test('the same observation again, and another round without news, change nothing', async () => {
    const row = { caseId: 'again', project: '重复', owed: '60000', observedAt: tick() }
    expect(await happens(row)).toEqual(['D15 opened yellow 60000.00'])
    expect(await happens(row)).toEqual([])
    expect(await dispatcher.round(clock)).toBe(0)
  })

  test('what a person has taken stays taken until it rises', async () => {
    const row = { caseId: 'taken', project: '认领', owed: '60000' }
    await happens(row)
    const [alert] = await openOf('认领')
    if (!alert) throw new Error('no alert')
    const taken: Alert = { ...alert, state: 'acknowledged', acknowledgedBy: 'li' }
    await stores.postgres.transaction((sql) =>
      appendLog(sql, [{ change: 'acknowledged', alert: taken, by: 'li', note: null }], clock),
    )
    expect(await happens({ ...row, owed: '70000' })).toEqual(['D15 updated yellow 70000.00'])
    expect((await openOf('认领'))[0]).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'li' })
    expect(await happens({ ...row, owed: '270000' })).toEqual(['D15 raised orange 270000.00'])
    expect((await openOf('认领'))[0]).toMatchObject({ state: 'open', acknowledgedBy: null })
  })

  test('two judges at once never write anything twice', async () => {
    const rows = Array.from({ length: 30 }, (_, i) =>
      arrears({ caseId: `two-${i}`, project: `双-${i}`, owed: '60000', observedAt: tick() }),
    )
    const second = newDispatcher()
    let written = 0
    for (let i = 0; i < rows.length; i += 10) {
      await commit('arrears', rows.slice(i, i + 10))
      const counts = await Promise.all([
        dispatcher.round(clock),
        second.round(clock),
        dispatcher.round(clock),
      ])
      written += counts.reduce((a, b) => a + b, 0)
    }
    expect(written).toBe(30)
  })

  test('what was committed and not judged before a crash is judged by the next process', async () => {
    await commit('arrears', [
      arrears({ caseId: 'crash', project: '崩溃', owed: '60000', observedAt: tick() }),
    ])
    await commit('arrears', [
      arrears({ caseId: 'crash', project: '崩溃', owed: '260000', observedAt: tick() }),
    ])
    expect(await openOf('崩溃')).toEqual([])
    const next = newDispatcher()
    next.ring()
    await next.close()
    expect(await openOf('崩溃')).toMatchObject([{ tier: 'orange', value: '260000.00', state: 'open' }])
  })

  test('a clock that was set back between two starts loses no alert', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 })
    try {
      const restarted = commitTo(stores)
      await restarted('arrears', [
        arrears({ caseId: 'clock', project: '时钟', owed: '60000', observedAt: tick() }),
      ])
    } finally {
      vi.useRealTimers()
    }
    await dispatcher.round(clock)
    expect(await openOf('时钟')).toMatchObject([{ value: '60000.00' }])
  })

  test('thousands of sites in one commit are all judged, and a crowd that moves among them is not taken for gone', async () => {
    const row = { caseId: 'far', owed: '0', gathering: 30 }
    await happens({ ...row, project: '!first' })
    const [crowd] = await openOf('!first')
    const others = Array.from({ length: 2_001 }, (_, i) => ({
      caseId: `many-${i}`,
      project: `m-${i}`,
      owed: '50000',
    }))
    const changes = await happens(...others.slice(0, 900), { ...row, project: '~last' })
    expect(changes).toHaveLength(901)
    await commit(
      'arrears',
      others.slice(900).map((other) => arrears({ ...other, observedAt: tick() })),
    )
    await commit('arrears', [arrears({ ...row, project: '!first', observedAt: tick() })])
    await commit(
      'arrears',
      others.map((other) => arrears({ ...other, owed: '50001', observedAt: tick() })),
    )
    expect(await dispatcher.round(clock)).toBe(2_002)
    expect((await openOf('!first')).map((alert) => [alert.id, alert.state])).toEqual([[crowd?.id, 'open']])
  })

  test('a round that breaks off among thousands of sites is gone on with: nothing is left out or written twice', async () => {
    const rows = Array.from({ length: 2_500 }, (_, i) =>
      arrears({ caseId: `off-${i}`, project: `断-${i}`, owed: '60000', observedAt: tick() }),
    )
    await commit('arrears', rows)
    const before = await readLastSeq(stores.postgres)
    let writes = 0
    const failing = newDispatcher({
      ...stores.postgres,
      transaction: (work) =>
        ++writes === 2 ? Promise.reject(new Error('gone')) : stores.postgres.transaction(work),
    })
    await expect(failing.round(clock)).rejects.toThrow('gone')
    expect(await readLastSeq(stores.postgres)).toBe(before + 2_000)
    expect(await dispatcher.round(clock)).toBe(500)
    expect(await dispatcher.round(clock)).toBe(0)
  })

  test('what is committed while thousands of sites are judged waits for one page of them', async () => {
    const rows = Array.from({ length: 4_500 }, (_, i) =>
      arrears({ caseId: `page-${i}`, project: `页-${i}`, owed: '60000', observedAt: tick() }),
    )
    await commit('arrears', rows)
    const before = await readLastSeq(stores.postgres)
    let pages = 0
    const interrupted = newDispatcher({
      ...stores.postgres,
      async transaction(work) {
        if (++pages === 1)
          await commit('arrears', [
            arrears({ caseId: 'urgent', project: '要紧', owed: '600000', observedAt: tick() }),
          ])
        return await stores.postgres.transaction(work)
      },
    })
    expect(await interrupted.round(clock)).toBe(4_501)
    const log = await readLog(stores.postgres, everythingFor('a test'), before, 5_000)
    const place = log.findIndex(({ alert }) => alert.project === '要紧')
    expect([log.length, Math.floor(place / 2_000)]).toEqual([4_501, 2])
    expect(log.slice(place + 1).length).toBeGreaterThanOrEqual(500)
    expect(await dispatcher.round(clock)).toBe(0)
  })

  test('who asks for the log gets what is written meanwhile, or a number before it', async () => {
    const entry = (await readLog(stores.postgres, everythingFor('a test'), 0, 1))[0]
    if (!entry) throw new Error('there is no entry')
    const before = await readLastSeq(stores.postgres)
    let isWritten = false
    const meanwhile: Sql = {
      async query<T extends PgRow>(...asked: Parameters<Sql['query']>) {
        const rows = await stores.postgres.query<T>(...asked)
        if (!isWritten) {
          isWritten = true
          await stores.postgres.transaction((sql) =>
            appendLog(sql, [{ change: 'commented', alert: entry.alert, by: 'li', note: null }], clock),
          )
        }
        return rows
      },
    }
    const { entries, seq } = await readLogSince(meanwhile, everythingFor('a test'), before, 10)
    expect([entries.map((one) => one.seq), seq]).toEqual([[before + 1], before + 1])
  })

  test('after all of this the log is sound', async () => {
    const entries = []
    for (
      let page = await readLog(stores.postgres, everythingFor('a test'), 0, 1000);
      page.length > 0;
      page = await readLog(stores.postgres, everythingFor('a test'), entries.length, 1000)
    )
      entries.push(...page)
    expect(entries.length).toBeGreaterThan(2_900)
    expect(logFaults(entries)).toEqual([])
  })
})
