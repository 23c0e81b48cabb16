import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '#domain/alert.ts'
import { alertInScope, holdsAlert } from '#domain/alert-scope.ts'
import { everythingFor, type Grant, scopeOf } from '#domain/scope.ts'
import { ALERT } from '../../api/openapi/examples.ts'
import { alertOf, anyCases, anyGrants, type Case, commonOf, unique } from '../support/alert-scopes.ts'

const grant = (over: Partial<Grant> = {}): Grant => ({ regions: [], side: 'both', sectors: [], ...over })
const scope = (...grants: Grant[]) => scopeOf(grants, true)
const TOWNSHIPS = ['430503001', '430503002', '430503']
const NOTHING_TOLD = { value: null, cases: null, workers: null, owed: null, isPart: true }

/** Of a site of a project in two townships of a county, each in a sector; its workers are of two other counties. */
const alert: Alert = {
  ...ALERT,
  group: 'project:430503:示例安置房',
  region: '430503',
  workRegions: ['430503001', '430503002'],
  homeRegions: ['430121', '430522'],
  sector: 'E',
  sectors: ['C', 'E'],
  bySector: [
    { sector: 'C', workRegions: ['430503001'], homeRegions: ['430522'] },
    { sector: 'E', workRegions: ['430503002'], homeRegions: ['430121'] },
  ],
}
/** The same, from before alerts knew which places are of which sector. */
const older = { ...alert, bySector: [] }

test.each([
  ['everywhere', grant()],
  ['the county', grant({ regions: ['430503'] })],
  ['both townships, and not the rest of the county', grant({ regions: ['430503001', '430503002'] })],
  [
    'the province at work, in both sectors',
    grant({ regions: ['43'], side: 'work', sectors: ['C', 'E', 'F'] }),
  ],
])('who holds %s sees it whole', (_, own) => {
  expect(holdsAlert(scope(own), alert)).toBe(true)
  expect(alertInScope(scope(own), alert)).toEqual(alert)
})

test.each<[string, Grant, Partial<Alert>]>([
  [
    'one township',
    grant({ regions: ['430503002'], side: 'work' }),
    { region: '430503002', workRegions: ['430503002'], homeRegions: [], sector: 'E', sectors: ['E'] },
  ],
  [
    'a sector that is not the heaviest',
    grant({ sectors: ['C'] }),
    { region: '430503001', workRegions: ['430503001'], homeRegions: ['430522'], sector: 'C', sectors: ['C'] },
  ],
  [
    'it by the home of some',
    grant({ regions: ['4305'], side: 'home' }),
    { region: '430503', workRegions: [], homeRegions: ['430522'], sector: 'C', sectors: ['C'] },
  ],
])('who holds %s is told of it without its figures and without what is of others', (_, own, seen) => {
  expect(holdsAlert(scope(own), alert)).toBe(true)
  const told = { ...alert, ...NOTHING_TOLD, ...seen, bySector: [], employer: '' }
  expect(alertInScope(scope(own), alert)).toEqual(told)
})

test('the employer is told in part where the site is named after it, or the one case is', () => {
  const byHome = scope(grant({ regions: ['430522'], side: 'home' }))
  const employerOf = (group: string) => alertInScope(byHome, { ...alert, group }).employer
  expect(employerOf('employer:430503:示例建筑')).toBe('示例建筑')
  expect(employerOf('src_0123456789abcdef/示例-0001')).toBe('示例建筑')
})

test('a place and a sector of different cases are no case', () => {
  const [here, there] = [{ regions: ['430503001'] }, { regions: ['430503002'] }]
  const own = scope(grant({ ...here, sectors: ['C'] }), grant({ ...there, sectors: ['E'] }))
  const crossed = scope(grant({ ...here, sectors: ['E'] }), grant({ ...there, sectors: ['C'] }))
  expect(holdsAlert(crossed, alert)).toBe(false)
  expect(alertInScope(own, alert)).toEqual(alert)
  // Who could have a case of it is told, where it does not say.
  expect(holdsAlert(crossed, older)).toBe(true)
  expect(alertInScope(own, older)).toMatchObject(NOTHING_TOLD)
  const sector = { sector: 'C', sectors: ['C', 'E'] }
  expect(alertInScope(scope(grant(here)), older)).toMatchObject({ ...sector, region: '430503001' })
})

test('two grants make a whole only where together they hold every case', () => {
  const [here, there] = [{ regions: ['430503001'] }, { regions: ['430503002'] }]
  expect(alertInScope(scope(grant(here), grant(there)), alert)).toEqual(alert)
  expect(alertInScope(scope(grant(here), grant({ ...there, side: 'home' })), alert)).toMatchObject(
    NOTHING_TOLD,
  )
})

test('the sum over several counties is for who holds their common region, and for nobody by home', () => {
  const common = { ...older, region: '4305', workRegions: ['4305'], homeRegions: [], isAcross: true }
  const sees = (own: Partial<Grant>) => holdsAlert(scope(grant(own)), common)
  expect(sees({ regions: ['4305'] })).toBe(true)
  expect([sees({ regions: ['430503', '430502'] }), sees({ regions: ['43'], side: 'home' })]).toEqual([
    false,
    false,
  ])
})

