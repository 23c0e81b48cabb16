import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openByCase, openBySite } from '../../api/alerts/open.ts'
import { markWithdrawn } from '../../ingestion/withdraw.ts'
import { commitTo } from '../support/commit.ts'
import { arrears } from '../support/signals.ts'
import { emptyStores, openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())

const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values)
/** Few values of each, so that cases share sites and places and owe as much as one another. */
const telling = fc.record({
  caseId: oneOf('a', "b'", 'c\\', '丁', 'e', 'f', 'g'),
  project: oneOf('一号', '二号', "三'号"),
  workRegion: oneOf('430503', '430503001', '430503002'),
  sector: oneOf('C', 'E'),
  employer: oneOf('甲', '乙'),
  status: oneOf('reported', 'verified', 'settled'),
  workers: fc.integer({ min: 1, max: 9 }),
  owed: oneOf('10', '20', '9007199254.74'),
  gathering: oneOf(0, 5),
  homeRegions: oneOf([], [{ region: '430522', workers: 1 }], [{ region: '430121', workers: 1 }]),
})
const hour = (n: number) => new Date(Date.UTC(2026, 0, 1, n)).toISOString()
const SITES = ['project:430503:一号', 'project:430503:二号', "project:430503:三'号"]
const ALL_CASES = { sites: SITES, keys: [], gathering: 0, workers: 0, owed: 0 }

/** What is open of a site, from its cases one by one. */
function sumsOf(cases: Awaited<ReturnType<typeof openByCase>>) {
  return SITES.flatMap((site) => {
    const own = cases.filter((one) => one.site === site)
    const [first] = own
    if (!first) return []
    const heaviest = own.reduce((most, one) => (one.owedFen > most.owedFen ? one : most), first)
    const unique = (texts: string[]) => [...new Set(texts)].sort()
    return {
      site,
      cases: own.length,
      workers: own.reduce((sum, one) => sum + one.workers, 0),
      owedFen: own.reduce((sum, one) => sum + one.owedFen, 0n),
      gathering: own.reduce((sum, one) => sum + one.gathering, 0),
      observedMs: Math.max(...own.map((one) => one.observedMs)),
      works: unique(own.flatMap((one) => one.works)),
      homes: unique(own.flatMap((one) => one.homes)),
      sectors: unique(own.flatMap((one) => one.sectors)),
      employer: heaviest.employer,
      status: heaviest.status,
      sector: heaviest.sector,
    }
  }).sort((a, b) => (a.site < b.site ? -1 : 1))
}

test('what is open is the same in pages of any size as at once, also while a batch is being withdrawn', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(telling, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 3 }),
      async (batches, withdrawn) => {
        await emptyStores(stores)
        const commit = commitTo(stores)
        let n = 0
        for (const batch of batches)
          await commit(
            'arrears',
            batch.map((one) => arrears({ ...one, observedAt: hour(n++) })),
            's',
          )
        // Marked and not yet counted: its cases are open by their sums and have no observation that shows what they are.
        const receivedMicros = Date.now() * 1000
        await markWithdrawn(stores.engine, 'arrears', {
          batch: `bat_${withdrawn}`,
          source: 's',
          receivedMicros,
        })
        const cases = await openByCase(stores.engine, ALL_CASES)
        const open = await openBySite(stores.engine, SITES)
        expect(open).toMatchObject(sumsOf(cases))
        expect(open).toHaveLength(sumsOf(cases).length)
        for (const most of [1, 2, 5]) {
          expect(await openByCase(stores.engine, ALL_CASES, most)).toEqual(cases)
          expect(await openBySite(stores.engine, SITES, most)).toEqual(open)
        }
      },
    ),
    { seed: 20261128, numRuns: 20 },
  )
})
