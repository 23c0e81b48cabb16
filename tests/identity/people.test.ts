import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Client } from '../support/client.ts'
import { enterAdmin } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { totpOf } from '../support/totp.ts'
import { workbook } from '../support/workbook.ts'

const PASSWORD = 'an-example-passphrase'
let server: TestServer
let admin: Client

beforeAll(async () => {
  server = await startServer()
  admin = await enterAdmin(server)
})
afterAll(() => server.stop())

const make = async (person: Record<string, unknown>, by = admin) => (await by.ask('/v1/people', person)).body
const setPassword = (token: string, password = PASSWORD) =>
  new Client(server).ask('/v1/password-links/use', { token, password })
const patch = (client: Client, id: string, body: object) =>
  client.ask(`/v1/people/${id}`, body, { method: 'PATCH' })

/** A person who has set their password and is logged in. */
async function enter(username: string, post: Record<string, unknown>) {
  const { id, link } = await make({ username, name: `示例${username}`, ...post })
  expect((await setPassword(link.token)).status).toBe(200)
  const client = new Client(server)
  expect((await client.signIn({ username, password: PASSWORD })).status).toBe(200)
  return { id, client }
}

describe('a new person', () => {
  it('sets the password by a link, once, by the rules, and is then logged in with it', async () => {
    const made = await admin.ask('/v1/people', {
      username: 'Li.Si',
      name: '李示例',
      role: 'analyst',
      regions: ['4305'],
    })
    expect(made.status).toBe(201)
    const { token } = made.body.link
    expect((await new Client(server).signIn({ username: 'li.si', password: PASSWORD })).status).toBe(401)
    expect((await setPassword('made-up')).status).toBe(403)
    expect((await setPassword(token, 'li.si-2026')).body.detail).toMatch(/user name/)
    expect((await setPassword(token)).body).toEqual({ username: 'li.si' })
    expect((await setPassword(token)).status).toBe(403)
    expect((await new Client(server).signIn({ username: 'LI.SI', password: PASSWORD })).status).toBe(200)
    expect((await make({ username: 'li.si', role: 'analyst' })).code).toBe('conflict')
    expect((await make({ username: 'nobody', role: 'emperor' })).code).toBe('bad_request')
    const { people } = (await admin.ask('/v1/people?search=李')).body
    expect(people).toMatchObject([
      { username: 'li.si', name: '李示例', roles: ['analyst'], hasSecondFactor: false },
    ])
    expect(server.output()).not.toContain(token)
    const { entries } = (await admin.ask(`/v1/audit?action=person.create&subject=${made.body.id}`)).body
    expect(JSON.parse(entries[0].reason)).toMatchObject({ role: 'analyst', regions: ['4305'], sectors: [] })
  })

  it('is made by who manages people only', async () => {
    const { client } = await enter('analyst1', { role: 'analyst' })
    expect((await client.ask('/v1/people', { username: 'friend', role: 'analyst' })).status).toBe(403)
    expect((await client.ask('/v1/people')).status).toBe(403)
    expect(
      (await new Client(server).ask('/v1/people', { username: 'me', role: 'administrator' })).status,
    ).toBe(401)
  })
})

