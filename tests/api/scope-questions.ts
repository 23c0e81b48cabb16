import fc from 'fast-check'
import { MEASURES } from '#domain/measure.ts'

/** Codes of each region, above and below it, in full, of before, of statistical zones. */
const CODES =
  '430502 430503 430102 430511 430502001 430503001001 430102001001 43 4305 4301 430500 430000 430502000000 430124 430671 430521 44 4403'.split(
    ' ',
  )
/** What is no code but could be taken for one, or for more than one, or for a piece of a statement. */
const ODD = [
  ...['', '\\', '\\x34', '430102\u0000', '430102\n', '\u202e430102', '430\u200b102', '9'.repeat(400)],
  ..."0|4|430|43050|4305020010|99|999999|000000|-43|+43|43.0|4.3e1|0x43|43,4301|430502,430102|null|undefined|NaN|true|430502 OR 1=1|43' OR '1'='1|43') OR ('1'='1|'; DROP TABLE alerts; --|430102/..|../430102".split(
    '|',
  ),
  ...'*|%|%25|_|43%|4301__|{region}|{scope}|$1|#{x}|"|[]|[43]|４３０１０２|٤٣٠١٠٢|𝟒𝟑| 430102|430102 '.split(
    '|',
  ),
]
const INSTANTS = ['2026-10-01', '2026-12-01', '2150-01-01', '1950-01-01', '2026-11-20T09:00:00+08:00']
const ODD_INSTANTS = ['0001-01-01', '9999-12-31T23:59:59Z', '2026-13-45', "1' OR 1", '0', '-1', '1e12']

/** Any text that might be sent in place of a value. */
const text = fc.oneof(
  fc.constantFrom(...CODES, ...ODD, ...INSTANTS, ...ODD_INSTANTS),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }).map((one) => one.toWellFormed()),
)

const oneOf = (...values: string[]) => fc.constantFrom(...values)
const DIMENSIONS = oneOf(
  'work.county',
  'work.city',
  'work.province',
  'home.county',
  'sector',
  'source',
  'employer',
)
/** Good values of a parameter, which are taken most of the time. */
const GOOD: Record<string, fc.Arbitrary<string>> = {
  measure: fc.constantFrom(...Object.keys(MEASURES), 'workers.count', 'arrears.owed', 'arrears.workers'),
  by: fc.uniqueArray(DIMENSIONS, { maxLength: 2 }).map((by) => by.join(',')),
  region: fc.constantFrom(...CODES),
  role: oneOf('home', 'work'),
  sector: oneOf('C', 'E', 'T'),
  at: fc.constantFrom(...INSTANTS),
  from: fc.constantFrom(...INSTANTS),
  to: fc.constantFrom(...INSTANTS),
  knownAt: fc.constantFrom(...INSTANTS),
  format: oneOf('json', 'json', 'csv'),
  level: oneOf('province', 'city', 'county'),
  interval: oneOf('day', 'week', 'month', 'month'),
  state: oneOf('active', 'open', 'acknowledged', 'resolved', 'waiting'),
  limit: oneOf('1', '100', '1000'),
  after: oneOf('0', '1', '99999999999999999999'),
  before: oneOf('0', '1', '99999999999999999999'),
  search: oneOf('q', '%', '_', 'admin'),
  page: oneOf('1', '2', '10000'),
  silent: oneOf('true', 'false'),
  retired: oneOf('true', 'false'),
  cells: fc.constant('true'),
  kind: oneOf('workers', 'arrears', 'industry', 'park'),
  rule: oneOf('D14', 'D15'),
  tier: oneOf('blue', 'yellow', 'orange', 'red'),
}

const FIGURES = ['measure', 'by', 'region', 'role', 'sector', 'at', 'from', 'to', 'knownAt', 'format']
/** The routes that take a region, an instant, a split or a filter, with what they take. */
const LISTS: Record<string, string[]> = {
  '/v1/distribution': FIGURES,
  '/v1/series': [...FIGURES, 'interval'],
  '/v1/flows': [...FIGURES, 'level'],
  '/v1/alerts': ['state', 'tier', 'region', 'rule', 'limit', 'before'],
  '/v1/alerts/log': ['after', 'limit'],
  '/v1/households': ['region'],
  '/v1/units': ['kind', 'rank', 'region', 'area', 'silent', 'retired'],
  '/v1/people': ['search', 'state', 'page'],
  '/v1/quarantine': ['source', 'batch', 'kind', 'code', 'state', 'cells', 'limit', 'after'],
  '/v1/sources': ['region', 'kind'],
  '/v1/locks': ['region', 'kind'],
  '/v1/walls': ['region'],
}

/** A parameter: now and then with a bad value, twice, or named like one of a list. */
function parameter(name: string): fc.Arbitrary<[string, string][]> {
  const value = fc.oneof({ weight: 15, arbitrary: GOOD[name] ?? text }, { weight: 1, arbitrary: text })
  return fc
    .tuple(value, fc.option(value, { freq: 15 }), fc.nat(40))
    .map(([one, other, odd]) => [
      [odd === 39 ? `${name}[]` : odd === 40 ? `${name}[0]` : name, one],
      ...(other === null ? [] : ([[name, other]] as [string, string][])),
    ])
}

const queryOf = (names: readonly string[]) =>
  fc
    .uniqueArray(fc.constantFrom(...names.filter((name) => name !== 'measure')), { maxLength: 4 })
    .chain((chosen) =>
      fc.tuple(...(names.includes('measure') ? ['measure', ...chosen] : chosen).map(parameter)),
    )
    .map((pairs) => new URLSearchParams(pairs.flat()).toString())

/** An address with parameters, most of which make sense and some of which do not; figures half of the time. */
export const question = fc
  .oneof(oneOf('/v1/distribution', '/v1/series', '/v1/flows'), oneOf(...Object.keys(LISTS)))
  .chain((path) => queryOf(LISTS[path] ?? []).map((query) => `${path}?${query}`))

/** Addresses that hold an id, and what somebody might put there. */
export const addressed = fc
  .tuple(
    oneOf(
      ...['alerts/@', 'alerts/@/evidence', 'households/@', 'units/@', 'units/@/duty', 'units/@/last-period'],
      ...['batches/@', 'roles/@/holders', 'people/@/posts', 'quarantine/@/2'],
      ...['sources/@/batches', 'sources/@/keys', 'sources/@/mappings', 'sources/@/mappings/unmapped'],
      ...['sources/@/signals/arrears/columns'],
    ),
    fc.oneof(
      oneOf(...ODD, ...CODES, '..', '.', '%2e%2e%2f', 'log', 'import'),
      fc.string({ unit: 'grapheme' }),
    ),
  )
  .map(([address, id]) => `/v1/${address.replace('@', encodeURIComponent(id))}`)

/** A value of JSON in place of a region, and in place of a list of them. */
export const place: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...CODES) },
  {
    weight: 1,
    arbitrary: fc.oneof(text, fc.constantFrom(null, true, 43, [], ['430502'], {}, { region: '430502' })),
  },
)
export const places = fc.oneof(
  { weight: 3, arbitrary: fc.array(place, { maxLength: 3 }) },
  { weight: 1, arbitrary: place },
)
