import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '#domain/alert.ts'
import { alertInScope, holdsAlert } from '#domain/alert-scope.ts'
import { everythingFor, type Grant, scopeOf } from '#domain/scope.ts'
import { ALERT } from '../../api/openapi/examples.ts'
import { alertOf, anyCases, anyGrants, type Case } from '../support/alert-scopes.ts'

const grant = (over: Partial<Grant> = {}): Grant => ({ regions: [], side: 'both', sectors: [], ...over })
const scope = (...grants: Grant[]) => scopeOf(grants, true)
const NOTHING_TOLD = { value: null, cases: null, workers: null, owed: null, isPart: true }

/** Of two townships of a county and two sectors; its workers are of two other counties. */
const alert: Alert = {
  ...ALERT,
  region: '430503',
  workRegions: ['430503001', '430503002'],
  homeRegions: ['430522', '430121'],
  sector: 'E',
  sectors: ['C', 'E'],
}

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
    { workRegions: ['430503002'], homeRegions: [], sectors: ['C', 'E'] },
  ],
  [
    'a sector that is not the heaviest',
    grant({ sectors: ['C'] }),
    { workRegions: alert.workRegions, homeRegions: alert.homeRegions, sectors: ['C'] },
  ],
  [
    'it by the home of some',
    grant({ regions: ['4305'], side: 'home' }),
    { workRegions: [], homeRegions: ['430522'], sectors: ['C', 'E'] },
  ],
])('who holds %s is told of it without its figures and without the places of others', (_, own, seen) => {
  expect(holdsAlert(scope(own), alert)).toBe(true)
  expect(alertInScope(scope(own), alert)).toEqual({ ...alert, ...NOTHING_TOLD, ...seen })
})

test('two grants make a whole only where together they hold every place in every sector', () => {
  const [here, there] = [{ regions: ['430503001'] }, { regions: ['430503002'] }]
  expect(alertInScope(scope(grant(here), grant(there)), alert)).toEqual(alert)
  const crossed = scope(grant({ ...here, sectors: ['C'] }), grant({ ...there, sectors: ['E'] }))
  expect(alertInScope(crossed, alert)).toMatchObject(NOTHING_TOLD)
})

test('the sum over several counties is for who holds their common region, and for nobody by home', () => {
  const common = { ...alert, region: '4305', workRegions: ['4305'], homeRegions: [], isAcross: true }
  const sees = (own: Partial<Grant>) => holdsAlert(scope(grant(own)), common)
  expect(sees({ regions: ['4305'] })).toBe(true)
  expect([sees({ regions: ['430503', '430502'] }), sees({ regions: ['43'], side: 'home' })]).toEqual([
    false,
    false,
  ])
})

test('an alert from before it knew all its places is held, and seen whole, by its region and sector', () => {
  const stored = { ...alert, workRegions: [], sectors: [] }
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

  test('whoever has a case of it is told; the figures are told where every case can only be theirs, and else nothing of others', () => {
    const seen = { whole: 0, part: 0 }
    fc.assert(
      fc.property(anyCases, anyGrants, (all, own) => {
        const one = alertOf(all)
        const isTold = holdsAlert(scope(...own), one)
        const told = alertInScope(scope(...own), one)
        if (all.some((each) => byWork(each.work, each.sector, own) || byHome(each, own)))
          expect(isTold).toBe(true)
        const isWhole = one.workRegions.every((work) =>
          one.sectors.every((sector) => byWork(work, sector, own)),
        )
        seen[isWhole ? 'whole' : 'part'] += 1
        if (isWhole) {
          expect(told).toEqual(one)
          for (const each of all) expect(byWork(each.work, each.sector, own)).toBe(true)
          return
        }
        expect(told).toMatchObject(NOTHING_TOLD)
        for (const work of told.workRegions)
          expect(one.sectors.some((sector) => byWork(work, sector, own))).toBe(true)
        for (const home of told.homeRegions)
          expect(one.sectors.some((sector) => byHome({ homes: [home], sector }, own))).toBe(true)
        for (const sector of told.sectors) expect(own.some((each) => isSector(sector, each))).toBe(true)
        const { tier, state, region, employer, project, since } = one
        expect(told).toMatchObject({ tier, state, region, employer, project, since })
      }),
      { numRuns: 1000 },
    )
    expect(Math.min(seen.whole, seen.part)).toBeGreaterThan(50)
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