describe('who manages people', () => {
  it('disables a person, who is out at once, stays out and comes back', async () => {
    const { id, client } = await enter('leaving', { role: 'analyst' })
    const unused = await make({ username: 'leaving2', role: 'analyst' })
    await patch(admin, unused.id, { isDisabled: true })
    await patch(admin, unused.id, { isDisabled: false })
    expect((await setPassword(unused.link.token)).status).toBe(403)
    expect((await patch(admin, id, { isDisabled: true })).body.disabledAt).not.toBeNull()
    expect((await client.ask('/v1/account')).status).toBe(401)
    expect((await client.signIn({ username: 'leaving', password: PASSWORD })).status).toBe(403)
    await patch(admin, id, { isDisabled: false })
    expect((await client.signIn({ username: 'leaving', password: PASSWORD })).status).toBe(200)
  })

  it('cannot shut out the last who manages people and roles', async () => {
    const { people } = (await admin.ask('/v1/people?search=admin')).body
    expect((await patch(admin, people[0].id, { isDisabled: true })).status).toBe(409)
    expect((await admin.ask('/v1/account')).status).toBe(200)
  })

  it('sets the own password and second factor at the own account alone, which asks for the password', async () => {
    const { people } = (await admin.ask('/v1/people?search=admin')).body
    for (const way of ['password-link', 'second-factor/reset']) {
      const answer = await admin.ask(
        `/v1/people/${people[0].id}/${way}`,
        {},
        { headers: { 'accept-language': 'zh-CN' } },
      )
      expect([answer.status, answer.body.detail]).toEqual([409, expect.stringMatching(/“我的账号”/)])
    }
    expect((await admin.ask('/v1/account')).status).toBe(200)
  })

  it('is told what is in the way in the language asked for', async () => {
    const zh = async (path: string, body: object, method = 'POST') =>
      (await admin.ask(path, body, { method, headers: { 'accept-language': 'zh-CN' } })).body.detail
    const { people } = (await admin.ask('/v1/people?search=admin')).body
    const role = { title: { zh: '临时', en: 'For a while' }, rights: ['figures.read'] }
    await admin.ask('/v1/roles/passing', role, { method: 'PUT' })
    const { id } = await make({ username: 'passing', role: 'passing', singleSignOnName: 'sso.passing' })
    const told = [
      await zh('/v1/people', { username: 'passing', role: 'analyst' }),
      await zh('/v1/people', { username: 'passing2', role: 'analyst', singleSignOnName: 'sso.passing' }),
      await zh(`/v1/people/${people[0].id}`, { singleSignOnName: 'sso.passing' }, 'PATCH'),
      await zh(`/v1/people/${people[0].id}`, { isDisabled: true }, 'PATCH'),
      await zh('/v1/roles', { changes: [{ role: 'administrator', revoke: ['roles.manage'] }] }, 'PATCH'),
      await zh('/v1/roles/passing', {}, 'DELETE'),
      await zh('/v1/roles/administrator/retire', {}),
      await zh('/v1/roles/1', role, 'PUT'),
      (await admin.ask('/v1/roles/passing/retire', {})).status === 200 &&
        (await zh(`/v1/people/${id}/posts`, { role: 'passing' })),
      await zh('/v1/roles/passing', role, 'PUT'),
    ]
    for (const one of told) expect(one).toMatch(/\p{Script=Han}{4}/u)
  })

  it('resets a password and a second factor, and ends sessions', async () => {
    const { id, client } = await enter('forgetful', { role: 'analyst' })
    const { totpURI } = (await client.ask('/v1/auth/two-factor/enable', { password: PASSWORD })).body
    await client.ask('/v1/auth/two-factor/verify-totp', { code: totpOf(totpURI) })
    const { body: link } = await admin.ask(`/v1/people/${id}/password-link`, {})
    expect((await client.ask('/v1/account')).status).toBe(401)
    expect((await client.signIn({ username: 'forgetful', password: PASSWORD })).status).toBe(401)
    await setPassword(link.token, 'another-passphrase')
    const again = () => client.signIn({ username: 'forgetful', password: 'another-passphrase' })
    expect((await again()).body).toMatchObject({ twoFactorRedirect: true })
    await admin.ask(`/v1/people/${id}/second-factor/reset`, {})
    expect((await again()).body).not.toHaveProperty('twoFactorRedirect')
    expect((await admin.ask(`/v1/people/${id}/sessions/end`, {})).body.ended).toBe(1)
    expect((await client.ask('/v1/account')).status).toBe(401)
    const { entries } = (await admin.ask(`/v1/audit?subject=${id}`)).body
    expect(entries.map((entry: any) => entry.action)).toEqual(
      expect.arrayContaining([
        'person.create',
        'password.change',
        'password.reset',
        'secondFactor.enable',
        'secondFactor.reset',
        'session.revoke',
      ]),
    )
    const log = JSON.stringify(entries)
    for (const secret of [link.token, PASSWORD, totpURI]) expect(log).not.toContain(secret)
  })

  it('does so within the own regions only, and never to who may do more', async () => {
    const roles = {
      title: { zh: '市级人员管理', en: 'City people' },
      rights: ['people.read', 'people.manage'],
    }
    await admin.ask('/v1/roles/cityPeople', roles, { method: 'PUT' })
    const city = await enter('city', { role: 'cityPeople', regions: ['4305'] })
    const inside = await enter('inside', { role: 'analyst', regions: ['430503'] })
    const outside = await enter('outside', { role: 'analyst', regions: ['4301'] })
    const both = await enter('both', { role: 'analyst', regions: ['430503', '4301'] })
    const listed = (await city.client.ask('/v1/people')).body.people.map((one: any) => one.username)
    expect(listed).toEqual(expect.arrayContaining(['city', 'inside', 'li.si']))
    for (const name of ['outside', 'both', 'admin']) expect(listed).not.toContain(name)
    expect((await patch(city.client, inside.id, { isDisabled: true })).status).toBe(200)
    for (const { id } of [outside, both])
      expect((await patch(city.client, id, { isDisabled: true })).status).toBe(404)
    expect((await patch(city.client, city.id, { name: '自己' })).status).toBe(403)
    expect(
      (await city.client.ask('/v1/people', { username: 'new1', role: 'analyst', regions: ['4301'] })).status,
    ).toBe(403)
    expect(
      (await city.client.ask('/v1/people', { username: 'new1', role: 'cityPeople', regions: ['4305'] }))
        .status,
    ).toBe(403)
    expect((await admin.ask('/v1/people?search=new1')).body.total).toBe(0)
  })
})

