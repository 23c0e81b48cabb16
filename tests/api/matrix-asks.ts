import type { TestServer } from '../support/server.ts'
import { arrears, industry, worker } from '../support/signals.ts'
import { HOMES, nameIn, newCode, type Relation, type Things } from './matrix-things.ts'

/** How a route is asked for the things of a region, where its address alone does not say it. */
type Ask = {
  query?: (things: Things) => string
  body?: (things: Things, relation: Relation, server: TestServer) => unknown
  /** Type of the body, where it is no JSON. */
  type?: string
  /** What an answer that is good holds when it tells of this region. */
  finds?: (things: Things) => string
  /** The same, where no name says it. */
  isFound?: (answer: any) => boolean
}

const REASON = '矩阵测试所用'
const whole = { query: () => '?limit=1000' }
const figures = (more: string): Ask => ({
  query: ({ region }) => `?measure=arrears.workers&by=work.county,employer&region=${region}${more}`,
  finds: ({ employer }) => employer,
})
const sendsWorkers: Ask = {
  body: (_, relation) => [worker({ homeRegion: HOMES[relation], workRegion: '440300', status: 'seeking' })],
}
const sendsArrears: Ask = {
  body: ({ region }, relation) => [arrears({ caseId: nameIn(relation), workRegion: region, workers: 9 })],
}
const sendsIndustry: Ask = {
  body: ({ region }, relation) => [industry({ pointId: nameIn(relation), workRegion: region })],
}
const columns: Ask = { body: () => ({ titles: ['单位'], columns: { 单位: 'employer' } }) }
const park = ({ region }: Things, relation: Relation) => ({
  ...{ kind: 'park', rank: 'national', name: nameIn(relation), region },
})
const closes = { kind: 'industry', before: '2000-01-01', reason: REASON, exceptions: [] }

/** By route; one that is not here is asked by its address alone, with an empty body where it takes one. */
const ASKS: Record<string, Ask> = {
  'GET /v1/distribution': figures(''),
  'GET /v1/series': figures('&interval=day'),
  'GET /v1/flows': {
    query: ({ region }) => `?measure=workers.count&level=county&region=${region}`,
    finds: ({ village }) => `"home":"${village.slice(0, 6)}"`,
  },
  'GET /v1/alerts': { ...whole, finds: ({ alert }) => alert },
  'GET /v1/alerts/log': { ...whole, finds: ({ alert }) => alert },
  'POST /v1/alerts/:id/actions': { body: () => ({ action: 'comment', note: REASON }) },
  'GET /v1/sources': { finds: ({ source }) => source },
  'POST /v1/sources': {
    body: ({ region }, relation) => ({ name: nameIn(relation), kinds: ['arrears'], region }),
  },
  'PATCH /v1/sources/:source': { body: () => ({ graceHours: 48 }) },
  'PATCH /v1/sources/:source/keys/:keyId': { body: () => ({ rowsPerMinute: 60_000 }) },
  'POST /v1/sources/:source/keys/:keyId/rotate': { body: () => ({ overlapHours: 1 }) },
  'POST /v1/sources/:source/keys/:keyId/revoke': { body: () => ({ reason: REASON }) },
  'POST /v1/signals/workers': sendsWorkers,
  'POST /v1/signals/arrears': sendsArrears,
  'POST /v1/signals/industry': sendsIndustry,
  'POST /v1/sources/:source/signals/workers': sendsWorkers,
  'POST /v1/sources/:source/signals/arrears': sendsArrears,
  'POST /v1/sources/:source/signals/industry': sendsIndustry,
  'PUT /v1/signals/:kind/columns': columns,
  'PUT /v1/sources/:source/signals/:kind/columns': columns,
  'POST /v1/signals/:kind/preview': { ...sendsArrears, isFound: ({ rows }) => rows[0].faults.length === 0 },
  'POST /v1/sources/:source/signals/:kind/preview': sendsArrears,
  'POST /v1/batches/:batch/errors.json': { body: () => ({ reason: REASON }) },
  'POST /v1/batches/:batch/errors.csv': { body: () => ({ reason: REASON }) },
  'POST /v1/batches/:batch/errors.xlsx': { body: () => ({ reason: REASON }) },
  'POST /v1/batches/:batch/withdraw': { body: () => ({ reason: REASON }) },
  'GET /v1/quarantine': { query: () => '?cells=true', finds: ({ batch }) => batch },
  'POST /v1/quarantine/dismiss': {
    body: ({ batch }) => ({ rows: [{ batch, row: 3 }], reason: REASON }),
    isFound: ({ dismissed }) => dismissed === 1,
  },
  'POST /v1/quarantine/replay': { body: ({ batch }) => ({ batch }), isFound: ({ judged }) => judged > 0 },
  'POST /v1/quarantine/:batch/:row/read': { body: () => ({ reason: REASON }) },
  'POST /v1/quarantine/:batch/:row/correct': { body: () => ({ value: {} }) },
  'GET /v1/locks': { finds: ({ lock }) => lock },
  'PUT /v1/locks': { body: ({ region }) => ({ ...closes, region }) },
  'POST /v1/locks/open': { body: ({ region }) => ({ kind: 'industry', region, reason: REASON }) },
  'PUT /v1/sources/:source/mappings': { body: () => ({ mappings: [] }) },
  'GET /v1/people': { finds: ({ person }) => person },
  'POST /v1/people': {
    body: ({ region }, relation) => ({ username: nameIn(relation), role: 'leader', regions: [region] }),
  },
  'POST /v1/people/import': {
    query: () => '?mode=commit',
    type: 'text/csv',
    body: ({ region }, relation) => `用户名,姓名,角色,区域\r\n${nameIn(relation)},某人,领导,${region}\r\n`,
  },
  'PATCH /v1/people/:person': { body: () => ({ isDisabled: false }) },
  'POST /v1/people/:person/posts': { body: ({ region }) => ({ role: 'leader', regions: [region] }) },
  'PATCH /v1/people/:person/posts/:post': { body: () => ({ endsAt: null }) },
  'PATCH /v1/roles': { body: () => ({ changes: [] }) },
  'GET /v1/roles/:role/holders': { finds: ({ person }) => person },
  'PUT /v1/roles/:role': { body: () => ({ title: { zh: '试', en: 'Try' }, rights: ['alerts.read'] }) },
  'PUT /v1/small-counts': { body: () => ({ k: 5 }) },
  'GET /v1/households': {
    query: ({ village }) => `?region=${village}`,
    isFound: ({ rows: [row] }) => row.persons !== null || row.hidden.includes('persons'),
  },
  'POST /v1/households/read': { body: ({ household }) => ({ key: household, reason: REASON }) },
  'POST /v1/identities/search': {
    body: ({ idNumber }) => ({ idNumber, reason: REASON }),
    finds: ({ personKey }) => personKey,
  },
  'POST /v1/identities/read': { body: ({ personKey }) => ({ personKey, reason: REASON }) },
  'POST /v1/identities/erase': { body: ({ erasable }) => ({ personKey: erasable, reason: REASON }) },
  'POST /v1/identities/key/rotate': { body: () => ({ reason: REASON }) },
  'POST /v1/walls/beat': { body: () => ({ version: 'v1' }) },
  'GET /v1/walls': { finds: ({ wall }) => wall },
  'POST /v1/walls': {
    // So many screens may wait for an answer: one is asked to show a code only where it may be let in.
    body: async ({ region }, relation, server) => ({
      ...{ code: relation === 'own' ? await newCode(server) : 'ACDE-3479', name: nameIn(relation), region },
    }),
  },
  'POST /v1/walls/:wall/rename': { body: (_, relation) => ({ name: nameIn(relation) }) },
  'POST /v1/walls/:wall/revoke': { body: () => ({ reason: REASON }) },
  'GET /v1/units': { finds: ({ unit }) => unit },
  'POST /v1/units': { body: park },
  'POST /v1/units/import': { body: (things, relation) => ({ units: [park(things, relation)] }) },
  'PUT /v1/units/:unit': {
    body: (things, relation) => ({
      ...park(things, relation),
      sourceId: things.source,
      pointId: things.pointId,
    }),
  },
  'PUT /v1/units/:unit/duty': { body: () => ({ entries: [] }) },
  'PUT /v1/units/:unit/earlier-reports': { body: () => ({ reports: [] }) },
  'PUT /v1/units/:unit/reporters': { body: () => ({ usernames: ['reporter1'] }) },
  'POST /v1/units/:unit/reports': {
    body: ({ pointId, region }) => industry({ pointId, workRegion: region }),
  },
}

