import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '../support/client.ts'
import { enterAdmin, enterPerson } from '../support/people.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let admin: string
let adminId: string
let owner: Client

beforeAll(async () => {
  server = await startServer()
  owner = await enterAdmin(server)
  admin = owner.cookie
  adminId = (await server.get('/v1/me', admin)).user.id
})
afterAll(() => server.stop())

async function call(method: string, path: string, cookie: string, body?: object) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { cookie, origin: server.url, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: response.status, body: (await response.json()) as any }
}

let people = 0
/** A new person with these posts and no other: the id and the cookie of the session. */
async function person(...posts: object[]): Promise<{ id: string; cookie: string }> {
  const { id, client } = await enterPerson(server, owner, { username: `person${++people}`, role: 'reporter' })
  const [own] = (await server.get(`/v1/people/${id}/posts`, admin)).posts
  await call('PATCH', `/v1/people/${id}/posts/${own.id}`, admin, { endsAt: own.startsAt })
  for (const post of posts)
    expect((await call('POST', `/v1/people/${id}/posts`, admin, post)).status).toBe(201)
  return { id, cookie: client.cookie }
}
const rights = async (cookie: string): Promise<string[]> => (await server.get('/v1/me', cookie)).rights
const hoursFromNow = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()

describe('posts', () => {
  test('end now by the clock of the server, also one that has not begun', async () => {
    const { id, cookie } = await person({ role: 'leader', startsAt: hoursFromNow(48) }, { role: 'auditor' })
    const { posts } = await server.get(`/v1/people/${id}/posts`, admin)
    for (const role of ['leader', 'auditor']) {
      const post = posts.find((one: { role: string }) => one.role === role)
      const ended = await call('PATCH', `/v1/people/${id}/posts/${post.id}`, admin, { endsAt: 'now' })
      expect([role, ended.status]).toEqual([role, 200])
      expect(Date.parse(ended.body.endsAt)).toBeLessThanOrEqual(Date.now())
      expect(Date.parse(ended.body.startsAt)).toBeLessThanOrEqual(Date.parse(ended.body.endsAt))
    }
    expect(await rights(cookie)).toEqual([])
  })

  test('who has none may do nothing, and is still known', async () => {
    const { cookie } = await person()
    expect(await server.get('/v1/me', cookie)).toMatchObject({ viewer: 'user', rights: [], posts: [] })
    expect((await call('GET', '/v1/alerts', cookie)).body).toMatchObject({ code: 'forbidden' })
    expect((await call('GET', '/v1/distribution?measure=arrears.owed', cookie)).status).toBe(403)
    expect((await call('GET', '/v1/status', cookie)).status).toBe(200)
  })

  test('hold from their beginning until before their end; several add up', async () => {
    const { id, cookie } = await person(
      { role: 'auditor', endsAt: hoursFromNow(1) },
      { role: 'leader', regions: ['430500'], startsAt: hoursFromNow(1) },
    )
    expect(await rights(cookie)).toEqual(['audit.read', 'audit.export', 'people.read'])
    const { posts } = await server.get(`/v1/people/${id}/posts`, admin)
    const leader = posts.find((post: { role: string }) => post.role === 'leader')
    expect(leader.regions).toEqual(['4305'])
    const at = `/v1/people/${id}/posts/${leader.id}`
    expect((await call('PATCH', at, admin, { startsAt: hoursFromNow(-1) })).status).toBe(200)
    expect(await rights(cookie)).toEqual([
      ...['figures.read', 'figures.export', 'alerts.read', 'units.read'],
      ...['audit.read', 'audit.export', 'people.read'],
    ])
    expect((await call('PATCH', at, admin, { endsAt: hoursFromNow(-2) })).status).toBe(400)
    expect((await call('PATCH', at, admin, { endsAt: hoursFromNow(0) })).status).toBe(200)
    expect(await rights(cookie)).toEqual(['audit.read', 'audit.export', 'people.read'])
  })

  test('who manages people of a city gives posts there only, and none that manages people', async () => {
    const { id } = await person({ role: 'leader', regions: ['4301'] })
    await call('PUT', '/v1/roles/clerk', admin, {
      title: { zh: '人事', en: 'Personnel' },
      rights: ['people.read', 'people.manage'],
    })
    const { id: own, cookie } = await person({ role: 'clerk', regions: ['4305'] })
    const give = async (to: string, post: object) =>
      (await call('POST', `/v1/people/${to}/posts`, cookie, post)).status
    expect(await give(own, { role: 'analyst', regions: ['430502'] })).toBe(201)
    expect(await give(own, { role: 'analyst', regions: ['43'] })).toBe(403)
    expect(await give(own, { role: 'analyst', regions: ['4301'] })).toBe(403)
    expect(await give(own, { role: 'analyst', regions: ['430502', '4301'] })).toBe(403)
    expect(await give(own, { role: 'analyst' })).toBe(403)
    expect(await give(own, { role: 'administrator', regions: ['430502'] })).toBe(403)
    expect(await give(own, { role: 'clerk', regions: ['430502'] })).toBe(403)
    // Somebody with posts elsewhere alone is nobody here.
    expect((await call('GET', `/v1/people/${id}/posts`, cookie)).status).toBe(404)
    const { posts } = await server.get(`/v1/people/${id}/posts`, admin)
    const leader = posts.find((post: { role: string }) => post.role === 'leader')
    const end = await call('PATCH', `/v1/people/${id}/posts/${leader.id}`, cookie, {
      endsAt: hoursFromNow(1),
    })
    expect(end.status).toBe(404)
  })

  test.each([
    [{ role: 'nothing' }, /role/],
    [{ role: 'leader', regions: ['99'] }, /regions/],
    [{ role: 'leader', regions: [''] }, /regions/],
    [{ role: 'leader', sectors: ['Z'] }, /sectors/],
    [{ role: 'leader', side: 'left' }, /side/],
    [{ role: 'leader', endsAt: '2020-01-01', startsAt: '2021-01-01' }, /endsAt/],
  ])('a post that makes no sense is refused: %o', async (post, says) => {
    const { status, body } = await call('POST', `/v1/people/${adminId}/posts`, admin, post)
    expect(status).toBe(400)
    expect(body.detail).toMatch(says)
  })

  test('the last who manages people and roles everywhere cannot lose it, by whichever way', async () => {
    const { posts } = await server.get(`/v1/people/${adminId}/posts`, admin)
    const at = `/v1/people/${adminId}/posts/${posts[0].id}`
    const role = (await server.get('/v1/roles', admin)).roles.find(
      (one: { id: string }) => one.id === 'administrator',
    )
    const less = {
      title: role.title,
      rights: role.rights.filter((right: string) => right !== 'roles.manage'),
    }
    expect((await call('PATCH', at, admin, { endsAt: hoursFromNow(1) })).status).toBe(409)
    expect((await call('PUT', '/v1/roles/administrator', admin, less)).status).toBe(409)
    expect(await rights(admin)).toContain('roles.manage')
    // One for a time, or for a city, is no stand-in; one for good is.
    await person(
      { role: 'administrator', endsAt: hoursFromNow(1) },
      { role: 'administrator', regions: ['4305'] },
    )
    expect((await call('PATCH', at, admin, { endsAt: hoursFromNow(1) })).status).toBe(409)
    await person({ role: 'administrator' })
    expect((await call('PATCH', at, admin, { endsAt: hoursFromNow(1) })).status).toBe(200)
    expect((await call('PATCH', at, admin, { endsAt: null })).status).toBe(200)
  })
})