describe('a role that needs a second factor', () => {
  it('opens the own account only until there is one, which cannot be given up', async () => {
    const careful = {
      title: { zh: '需第二因素', en: 'Careful' },
      rights: ['figures.read', 'sources.read'],
      needsSecondFactor: true,
    }
    await admin.ask('/v1/roles/careful', careful, { method: 'PUT' })
    const { client } = await enter('careful', { role: 'careful' })
    for (const path of ['/v1/me', '/v1/sources', '/v1/distribution?measure=arrears.owed'])
      expect((await client.ask(path)).body).toMatchObject({ status: 403, code: 'second_factor_missing' })
    expect((await client.ask('/v1/account')).body).toMatchObject({ mustEnrol: true })
    const { totpURI } = (await client.ask('/v1/auth/two-factor/enable', { password: PASSWORD })).body
    await client.ask('/v1/auth/two-factor/verify-totp', { code: totpOf(totpURI) })
    expect((await client.ask('/v1/sources')).status).toBe(200)
    expect((await client.ask('/v1/auth/two-factor/disable', { password: PASSWORD })).status).toBe(403)
  })
})

describe('people from a sheet', () => {
  const rowsOf = (one: string, two: string) => [
    ['人员名单'],
    ['用户名*', '姓名', '角色', '区域', '口径', '行业', '结束日期'],
    [one, '表甲', '分析员', '邵阳市、4301', '户籍', '建筑业', '2099-12-31'],
    [two, '表乙', 'reporter', '', '', '', ''],
  ]
  const send = (mode: string, body: Buffer | string) =>
    fetch(`${server.url}/v1/people/import?mode=${mode}`, {
      method: 'POST',
      headers: { cookie: admin.cookie },
      body,
    })

  it.each([
    ['csv', (rows: string[][]) => rows.map((row) => row.join(',')).join('\r\n')],
    ['xlsx', (rows: string[][]) => workbook(rows)],
  ])('%s: are judged row by row, then made all or none, each with a link', async (type, fileOf) => {
    const rows = rowsOf(`${type}.one`, `${type}.two`)
    const count = async () => (await admin.ask(`/v1/people?search=${type}.`)).body.total
    const judged = (await (await send('validate', fileOf(rows))).json()) as any
    expect(judged).toEqual({ rows: 2, faults: [], links: [] })
    expect(await count()).toBe(0)
    const bad = [
      ...rows.slice(0, 3),
      [`${type}.one`, '', '皇帝', '四川盆地', '侧', 'Z', '昨天'],
      ['admin', '甲', '领导'],
    ]
    const faults = ((await (await send('validate', workbook(bad))).json()) as any).faults
    expect(faults.map(({ row, column }: any) => [row, column])).toEqual([
      ...['用户名', '姓名', '角色', '口径', '区域', '行业', '结束日期'].map((column) => [4, column]),
      [5, '用户名'],
    ])
    expect(JSON.stringify(faults)).not.toContain('皇帝')
    expect((await send('commit', workbook(bad))).status).toBe(422)
    expect(await count()).toBe(0)

    const { links } = (await (await send('commit', fileOf(rows))).json()) as any
    expect(links.map(({ row, username }: any) => [row, username])).toEqual([
      [3, `${type}.one`],
      [4, `${type}.two`],
    ])
    expect((await setPassword(links[0].token)).status).toBe(200)
    const one = new Client(server)
    await one.signIn({ username: `${type}.one`, password: PASSWORD })
    expect((await one.ask('/v1/me')).body.posts).toMatchObject([
      { role: 'analyst', regions: ['4305', '4301'], side: 'home', sectors: ['E'] },
    ])
    // Named to the last day of the year: all of it.
    const { posts } = (await admin.ask(`/v1/people/${(await one.ask('/v1/account')).body.id}/posts`)).body
    expect(posts[0].endsAt).toBe('2100-01-01T00:00:00.000+08:00')
  })

  it('without a header are refused with what is missing', async () => {
    const { faults } = (await (await send('validate', '甲,乙\r\n1,2')).json()) as any
    expect(faults[0].message.zh).toMatch(/用户名/)
  })
})
