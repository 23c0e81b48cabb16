import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { servedBy } from '#domain/operation.ts'
import { type AppDeps, createApp } from '../../api/app.ts'
import type { Client } from '../support/client.ts'
import { enterAdmin, enterPerson } from '../support/people.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { type Answer, ask } from './matrix-asks.ts'
import { EVENTS, EVENTS_BY_SHAPE, MATRIX, MATRIX_BY_SHAPE } from './matrix-table.ts'
import {
  caseIn,
  makeScreen,
  makeSpare,
  makeThings,
  nameIn,
  OWED,
  REGIONS,
  RELATIONS,
  type Relation,
  SHAPES,
  type Shape,
  strangersIn,
  type Things,
  TOKENS,
} from './matrix-things.ts'

const ROLES = ['leader', 'analyst', 'onCall', 'reporter', 'handler', 'administrator', 'auditor'] as const
/** In the order of the table. */
const EVERYBODY = [...ROLES, 'nobody', 'hall', 'screen', 'key'] as const
const SHAPE_NAMES = Object.keys(SHAPES) as Shape[]
type Who = (typeof EVERYBODY)[number] | Shape
/** Through a proxy nobody sits at the server itself. */
const AWAY = { 'x-forwarded-for': '192.0.2.1' }

const { routes } = createApp({
  roles: new Set(['api', 'ingestion']),
  ingestion: {},
  auth: { settings: { publicUrl: null } },
} as unknown as AppDeps)
const SERVED = new Set(
  routes
    .flatMap((route) => servedBy(route.handler, route.method, route.path))
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`),
)
const rowsOf = (table: string) =>
  table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [method, path, ...cells] = line.split(/ +/)
      return { route: `${method} ${path}`, cells }
    })
const ROWS = rowsOf(MATRIX)
const ROWS_BY_SHAPE = rowsOf(MATRIX_BY_SHAPE)

let server: TestServer
let owner: Client
const things = {} as Record<Relation, Things>
/** The things of the regions with, for each shape, those that can be asked for but once. */
const spares = new Map<Who, Record<Relation, Things>>()
const headers = {} as Record<Who, Record<string, string>>
const sockets: Socket[] = []

beforeAll(async () => {
  server = await startServer()
  owner = await enterAdmin(server)
  for (const relation of RELATIONS) things[relation] = await makeThings(server, owner, relation)
  for (const role of ROLES) headers[role] = { cookie: (await enter(role)).client.cookie, ...AWAY }
  for (const shape of SHAPE_NAMES) {
    headers[shape] = { cookie: (await enterShape(shape)).cookie, ...AWAY }
    const own = { ...things }
    for (const relation of RELATIONS)
      own[relation] = { ...own[relation], ...(await makeSpare(owner, things[relation].source, relation)) }
    spares.set(shape, own)
  }
  headers.nobody = AWAY
  headers.hall = {}
  headers.screen = { cookie: (await makeScreen(server, owner, 'own')).cookie, ...AWAY }
  headers.key = { authorization: `Bearer ${things.own.key}`, ...AWAY }
  // Which sources are silent is told at the start, and once a minute.
  await server.killAndRestart()
})
afterAll(async () => {
  for (const socket of sockets) socket.close()
  await server.stop()
})

/** A person with a role in the own county; the reporter reports for the unit there. */
const enter = (role: (typeof ROLES)[number]) =>
  enterPerson(server, owner, {
    ...{ username: role === 'reporter' ? 'reporter1' : nameIn('own'), role, regions: [REGIONS.own] },
    ...(role === 'reporter' && { unit: things.own.unit }),
  })

/** An administrator with the posts of a shape and no other. */
async function enterShape(shape: Shape): Promise<Client> {
  const [first, ...others] = SHAPES[shape].map((post) => ({ role: 'administrator', ...post }))
  const person = { username: `of.${shape}`, role: 'administrator', ...first }
  const { id, client } = await enterPerson(server, owner, person)
  for (const post of others) expect((await owner.ask(`/v1/people/${id}/posts`, post)).status).toBe(201)
  return client
}

function cellOf({ status, isFound }: Answer): string {
  if (status < 300) return isFound ? '2' : '0'
  return { 401: '-', 403: '.', 404: '4', 400: 'x', 422: 'x' }[status] ?? `(${status})`
}

describe('the socket', () => {
  /** All that a connection is told. */
  function listen(extraHeaders: Record<string, string>, auth = {}) {
    const told: { name: string; value: any }[] = []
    const options = {
      path: '/live',
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      extraHeaders,
      auth,
    }
    const socket = io(server.url, options)
    sockets.push(socket)
    socket.onAny((name, value) => told.push({ name, value }))
    socket.on('connect_error', () => told.push({ name: 'refused', value: null }))
    return told
  }
  type Told = ReturnType<typeof listen>

  /** Whether something that was told is of a region. */
  const isOf = (relation: Relation, { name, value }: Told[number]): boolean => {
    if (name === 'snapshot') return value.alerts.some((alert: any) => alert.region === REGIONS[relation])
    if (name === 'alert') return value.alert.region === REGIONS[relation]
    if (name === 'stale') return value.name.includes(TOKENS[relation])
    // A hundred cases of one region owe less than one of the next: the sum tells which are in it.
    if (name === 'pulse')
      return Math.floor(Number(value.values['arrears.owed'] ?? 0) / (OWED[relation] / 6)) % 100 > 0
    return true
  }
  const told = new Map<string, Told>()
  const rowOf = (event: string, viewers: readonly Who[]) =>
    viewers.map((who) => {
      const all = told.get(who) ?? []
      if (all.some(({ name }) => name === 'refused')) return '-'
      const of = all.filter(({ name }) => name === event)
      const cell = RELATIONS.map((relation) => (of.some((one) => isOf(relation, one)) ? '2' : '0')).join('')
      return new Set(cell).size === 1 ? cell.charAt(0) : cell
    })

  test('tells everybody what the table says, and nothing of elsewhere', async () => {
    for (const who of [...EVERYBODY, ...SHAPE_NAMES]) told.set(who, listen(headers[who]))
    await waitFor(() =>
      [...told.values()].every((all) => all.some(({ name }) => /snapshot|refused/.test(name))),
    )
    const cases = RELATIONS.map(caseIn)
    for (const [i, relation] of RELATIONS.entries())
      await server.send('arrears', things[relation].key, [cases[i]])
    await waitFor(() => told.get('hall')?.filter(({ name }) => name === 'alert').length === cases.length)
    const { seq } = await server.get('/v1/alerts/log')
    const isDone = (all: Told) =>
      all.some(({ name, value }) => name === 'refused' || (name === 'watermark' && value.seq >= seq))
    await waitFor(() => [...told.values()].every(isDone))
    const expected = (table: typeof EVENTS) =>
      Object.entries(table).map(([event, cells]) => [event, ...cells.trim().split(/ +/)])
    const seen = (viewers: readonly Who[]) =>
      Object.keys(EVENTS).map((event) => [event, ...rowOf(event, viewers)])
    await expect.poll(() => seen(EVERYBODY)).toEqual(expected(EVENTS))
    await expect.poll(() => seen(SHAPE_NAMES)).toEqual(expected(EVENTS_BY_SHAPE))
    for (const [who, all] of told)
      if (who !== 'hall')
        expect([
          who,
          strangersIn(things, JSON.stringify(all), '', [who === 'posts' ? 'sibling' : 'own']),
        ]).toEqual([who, []])
  })

  test('counts what arrives for nobody who does not see everything', () => {
    for (const [who, all] of told)
      for (const { name, value } of all)
        if (name === 'pulse') expect([who, value.rowsLastMinute === null]).toEqual([who, who !== 'hall'])
  })

  test('tells of changed access only whose posts have changed', async () => {
    const { id, client } = await enter('leader')
    const own = listen({ cookie: client.cookie })
    const quiet = listen({ cookie: client.cookie }, { only: 'access' })
    await waitFor(() => own.some(({ name }) => name === 'snapshot'))
    const given = await owner.ask(`/v1/people/${id}/posts`, { role: 'onCall', regions: [REGIONS.sibling] })
    expect(given.status).toBe(201)
    await waitFor(() => own.some(({ name }) => name === 'access'))
    await waitFor(() => own.some((one) => one.name === 'snapshot' && isOf('sibling', one)))
    await waitFor(() => quiet.length > 0)
    expect(quiet.map(({ name }) => name)).toEqual(['access'])
    expect([...told.values()].flat().filter(({ name }) => name === 'access')).toEqual([])
  })
})

describe('every route', () => {
  test('stands in the table, once, and none that is not served', () => {
    expect(ROWS.map(({ route }) => route).sort()).toEqual([...SERVED].sort())
  })

  test('whose answer depends on a place stands in the table of shapes too, and no other', () => {
    const administrator = EVERYBODY.indexOf('administrator')
    const placed = ROWS.filter(({ cells }) => (cells[administrator] ?? '').length > 1)
    expect(ROWS_BY_SHAPE.map(({ route }) => route)).toEqual(placed.map(({ route }) => route))
  })

  /** Asks as each of these: everybody is answered as the cells say, and told nothing of a region but where a cell says so. */
  async function check(route: string, viewers: readonly Who[], cells: readonly string[]) {
    const relations = cells.some((cell) => cell.length > 1) ? RELATIONS : (['own'] as const)
    const seen: string[] = []
    const strangers: string[] = []
    for (const [i, who] of viewers.entries()) {
      const own = spares.get(who) ?? things
      const answers = await Promise.all(
        relations.map((relation) => ask(server, route, own[relation], relation, headers[who])),
      )
      const expected = cells[i] ?? ''
      const told = relations.filter((_, at) => (expected.length > 1 ? expected.charAt(at) : expected) === '2')
      for (const { text, asked } of who === 'hall' ? [] : answers)
        for (const all of new Set([things, own]))
          strangers.push(...strangersIn(all, text, asked, told).map((one) => `${who} ${one}`))
      const cell = answers.map(cellOf)
      seen.push(new Set(cell).size === 1 ? (cell[0] ?? '') : cell.join(''))
    }
    expect(Object.fromEntries(viewers.map((who, i) => [who, seen[i]]))).toEqual(
      Object.fromEntries(viewers.map((who, i) => [who, cells[i]])),
    )
    expect(strangers).toEqual([])
  }

  test.each(ROWS_BY_SHAPE)('$route by the shape of the posts', ({ route, cells }) =>
    check(route, SHAPE_NAMES, cells),
  )

  test.each(ROWS)('$route', ({ route, cells }) => check(route, EVERYBODY, cells))

  test('that reads finds things of each region for who sees everywhere: the questions are good ones', async () => {
    const missed = []
    const administrator = EVERYBODY.indexOf('administrator')
    // What is asked by a source's key alone finds the key's own.
    const asked = ROWS.filter(({ cells }) => cells[administrator] !== '-')
    for (const { route, cells } of asked.filter(({ route }) =>
      /^GET|read$|errors\.|identities.search/.test(route),
    ))
      for (const relation of cells.some((cell) => cell.length > 1) ? RELATIONS : (['own'] as const)) {
        const cookie = { cookie: owner.cookie }
        const answer = await ask(server, route, things[relation], relation, cookie)
        if (cellOf(answer) !== '2') missed.push([route, relation, answer.status])
      }
    expect(missed).toEqual([])
  })
})
