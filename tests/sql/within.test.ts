import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { everythingFor, isCovered, scopeOf } from '#domain/scope.ts'
import type { Engine } from '#sql/engine.ts'
import { CASE_EVIDENCE } from '#sql/queries/case-evidence.ts'
import { conditionOf, within } from '#sql/within.ts'
import type { Measures } from '../../api/measures/answers.ts'

const grant = (regions: string[], side: 'home' | 'work' | 'both' = 'both', sectors: string[] = []) => ({
  regions,
  side,
  sectors,
})
const ALL = { home: 'home', work: 'work', sector: 'sector' }

test('what reads cases, persons or points cannot be asked without a scope: it does not compile', () => {
  const calls = (engine: Engine, measures: Measures, ask: Parameters<Measures['distribution']>[1]) => [
    // @ts-expect-error A query of placed rows is asked within a scope.
    engine.query(CASE_EVIDENCE, { cases: [], offset: 0, limit: 1 }),
    // @ts-expect-error Figures are asked with a scope.
    measures.distribution(ask),
    // @ts-expect-error A scope is made by the gate, not written down.
    measures.distribution({ grants: [], seesSmall: true }, ask),
    engine.query(within(CASE_EVIDENCE, everythingFor('a test')), { cases: [], offset: 0, limit: 1 }),
  ]
  expect(calls).toBeTypeOf('function')
})

test('only the gate makes scopes', () => {
  const files = ['api', 'ingestion', 'sql'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  )
  const users = (word: RegExp) => files.filter((file) => word.test(readFileSync(file, 'utf8')))
  expect(users(/\bscopeOf\(/).sort()).toEqual(['api/domain/scope.ts', 'api/identity/access.ts'])
  expect(users(/\beverythingFor\(/).sort()).toEqual([
    'api/domain/scope.ts',
    'api/live/server.ts',
    'api/live/tail.ts',
  ])
})

test('a scope is what any of its grants holds; what is not placed is outside', () => {
  expect(conditionOf(everythingFor('a test'), ALL)).toBeNull()
  expect(conditionOf(scopeOf([], false), ALL)).toBe('0')
  expect(conditionOf(scopeOf([grant(['4305'], 'work', ['E']), grant(['44'], 'home')], false), ALL)).toBe(
    "(((startsWith(work, '4305')) AND sector IN ('E')) OR ((startsWith(home, '44')) AND 1))",
  )
  // Points have no home: who sees by home alone sees none of them.
  expect(conditionOf(scopeOf([grant(['4305'], 'home')], false), { work: 'work' })).toBe('(((0) AND 1))')
  // What has no sector is not held for one.
  expect(conditionOf(scopeOf([grant([], 'both', ['E'])], false), { work: 'work' })).toBe('(((1) AND 0))')
  const bad = scopeOf([grant(["43'--"])], false)
  expect(() => conditionOf(bad, ALL)).toThrow(/holds a code that is none/)
})

test.each([
  [grant(['430502']), [grant(['4305'])], true],
  [grant(['4305']), [grant(['430502'])], false],
  [grant(['430502'], 'both'), [grant(['4305'], 'home')], false],
  [grant(['430502'], 'home'), [grant([], 'work')], true],
  [grant([]), [grant(['43'])], false],
  [grant(['4305']), [grant([], 'both', ['E'])], false],
  [grant(['4305'], 'both', ['E']), [grant([], 'both', ['E', 'F'])], true],
])('small counts of %o are seen with individuals of %o: %s', (figures, individuals, isSeen) => {
  expect(isCovered(figures, individuals)).toBe(isSeen)
})
