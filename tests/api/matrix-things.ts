import { DAY_MS } from '#domain/time.ts'
import { Client } from '../support/client.ts'
import { enterPerson } from '../support/people.ts'
import { type TestServer, waitFor } from '../support/server.ts'
import { arrears, idNumberFor, industry, worker } from '../support/signals.ts'

/** Where things lie, as seen by who has a post in the first: its own, the city around it, a county beside it, one elsewhere. */
export const REGIONS = { own: '430502', parent: '4305', sibling: '430503', foreign: '430102' } as const
export type Relation = keyof typeof REGIONS
export const RELATIONS = Object.keys(REGIONS) as Relation[]

/** Posts that reach further or less far than a county by both sides in all sectors. */
export const SHAPES = {
  home: [{ regions: [REGIONS.own], side: 'home' }],
  work: [{ regions: [REGIONS.own], side: 'work' }],
  sector: [{ regions: [REGIONS.own], sectors: ['C'] }],
  posts: [
    { regions: [REGIONS.own], startsAt: '2026-01-01T00:00:00+08:00', endsAt: '2026-02-01T00:00:00+08:00' },
    { regions: [REGIONS.sibling] },
  ],
  township: [{ regions: [`${REGIONS.own}001`] }],
  station: [{ regions: ['440300'], side: 'work' }],
} as const satisfies Record<string, object[]>
export type Shape = keyof typeof SHAPES

/** A person is registered in a county at least: who is of the city alone is of another county of it. */
export const HOMES: Record<Relation, string> = { ...REGIONS, parent: '430511' }

/** A piece of every name in a region that stands nowhere else: where it is found, something of that region is told. */
export const TOKENS: Record<Relation, string> = {
  own: 'qown7',
  parent: 'qpar7',
  sibling: 'qsib7',
  foreign: 'qfor7',
}

/** What is owed there by each case, in yuan: a sum says which regions are in it. */
export const OWED: Record<Relation, number> = { own: 60_000, parent: 6_000_000, sibling: 6e8, foreign: 6e10 }

/** How many of everything is there: a count of another region is never as small as one of the own. */
const SIZE: Record<Relation, number> = { own: 1, parent: 2, sibling: 3, foreign: 4 }

/** The things of one region that routes are asked for. */
export type Things = Awaited<ReturnType<typeof makeThings>>

let serial = 0
/** A name that is new each time, with the token of its region. */
export const nameIn = (relation: Relation) => `${TOKENS[relation]}n${++serial}`

/** A case of 60 people at a site of its own in a region: its alert comes at once, and its counts are not small. */
export function caseIn(relation: Relation) {
  const name = nameIn(relation)
  const site = {
    employer: `湖南${name}建筑有限公司`,
    project: `${name}工程`,
    workers: 60,
    owed: `${OWED[relation]}.00`,
  }
  return arrears({ caseId: name, workRegion: REGIONS[relation], ...site })
}