test('an alert from before it knew all its places is held, and seen whole, by its region and sector', () => {
  const stored = { ...older, workRegions: [], sectors: [] }
  for (const own of [grant(), grant({ regions: ['430503'], sectors: ['E'] })])
    expect(alertInScope(scope(own), stored)).toEqual(stored)
  expect(holdsAlert(scope(grant({ regions: ['430503001'] })), stored)).toBe(false)
  expect(holdsAlert(scope(grant({ sectors: ['C'] })), stored)).toBe(false)
})

describe('for any cases and any grants', () => {
  // Said once more, by hand and for one place at a time.
  const isSector = (sector: string, own: Grant) => own.sectors.length === 0 || own.sectors.includes(sector)
  const isOf = (code: string, side: 'home' | 'work', { regions, side: own }: Grant) =>
    regions.length === 0 ||
    ((own === side || own === 'both') && regions.some((region) => code.startsWith(region)))
  const byWork = (work: string, sector: string, all: Grant[]) =>
    all.some((own) => isSector(sector, own) && isOf(work, 'work', own))
  const byHome = ({ homes, sector }: Omit<Case, 'work'>, all: Grant[]) =>
    all.some((own) => isSector(sector, own) && homes.some((home) => isOf(home, 'home', own)))

  test('whoever has a case of it is told, nobody else; of all of it where every case is theirs, else of theirs', () => {
    const seen = { whole: 0, part: 0, none: 0 }
    fc.assert(
      fc.property(anyCases, anyGrants, (all, own) => {
        const one = { ...alertOf(all), group: alert.group }
        const isMine = (each: Case) => byWork(each.work, each.sector, own) || byHome(each, own)
        expect(holdsAlert(scope(...own), one)).toBe(all.some(isMine))
        const isWhole = all.every((each) => byWork(each.work, each.sector, own))
        seen[isWhole ? 'whole' : all.some(isMine) ? 'part' : 'none'] += 1
        if (!isWhole && !all.some(isMine)) return
        const told = alertInScope(scope(...own), one)
        if (isWhole) {
          expect(told).toEqual(one)
          return
        }
        // What is theirs of each case, and nothing of another.
        const mine = all.filter(isMine).map(({ work, homes, sector }) => ({
          sector,
          works: byWork(work, sector, own) ? [work] : [],
          homes: homes.filter((home) => byHome({ homes: [home], sector }, own)),
        }))
        const placesOf = (cases: typeof mine) => ({
          workRegions: unique(cases.flatMap(({ works }) => works)),
          homeRegions: unique(cases.flatMap(({ homes }) => homes)),
        })
        const { workRegions } = placesOf(mine)
        const sectors = unique(mine.map(({ sector }) => sector))
        const bySector = sectors.map((sector) => ({
          sector,
          ...placesOf(mine.filter((each) => each.sector === sector)),
        }))
        expect(told).toEqual({
          ...one,
          ...NOTHING_TOLD,
          employer: '',
          ...placesOf(mine),
          region: workRegions.length > 0 ? commonOf(workRegions) : one.region.slice(0, 6),
          sector: sectors[0],
          sectors,
          bySector: sectors.length > 1 ? bySector : [],
        })
      }),
      { numRuns: 1000 },
    )
    expect(Math.min(seen.whole, seen.part, seen.none)).toBeGreaterThan(50)
  })

  /** Cases of one site: it lies in one county. */
  const anyCasesOfSite = anyCases.map((all) =>
    all.map((one, i) => ({ ...one, work: TOWNSHIPS[(one.work.length + i) % TOWNSHIPS.length] ?? '' })),
  )
  const anyFigures = fc.record({
    value: fc.constantFrom('500000.00', '812345.67'),
    cases: fc.integer({ min: 2, max: 9 }),
    workers: fc.integer({ min: 2, max: 99 }),
    owed: fc.constantFrom('500000.00', '812345.67'),
    employer: fc.constantFrom('示例建筑', '另一家'),
  })

  test('a part tells tier, state, times and proof of the whole, and is the same whatever else the cases of others are', () => {
    const seen = { same: 0, elsewhere: 0 }
    const others = fc.tuple(anyCasesOfSite, anyFigures)
    fc.assert(
      fc.property(anyCasesOfSite, others, others, anyGrants, (drawn, one, another, own) => {
        const isMine = (each: Case) => byWork(each.work, each.sector, own) || byHome(each, own)
        const mine = drawn.filter(isMine)
        const withOthers = ([cases, figures]: typeof one) => {
          const theirs = cases.filter((each) => !isMine(each))
          // The heaviest case is another's.
          return theirs.length === 0
            ? null
            : { ...alertOf([...theirs, ...mine]), ...figures, group: alert.group }
        }
        const [first, second] = [withOthers(one), withOthers(another)]
        if (mine.length === 0 || first === null || second === null) return
        const told = alertInScope(scope(...own), first)
        expect(told).toEqual(alertInScope(scope(...own), second))
        const { tier, state, since, isVerified } = first
        expect(told).toMatchObject({ tier, state, since, isVerified, isPart: true })
        seen.same += 1
        if (first.region !== second.region) seen.elsewhere += 1
      }),
      { numRuns: 2000 },
    )
    expect(Math.min(seen.same, seen.elsewhere)).toBeGreaterThan(20)
  })

  test('who sees all there is sees all of it', () => {
    fc.assert(
      fc.property(anyCases, (all) => {
        expect(alertInScope(everythingFor('a test'), alertOf(all))).toEqual(alertOf(all))
      }),
      { numRuns: 100 },
    )
  })
})
