import { afterEach, beforeEach, expect, test } from 'vitest'
import { everythingFor, scopeOf } from '#domain/scope.ts'
import { Dispatcher } from '../../api/alerts/dispatch.ts'
import { readLog, readOpenAlerts } from '../../api/alerts/log.ts'
import { commitTo } from '../support/commit.ts'
import { arrears } from '../support/signals.ts'
import { openTestStores } from '../support/stores.ts'

const WHOLE = everythingFor('a test')
let stores: Awaited<ReturnType<typeof openTestStores>>
let dispatcher: Dispatcher
beforeEach(async () => {
  stores = await openTestStores()
  dispatcher = new Dispatcher({
    ...stores,
    counted: () => undefined,
    failed: (error) => {
      throw error
    },
  })
})
afterEach(() => stores.close())

const inTown = (region: string, sector: string) =>
  scopeOf([{ regions: [region], side: 'work', sectors: [sector] }], true)
const seenBy = async (scope: ReturnType<typeof scopeOf>) =>
  (await readOpenAlerts(stores.postgres, scope)).alerts.map(({ group }) => group)
const changes = async () =>
  (await readLog(stores.postgres, WHOLE, 0, 100)).map(({ change, alert }) => `${change} ${alert.project}`)

/** Open alerts as an older release wrote them: which of their places are of which sector, they did not say. */
const forget = (fields: string[]) =>
  stores.postgres.query('UPDATE alerts SET body = body - $1::text[]', [fields])

test('what is open from before alerts said which places are of which sector is judged again, once, and tells nobody of cases that are not theirs', async () => {
  const commit = commitTo(stores)
  const minute = (n: number) => new Date(Date.now() - 3_600_000 + n * 60_000).toISOString()
  const observe = (n: number, row: object) =>
    commit('arrears', [arrears({ owed: '60000.00', observedAt: minute(n), ...row })])
  await observe(1, { caseId: 'c1', project: '两业', workRegion: '430503001', sector: 'C' })
  await observe(2, { caseId: 'c2', project: '两业', workRegion: '430503002', sector: 'E' })
  await observe(3, { caseId: 'c3', project: '一业', workRegion: '430503001', sector: 'C' })
  await observe(4, { caseId: 'c4', project: '已结', workRegion: '430503001', sector: 'C' })
  await observe(5, { caseId: 'c5', project: '已结', workRegion: '430503002', sector: 'E' })
  await dispatcher.round(Date.now())
  for (const caseId of ['c4', 'c5']) {
    const place =
      caseId === 'c4' ? { workRegion: '430503001', sector: 'C' } : { workRegion: '430503002', sector: 'E' }
    await observe(6, { caseId, project: '已结', ...place, status: 'settled', owed: '0' })
  }
  await dispatcher.round(Date.now())
  const before = await changes()
  await forget(['bySector'])
  const inE = inTown('430503001', 'E')
  const both = 'project:430503:两业'
  expect(await seenBy(inE)).toEqual([both])

  expect(await dispatcher.judgeOpenAgain(Date.now())).toBe(1)
  expect(await seenBy(inE)).toEqual([])
  expect(await seenBy(inTown('430503001', 'C'))).toEqual(
    expect.arrayContaining([both, 'project:430503:一业']),
  )
  expect(await seenBy(inTown('430503002', 'E'))).toEqual([both])
  // Only the alert that says something else now has an entry; what is resolved stays as it was written.
  expect(await changes()).toEqual([...before, 'updated 两业'])
  await forget(['bySector'])
  expect(await dispatcher.judgeOpenAgain(Date.now())).toBe(0)
})

test('an alert of before it knew any place but one gets all of them, and one that is over by then is resolved', async () => {
  const commit = commitTo(stores)
  const observedAt = new Date(Date.now() - 3_600_000).toISOString()
  const at = { owed: '60000.00', observedAt }
  await commit('arrears', [
    arrears({ ...at, caseId: 'c1', project: '一号', workRegion: '430503001' }),
    arrears({ ...at, caseId: 'c2', project: '一号', workRegion: '430503002' }),
    arrears({ ...at, caseId: 'c3', project: '二号', workRegion: '430503001', owed: '40000.00' }),
  ])
  await dispatcher.round(Date.now())
  await forget(['workRegions', 'sectors', 'bySector'])
  await stores.postgres.query(
    `INSERT INTO alerts SELECT 'alt_old', rule, 'project:430503:二号', tier, state, region, "changedAt", seq,
       body || '{"id": "alt_old", "group": "project:430503:二号", "project": "二号"}' FROM alerts`,
  )
  expect(await seenBy(inTown('430503001', 'E'))).toEqual([])

  expect(await dispatcher.judgeOpenAgain(Date.now())).toBe(2)
  expect((await readOpenAlerts(stores.postgres, WHOLE)).alerts).toMatchObject([
    { group: 'project:430503:一号', workRegions: ['430503001', '430503002'], sectors: ['E'] },
  ])
  expect(await seenBy(inTown('430503001', 'E'))).toEqual(['project:430503:一号'])
  expect((await changes()).slice(1).toSorted()).toEqual(['resolved 二号', 'updated 一号'])
})