/** Makes one of everything in a region, as an administrator of the whole province, and says what each is called. */
export async function makeThings(server: TestServer, owner: Client, relation: Relation) {
  const region = REGIONS[relation]
  const post = (path: string, body: unknown) => make(owner, path, body)
  const kinds = ['workers', 'arrears', 'industry']
  const source = await post('/v1/sources', {
    name: nameIn(relation),
    kinds,
    region,
    dueEvery: 'day',
    graceHours: 0,
  })
  const spare = await makeSpare(owner, source.id, relation)
  const persons = makePersons(relation)
  const send = async (kind: string, rows: unknown[]) =>
    (await post(`/v1/sources/${source.id}/signals/${kind}`, rows)).batch as string
  await send('workers', [persons.one])
  const withdrawable = await send('workers', [persons.withdrawn])
  await send('workers', persons.others)
  const cases = times(SIZE[relation], () => caseIn(relation))
  await send('arrears', cases)
  const pointId = nameIn(relation)
  const figures = {
    workRegion: region,
    headcount: 500 * SIZE[relation] ** 2,
    ...(relation !== 'own' && { wagePaid: '1000000.00' }),
  }
  await send('industry', [industry({ ...figures, pointId })])
  const alertOf = async () =>
    (await owner.ask('/v1/alerts?limit=1000')).body.alerts.find(
      (one: any) => one.employer === cases[0]?.employer,
    )
  await waitFor(async () => (await alertOf()) !== undefined)
  const observedAt = new Date(Date.now() - 10 * DAY_MS).toISOString()
  for (const pointId of times(SIZE[relation], () => nameIn(relation))) {
    const late = await post('/v1/sources', { name: pointId, kinds, region, dueEvery: 'day', graceHours: 0 })
    await post(`/v1/sources/${late.id}/signals/industry`, [industry({ ...figures, pointId, observedAt })])
  }
  const unitOf = () => ({ kind: 'park', rank: 'national', name: nameIn(relation), region })
  const unit = await post('/v1/units', { ...unitOf(), pointId, sourceId: source.id })
  const retired = await post('/v1/units', unitOf())
  const someone = await enterPerson(server, owner, {
    ...{ username: nameIn(relation), name: nameIn(relation), role: 'leader', regions: [region] },
  })
  const [firstPost] = (await owner.ask(`/v1/people/${someone.id}/posts`)).body.posts
  const wall = await post('/v1/walls', { code: await newCode(server), name: nameIn(relation), region })
  const lock = { kind: 'workers', region, before: '2000-01-01', reason: nameIn(relation) }
  await owner.ask('/v1/locks', lock, { method: 'PUT' })
  const personKeyOf = async (idNumber: unknown) =>
    (await post('/v1/identities/search', { idNumber, reason: '矩阵测试所用' })).matches[0].personKey as string
  const { households } = (await owner.ask(`/v1/households?region=${villageIn(relation)}`)).body
  return {
    region,
    village: villageIn(relation),
    source: source.id as string,
    key: source.key as string,
    ...spare,
    withdrawable,
    alert: (await alertOf()).id as string,
    unit: unit.id as string,
    retired: retired.id as string,
    pointId,
    employer: String(cases[0]?.employer),
    person: someone.id,
    post: firstPost.id as string,
    wall: wall.id as string,
    lock: lock.reason,
    idNumber: String(persons.one.idNumber),
    personKey: await personKeyOf(persons.one.idNumber),
    erasable: await personKeyOf(persons.others[0]?.idNumber),
    household: households[0].key as string,
  }
}

/** Of a source what can be changed but once: a key besides its own, and a batch of four refused rows and one that counts for nothing. */
export async function makeSpare(owner: Client, source: string, relation: Relation) {
  const key = await make(owner, `/v1/sources/${source}/keys`, {})
  const withdrawn = personOf(relation, { status: 'withdrawn' })
  const rows = [withdrawn, ...times(4, () => ({ name: nameIn(relation) }))]
  const { batch } = await make(owner, `/v1/sources/${source}/signals/workers`, rows)
  return { keyId: key.id as string, batch: batch as string }
}

async function make(owner: Client, path: string, body: unknown): Promise<any> {
  const answer = await owner.ask(path, body)
  if (answer.status >= 300)
    throw new Error(`${path} answered ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

const times = <T>(length: number, make: () => T): T[] => Array.from({ length }, make)
const villageIn = (relation: Relation) => `${HOMES[relation]}001001`

/** What a text tells of regions but those of `seen`: their names, and the ids of their things; nothing that was asked for. */
export function strangersIn(
  things: Record<Relation, Things>,
  text: string,
  asked = '',
  seen: readonly Relation[] = ['own'],
): string[] {
  return RELATIONS.filter((relation) => !seen.includes(relation)).flatMap((relation) => {
    const { region, village, ...ids } = things[relation]
    return [TOKENS[relation], ...Object.values(ids)].filter(
      (one) => text.includes(one) && !asked.includes(one),
    )
  })
}

/** A code that a screen shows; the screen is forgotten unless `screen` is given. */
export async function newCode(server: TestServer, screen = new Client(server)): Promise<string> {
  return (await screen.ask('/v1/walls/pairings', {})).body.code
}

/** A screen that was let in for a region. */
export async function makeScreen(server: TestServer, owner: Client, relation: Relation): Promise<Client> {
  const screen = new Client(server)
  const code = await newCode(server, screen)
  await owner.ask('/v1/walls', { code, name: nameIn(relation), region: REGIONS[relation] })
  await screen.ask('/v1/walls/pairings', {})
  await screen.ask('/v1/walls/beat', { version: 'v1' })
  return screen
}

/** Somebody of a region who works far away. */
function personOf(relation: Relation, over: object = {}) {
  const at = { homeRegion: HOMES[relation], workRegion: '440300' }
  return worker({ idNumber: idNumberFor(++serial), ...at, ...over })
}

/** People of a region, 60 in the own one: one in a household, one to be withdrawn, and the rest. */
function makePersons(relation: Relation) {
  const employer = nameIn(relation)
  return {
    one: personOf(relation, { employer, homeRegion: villageIn(relation), household: '12' }),
    withdrawn: personOf(relation, { employer }),
    others: times(48 + 10 * SIZE[relation], () => personOf(relation, { employer })),
  }
}
