import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client } from '../support/client.ts'
import { enterAdmin, enterPerson } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let admin: Client

beforeAll(async () => {
  server = await startServer()
  admin = await enterAdmin(server)
})
afterAll(() => server.stop())

/** What is written down of refusals, the oldest first. */
async function refused(who: string): Promise<[string, string][]> {
  const { body } = await admin.ask(`/v1/audit?action=refused,identity.refused&who=${who}`)
  return body.entries.map(({ subject, reason }: any) => [subject, reason]).reverse()
}

test('who is refused is written down with the right, the route and the place, and no value of the request', async () => {
  const { client, id } = await enterPerson(server, admin, { username: 'clerk', role: 'reporter' })
  expect((await client.ask('/v1/audit?text=13900000199')).status).toBe(403)
  expect((await client.ask('/v1/people/k3Q9vX2mT7aLw0ZrB5uYcd/posts')).status).toBe(403)
  expect((await client.ask('/v1/identities/read', { personKey: 'x', reason: 'none' })).status).toBe(403)
  await admin.ask(
    '/v1/roles/keeper',
    { title: { zh: '来源', en: 'Sources' }, rights: ['sources.manage'] },
    { method: 'PUT' },
  )
  await admin.ask(`/v1/people/${id}/posts`, { role: 'keeper', regions: ['4305'] })
  const source = { name: '越界的来源', kinds: ['workers'], region: '430102' }
  expect((await client.ask('/v1/sources', source)).status).toBe(403)
  expect((await client.ask('/v1/sources', { ...source, region: '4305' })).status).toBe(201)
  expect((await new Client(server).ask('/v1/audit')).status).toBe(401)
  expect(await refused('clerk')).toEqual([
    ['audit.read', 'GET /v1/audit'],
    ['people.read', 'GET /v1/people/:person/posts'],
    ['identity.read', 'POST /v1/identities/read'],
    ['sources.manage', 'POST /v1/sources 430102'],
  ])
  const { body } = await admin.ask('/v1/audit?action=refused')
  expect(body.entries[0]).toMatchObject({
    whoId: id,
    whoName: 'clerk',
    address: expect.stringMatching(/127\.0\.0\.1/),
  })
  expect(JSON.stringify(body)).not.toMatch(/13900000199|k3Q9vX2mT7aLw0ZrB5uYcd|越界/)
})

test('a page gone wrong fills no log: refusals of one right are counted, also over a stop', async () => {
  const { client } = await enterPerson(server, admin, { username: 'looper', role: 'reporter' })
  for (let i = 0; i < 20; i++) expect((await client.ask(`/v1/alerts?limit=${i + 1}`)).status).toBe(403)
  expect((await client.ask('/v1/sources')).status).toBe(403)
  const first = [
    ['alerts.read', 'GET /v1/alerts'],
    ['sources.read', 'GET /v1/sources'],
  ]
  expect(await refused('looper')).toEqual(first)
  const ended = once(server.process, 'exit')
  server.process.kill('SIGTERM')
  await ended
  await server.restart()
  expect(await refused('looper')).toEqual([...first, ['alerts.read', 'GET /v1/alerts +19']])
  expect((await admin.ask('/v1/audit/verify')).body.broken).toBeNull()
})

test('who lacks the second factor that the role asks for is written down as well, but not for asking who they are', async () => {
  const title = { zh: '谨慎', en: 'Careful' }
  const put = { title, rights: ['alerts.read'], needsSecondFactor: true }
  await admin.ask('/v1/roles/careful', put, { method: 'PUT' })
  const { client } = await enterPerson(server, admin, { username: 'unenrolled', role: 'careful' })
  for (const path of ['/v1/me', '/v1/alerts', '/v1/alerts/al_13900000199', '/v1/account'])
    expect([path, (await client.ask(path)).status]).toEqual([path, path === '/v1/account' ? 200 : 403])
  expect((await client.ask('/v1/alerts')).body.code).toBe('second_factor_missing')
  expect(await refused('unenrolled')).toEqual([['secondFactor', 'GET /v1/alerts']])
})