describe('roles', () => {
  test('are changed for all who have them, at once, and only by who may', async () => {
    const { cookie } = await person({ role: 'onCall' })
    const put = { title: { zh: '值班员', en: 'On call' }, rights: ['alerts.read'] }
    expect((await call('PUT', '/v1/roles/onCall', cookie, put)).status).toBe(403)
    expect((await call('PUT', '/v1/roles/onCall', admin, put)).status).toBe(200)
    expect(await rights(cookie)).toEqual(['alerts.read'])
    expect((await call('PUT', '/v1/roles/onCall', admin, { ...put, rights: ['everything'] })).status).toBe(
      400,
    )
    expect((await call('PUT', '/v1/roles/on-call', admin, put)).status).toBe(400)
  })

  test('are granted and revoked rights together or not at all, beside what somebody else has changed', async () => {
    const make = (id: string, rights: string[]) =>
      call('PUT', `/v1/roles/${id}`, admin, { title: { zh: id, en: id }, rights })
    await make('first', ['figures.read', 'alerts.read'])
    await make('second', [])
    const { cookie } = await person({ role: 'first' })
    const change = (...changes: object[]) => call('PATCH', '/v1/roles', admin, { changes })
    const isRefused = async (status: number, ...changes: object[]) => {
      expect((await change({ role: 'first', grant: ['units.read'] }, ...changes)).status).toBe(status)
      expect(await rights(cookie)).toEqual(['figures.read', 'alerts.read'])
    }
    await isRefused(400, { role: 'nothing', grant: ['units.read'] })
    await isRefused(400, { role: 'second', grant: ['everything'] })
    await isRefused(400, { role: 'second', grant: ['units.read'], revoke: ['units.read'] })
    await isRefused(409, { role: 'administrator', revoke: ['people.manage'] })
    expect((await call('PATCH', '/v1/roles', cookie, { changes: [{ role: 'first' }] })).status).toBe(403)

    const done = await change(
      { role: 'first', grant: ['units.read'], revoke: ['alerts.read'] },
      { role: 'second', needsSecondFactor: true, title: { zh: '二', en: 'Two' } },
    )
    expect(done.status).toBe(200)
    expect(await rights(cookie)).toEqual(['figures.read', 'units.read'])
    const second = done.body.roles.find(({ id }: { id: string }) => id === 'second')
    expect(second).toMatchObject({ needsSecondFactor: true, title: { zh: '二', en: 'Two' }, rights: [] })
    const { entries } = await server.get('/v1/audit?action=role.put&limit=2', admin)
    expect(entries.map((entry: { subject: string }) => entry.subject).sort()).toEqual(['first', 'second'])
  })

  test('nobody takes the right to manage roles from themselves, though others have it', async () => {
    const others = await person({ role: 'administrator' })
    await call('PUT', '/v1/roles/roleKeeper', admin, {
      title: { zh: '角色管理', en: 'Role keeper' },
      rights: ['people.read', 'roles.manage'],
    })
    const keeper = await person({ role: 'roleKeeper' })
    const revoke = { changes: [{ role: 'roleKeeper', revoke: ['roles.manage'] }] }
    expect(await call('PATCH', '/v1/roles', keeper.cookie, revoke)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('yourself') },
    })
    expect(await rights(keeper.cookie)).toContain('roles.manage')
    expect((await call('PATCH', '/v1/roles', others.cookie, revoke)).status).toBe(200)
    expect(await rights(keeper.cookie)).not.toContain('roles.manage')
  })

  test('are counted by the people one may see, and removed while nobody has had one', async () => {
    const city = (cookie: string) =>
      call('GET', '/v1/roles', cookie).then(({ body }) => ({
        mayChange: body.mayChange,
        ...body.roles.find(({ id }: { id: string }) => id === 'villageClerk'),
      }))
    await call('PUT', '/v1/roles/villageClerk', admin, { title: { zh: '村文书', en: 'Clerk' }, rights: [] })
    expect((await call('DELETE', '/v1/roles/leader', admin)).status).toBe(409)
    expect((await call('DELETE', '/v1/roles/nothing', admin)).status).toBe(404)
    expect(await city(admin)).toMatchObject({ mayChange: true, people: 0, isUnused: true })
    const { id } = await person({ role: 'villageClerk', regions: ['430503'] })
    await person({ role: 'villageClerk', regions: ['430111'], startsAt: hoursFromNow(1) })
    const { cookie } = await person({ role: 'administrator', regions: ['4305'] })
    expect(await city(admin)).toMatchObject({ people: 2, isUnused: false })
    expect(await city(cookie)).toMatchObject({ mayChange: false, people: 1, isUnused: false })
    expect((await call('DELETE', '/v1/roles/villageClerk', cookie)).status).toBe(403)
    await call('PATCH', `/v1/people/${id}`, admin, { isDisabled: true })
    expect(await city(admin)).toMatchObject({ people: 1 })
    expect((await call('DELETE', '/v1/roles/villageClerk', admin)).status).toBe(409)
    await call('PUT', '/v1/roles/mistake', admin, { title: { zh: '误', en: 'Mistake' }, rights: [] })
    expect((await call('DELETE', '/v1/roles/mistake', admin)).status).toBe(200)
    expect((await call('DELETE', '/v1/roles/mistake', admin)).status).toBe(404)
    const { entries } = await server.get('/v1/audit?action=role.delete', admin)
    expect(entries.map((entry: { subject: string }) => entry.subject)).toEqual(['mistake'])
  })

  test('once given can be retired: nobody has it any more nor gets it again, and who had it stays known', async () => {
    const put = { title: { zh: '临时督查', en: 'Inspector' }, rights: ['alerts.read'] }
    await call('PUT', '/v1/roles/inspector', admin, put)
    const now = await person({ role: 'inspector', regions: ['430503'] })
    const later = await person({ role: 'inspector', regions: ['430111'], startsAt: hoursFromNow(1) })
    const retire = (id: string, cookie = admin) => call('POST', `/v1/roles/${id}/retire`, cookie, {})
    const { cookie: city } = await person({ role: 'administrator', regions: ['4305'] })
    expect((await retire('inspector', city)).status).toBe(403)
    expect((await retire('leader')).status).toBe(409)
    expect((await retire('nothing')).status).toBe(404)
    expect(await rights(now.cookie)).toEqual(['alerts.read'])
    expect((await retire('inspector')).body).toEqual({ retired: 'inspector', ended: 2 })

    expect(await rights(now.cookie)).toEqual([])
    const [ended] = (await server.get(`/v1/people/${now.id}/posts`, admin)).posts.slice(-1)
    const give = (to: string, cookie: string) =>
      call('POST', `/v1/people/${to}/posts`, cookie, { role: 'inspector', regions: ['430503'] })
    expect((await give(now.id, admin)).status).toBe(409)
    const again = { endsAt: hoursFromNow(5) }
    expect((await call('PATCH', `/v1/people/${now.id}/posts/${ended.id}`, admin, again)).status).toBe(409)
    const change = { changes: [{ role: 'inspector', grant: ['alerts.act'] }] }
    expect((await call('PATCH', '/v1/roles', admin, change)).status).toBe(409)
    expect((await call('PUT', '/v1/roles/inspector', admin, put)).status).toBe(409)
    expect((await call('DELETE', '/v1/roles/inspector', admin)).status).toBe(409)
    expect(
      (await call('POST', '/v1/people', admin, { username: 'too.late', role: 'inspector' })).status,
    ).toBe(409)
    const role = (await server.get('/v1/roles', admin)).roles.find(
      ({ id }: { id: string }) => id === 'inspector',
    )
    expect(role).toMatchObject({ rights: ['alerts.read'], people: 0, retiredAt: expect.any(String) })

    // The post that never began is nobody's history; a city sees who was there.
    const holders = async (cookie: string) => {
      const { body } = await call('GET', '/v1/roles/inspector/holders', cookie)
      return body.holders.map((one: any) => [one.person.id, one.endsAt !== null])
    }
    expect(await holders(admin)).toEqual([[now.id, true]])
    expect(await holders(city)).toEqual([[now.id, true]])
    const { cookie: elsewhere } = await person({ role: 'administrator', regions: ['4301'] })
    expect(await holders(elsewhere)).toEqual([])
    const { entries } = await server.get('/v1/audit?action=role.retire,post.put&limit=20', admin)
    const told = entries.map(({ action, subject }: any) => [action, subject])
    expect(told).toContainEqual(['role.retire', 'inspector'])
    expect(told).toContainEqual(['post.put', now.id])
    expect(told).toContainEqual(['post.put', later.id])
  })

  test('an auditor of one region reads nothing of the audit log, which has no regions', async () => {
    const { cookie } = await person({ role: 'auditor', regions: ['4305'] })
    expect(await rights(cookie)).toContain('audit.read')
    for (const path of ['/v1/audit', '/v1/audit?format=csv', '/v1/audit/verify'])
      expect([path, (await call('GET', path, cookie)).body.code]).toEqual([path, 'forbidden'])
    await call('PUT', '/v1/roles/logReader', admin, {
      title: { zh: '日志查看', en: 'Log reader' },
      rights: ['audit.read'],
    })
    const both = await person({ role: 'logReader' }, { role: 'auditor', regions: ['4305'] })
    expect((await call('GET', '/v1/audit', both.cookie)).status).toBe(200)
    expect((await call('GET', '/v1/audit?format=csv', both.cookie)).status).toBe(403)
  })

  test('an auditor reads what was done and who may do what, and nothing else', async () => {
    const { cookie } = await person({ role: 'auditor' })
    const { entries } = await server.get('/v1/audit?action=role.put,post.put', cookie)
    expect(entries[0]).toMatchObject({ action: 'post.put', whoName: ADMIN.username })
    expect(JSON.parse(entries[0].reason)).toMatchObject({ role: 'auditor', regions: [] })
    expect(entries).toContainEqual(expect.objectContaining({ action: 'role.put', subject: 'onCall' }))
    expect((await server.get('/v1/roles', cookie)).roles).toContainEqual(
      expect.objectContaining({ id: 'leader' }),
    )
    expect((await server.get(`/v1/people/${adminId}/posts`, cookie)).posts).toHaveLength(1)
    for (const path of ['/v1/alerts', '/v1/sources', '/v1/units', '/v1/distribution?measure=arrears.owed'])
      expect([path, (await call('GET', path, cookie)).status]).toEqual([path, 403])
  })
})