/** What stands in an address for a name with a colon. */
const NAMES: Record<string, (things: Things, route: string) => string> = {
  kind: () => 'arrears',
  source: ({ source }) => source,
  keyId: ({ keyId }) => keyId,
  batch: ({ batch, withdrawable }, route) => (route.endsWith('withdraw') ? withdrawable : batch),
  row: () => '2',
  id: ({ alert }) => alert,
  unit: ({ unit, retired }, route) => (route.endsWith('retire') ? retired : unit),
  person: ({ person }) => person,
  post: ({ post }) => post,
  wall: ({ wall }) => wall,
  role: (_, route) => (route.endsWith('holders') ? 'leader' : 'tried'),
  session: () => 'none',
}

export type Answer = { status: number; text: string; asked: string; isFound: boolean }

/** Asks a route for the things of a region. */
export async function ask(
  server: TestServer,
  route: string,
  things: Things,
  relation: Relation,
  headers: Record<string, string>,
): Promise<Answer> {
  const [method = '', pattern = ''] = route.split(' ')
  const { query, body, type = 'application/json', finds, isFound } = ASKS[route] ?? {}
  const address = pattern.replace(/:(\w+)/g, (_, name: string) => {
    const find = NAMES[name]
    if (!find) throw new Error(`${route}: say in NAMES what stands for :${name}`)
    return find(things, route)
  })
  const url = `${server.url}${address}${query?.(things) ?? ''}`
  const takesBody = method !== 'GET' && method !== 'DELETE'
  const value = (await body?.(things, relation, server)) ?? {}
  const sent = typeof value === 'string' ? value : JSON.stringify(value)
  const response = await fetch(url, {
    method,
    headers: { origin: server.url, ...(takesBody && { 'content-type': type }), ...headers },
    ...(takesBody && { body: sent }),
    redirect: 'manual',
  })
  const text = await response.text()
  const isTold = () => (finds ? text.includes(finds(things)) : (isFound?.(JSON.parse(text)) ?? true))
  return {
    status: response.status,
    text,
    asked: url + (takesBody ? sent : ''),
    isFound: response.ok && isTold(),
  }
}
