import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type MergedPerson, mergeFields } from '#domain/merge.ts'
import { everythingFor } from '#domain/scope.ts'
import { PERSON_HISTORY } from '#sql/queries/person-history.ts'
import { Measures } from '../../api/measures/answers.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import { OBSERVATIONS } from '../../ingestion/draft.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { type Commit, commitTo, personKey } from '../support/commit.ts'
import { idNumber, idNumberFor, worker } from '../support/signals.ts'
import { emptyStores, openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
let commit: Commit
beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())
beforeEach(async () => {
  await emptyStores(stores)
  commit = commitTo(stores)
})

const at = (day: number) => `2026-06-${String(day).padStart(2, '0')}T09:00:00+08:00`
/** What a ledger says that knows only status and home. */
const bare = (over: object) => worker({ workRegion: undefined, sector: undefined, ...over })

async function people(by: 'employer' | 'work.city' | 'home.township' | 'source', day: number) {
  const ask = { measure: 'workers.count', role: null, region: null, sector: null, knownAtMs: null } as const
  const atMs = Date.parse(at(day))
  const answer = await new Measures(stores.engine, stores.postgres, 'blur').distribution(
    everythingFor('a test'),
    {
      ...ask,
      by: [by],
      atMs,
      fromMs: 0,
      toMs: atMs,
    },
  )
  return Object.fromEntries(answer.rows.filter(({ value }) => value !== 0).map((row) => [row[by], row.value]))
}

async function mergedOf(id = idNumber(1)): Promise<MergedPerson> {
  return mergeFields(await stores.engine.query(PERSON_HISTORY, { persons: [personKey(id)] }))
}

test('two ledgers about one person count one person, and what only one says stands', async () => {
  await commit(
    'workers',
    [worker({ employer: '甲厂', monthlyWage: '6200.50', observedAt: at(1) })],
    'station',
  )
  await commit('workers', [bare({ insured: true, observedAt: at(3) })], 'insurance')
  expect(await people('employer', 5)).toEqual({ 甲厂: 1 })
  expect(await people('work.city', 5)).toEqual({ 4403: 1 })
  // The person is counted under the sender of the latest observation.
  expect(await people('source', 2)).toEqual({ station: 1 })
  expect(await people('source', 5)).toEqual({ insurance: 1 })
  expect(await mergedOf()).toMatchObject({
    monthlyWage: { value: '6200.50', source: 'station' },
    insured: { value: true, source: 'insurance' },
  })
})

test('an observation that comes late fills the fields that later ones left out, and only from its instant on', async () => {
  await commit('workers', [bare({ observedAt: at(1) })])
  await commit('workers', [bare({ observedAt: at(9) })])
  await commit('workers', [worker({ employer: '乙厂', observedAt: at(5) })])
  expect(await people('employer', 4)).toEqual({ unknown: 1 })
  expect(await people('employer', 6)).toEqual({ 乙厂: 1 })
  expect(await people('employer', 10)).toEqual({ 乙厂: 1 })
})

test('a late departure ends work for the days after it, until the next observation says it again', async () => {
  await commit('workers', [worker({ employer: '甲厂', observedAt: at(1) }), bare({ observedAt: at(7) })])
  expect(await people('employer', 8)).toEqual({ 甲厂: 1 })
  await commit('workers', [bare({ status: 'returned', observedAt: at(4) })])
  expect(await people('employer', 3)).toEqual({ 甲厂: 1 })
  expect(await people('employer', 5)).toEqual({ unknown: 1 })
  expect(await people('employer', 8)).toEqual({ unknown: 1 })
})

test('at one instant both ledgers stand, whichever is received first', async () => {
  await commit('workers', [bare({ insured: false, observedAt: at(2) })], 'insurance')
  await commit('workers', [worker({ employer: '甲厂', observedAt: at(2) })], 'station')
  expect(await people('employer', 3)).toEqual({ 甲厂: 1 })
  expect(await mergedOf()).toMatchObject({
    insured: { source: 'insurance' },
    employer: { source: 'station' },
  })
})

test('the township is counted, the village kept', async () => {
  await commit('workers', [bare({ homeRegion: '430522100001', household: '12', observedAt: at(1) })])
  await commit('workers', [bare({ homeRegion: '430522', observedAt: at(2) })])
  expect(await people('home.township', 3)).toEqual({ 430522100: 1 })
  expect((await mergedOf()).homeRegion?.value).toBe('430522100001')
})

test('the same observation again is unchanged, also with a household; another household is another observation', async () => {
  const row = bare({ homeRegion: '430522100001', household: '户 12', observedAt: at(1) })
  expect(await commit('workers', [row, { ...row, household: '户１２' }])).toEqual({
    accepted: 1,
    unchanged: 1,
  })
  expect(await commit('workers', [row], 'other')).toEqual({ accepted: 0, unchanged: 1 })
  expect(await commit('workers', [{ ...row, household: '13' }])).toEqual({ accepted: 1, unchanged: 0 })
})

const keys = deriveKeys('a secret of the merging tests, long enough')
const accept = (over: Record<string, unknown>) =>
  acceptRows(
    'workers',
    [{ row: 1, value: worker(over), fault: null }],
    { id: 's', kinds: ['workers'], region: '43' },
    { source: 's', batch: 'b', keys, sealer: null },
  )

test('a household number is stored as a keyed hash that differs from village to village', () => {
  const rowOf = (over: Record<string, unknown>) => {
    const [draft] = accept(over).drafts
    return draft?.page.observations.bytesOf(draft.row, draft.row) ?? Buffer.alloc(0)
  }
  const cellOf = (over: Record<string, unknown>) => OBSERVATIONS.workers.decode(rowOf(over)).at(-1)
  const head = idNumberFor(7)
  const key = cellOf({ homeRegion: '430522100001', household: head })
  expect(key).toMatch(/^[\w-]{22}$/)
  expect(rowOf({ homeRegion: '430522100001', household: head }).toString()).not.toContain(head)
  expect(cellOf({ homeRegion: '430522100002', household: head })).not.toBe(key)
  expect(cellOf({})).toBe('')
})

test('villages are checked against the list, wherever they stand', () => {
  const faults = (over: Record<string, unknown>) => accept(over).rejected[0]?.faults
  expect(faults({ homeRegion: '430522100001' })).toBeUndefined()
  expect(faults({ homeRegion: '430522100999' })).toEqual([{ path: 'homeRegion', code: 'unknown_region' }])
  expect(faults({ workRegion: '430522100999' })).toEqual([{ path: 'workRegion', code: 'unknown_region' }])
})

test('a household within a county alone would link strangers and is refused', () => {
  expect(accept({ homeRegion: '430522', household: '12' }).rejected[0]?.faults).toEqual([
    { path: 'homeRegion', code: 'region_too_coarse', detail: '乡镇街道' },
  ])
  expect(accept({ homeRegion: '430522100', household: '12' }).rejected).toEqual([])
})
