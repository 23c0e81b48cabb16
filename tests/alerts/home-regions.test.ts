import { expect, test } from 'vitest'
import { everythingFor, scopeOf } from '#domain/scope.ts'
import { Dispatcher } from '../../api/alerts/dispatch.ts'
import { fillHomeRegions } from '../../api/alerts/home-regions.ts'
import { readLastSeq, readLog, readOpenAlerts } from '../../api/alerts/log.ts'
import { commitTo } from '../support/commit.ts'
import { arrears } from '../support/signals.ts'
import { openTestStores } from '../support/stores.ts'

const homeOf = (region: string) => scopeOf([{ regions: [region], side: 'home', sectors: [] }], true)

test('alerts from before alerts knew homes are placed by their cases of then, once, with their log', async () => {
  const stores = await openTestStores()
  try {
    const { engine, postgres } = stores
    const commit = commitTo(stores)
    const dispatcher = new Dispatcher({
      engine,
      postgres,
      counted: () => undefined,
      failed: (error) => {
        throw error
      },
    })
    let minutes = 0
    const happens = async (row: object) => {
      const observedAt = new Date(Date.now() - 86_400_000 + ++minutes * 60_000).toISOString()
      await commit('arrears', [arrears({ project: '一号工程', owed: '60000.00', ...row, observedAt })])
      await dispatcher.round(Date.now())
    }
    const from = (region: string) => ({ homeRegions: [{ region, workers: 3 }] })
    // The first alert of the site was about c1, opened again it is about c2 and c3; c4 is at a site of its own.
    await happens({ caseId: 'c1', ...from('430522') })
    await happens({ caseId: 'c1', ...from('430522'), status: 'settled', owed: '0' })
    await happens({ caseId: 'c2', ...from('430121') })
    await happens({ caseId: 'c3', ...from('430902') })
    await happens({ caseId: 'c4', project: '二号工程', ...from('431002') })
    const whole = everythingFor('a test')
    const asJudged = await readLog(postgres, whole, 0, 100)
    expect(asJudged.map(({ change, alert }) => [change, alert.homeRegions])).toEqual([
      ['opened', ['430522']],
      ['resolved', ['430522']],
      ['opened', ['430121']],
      ['updated', ['430121', '430902']],
      ['opened', ['431002']],
    ])

    await postgres.query(`DELETE FROM facts WHERE name = 'alerts-have-homes'`)
    for (const table of ['alerts', 'alert_log'])
      await postgres.query(`UPDATE ${table} SET body = body - 'homeRegions'`)
    expect((await readOpenAlerts(postgres, homeOf('4309'))).alerts).toEqual([])

    expect(await fillHomeRegions(engine, postgres, Date.now())).toBe(3)
    const seen = async (region: string) =>
      (await readLog(postgres, homeOf(region), 0, 100)).map(({ seq, change }) => `${seq} ${change}`)
    expect(await seen('430522')).toEqual(['1 opened', '2 resolved'])
    expect(await seen('430121')).toEqual(['3 opened', '4 updated'])
    expect(await seen('430902')).toEqual(['3 opened', '4 updated'])
    expect(await seen('4310')).toEqual(['5 opened'])
    expect((await readOpenAlerts(postgres, homeOf('4309'))).alerts).toMatchObject([
      { group: 'project:430503:一号工程', homeRegions: ['430902'], isPart: true },
    ])
    expect(await readLastSeq(postgres)).toBe(5)

    // A case that says nothing of homes has none, however often the server starts.
    await happens({ caseId: 'c5', project: '三号工程', homeRegions: undefined })
    expect(await fillHomeRegions(engine, postgres, Date.now())).toBe(0)
  } finally {
    await stores.close()
  }
})
