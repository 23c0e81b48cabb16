import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enterWithPost } from '../support/people.ts'
import { ADMIN, startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears } from '../support/signals.ts'

const EMPLOYER = '湖南长盛建筑有限公司'
const PROJECT = '长盛二期安置房'
let server: TestServer
let admin: string
const sockets: Socket[] = []

/** Not on loopback: nobody sees anything without a log-in or a paired screen. A proxy here may say whom it stands for. */
beforeAll(async () => {
  server = await startServer({ HOST: '0.0.0.0', TRUSTED_PROXIES: '127.0.0.1' })
  admin = await server.signIn()
  const { key } = await server.createSource()
  const site = { employer: EMPLOYER, project: PROJECT, owed: '60000.00' }
  await server.send('arrears', key, [
    arrears({ caseId: 'r', ...site }),
    arrears({ caseId: 'v', ...site, project: '另一个项目', status: 'verified' }),
  ])
  await waitFor(async () => (await server.get('/v1/alerts', admin)).alerts.length === 2)
})
afterAll(async () => {
  for (const socket of sockets) socket.close()
  await server.stop()
})

/** A screen: it keeps the cookies it is given. */
class Screen {
  readonly jar = new Map<string, string>()
  cookies: string[] = []

  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async ask(path: string, body?: object, headers: Record<string, string> = {}) {
    const response = await fetch(`${server.url}/v1${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json', cookie: this.cookie, ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    this.cookies = response.headers.getSetCookie()
    for (const set of this.cookies) {
      const [name = '', value = ''] = (set.split(';')[0] ?? '').split('=')
      if (value === '') this.jar.delete(name)
      else this.jar.set(name, value)
    }
    return { status: response.status, headers: response.headers, body: (await response.json()) as any }
  }

  async code(): Promise<string> {
    return (await this.ask('/walls/pairings', {})).body.code
  }
}

const asAdmin = (path: string, body?: object) => new Screen().ask(path, body, { cookie: admin })

/** A screen that was let in and has said that it stands. */
async function paired(terms: object = {}): Promise<{ screen: Screen; id: string }> {
  const screen = new Screen()
  const added = await asAdmin('/walls', { code: await screen.code(), name: '大厅', ...terms })
  expect(added.status, JSON.stringify(added.body)).toBe(201)
  expect((await screen.ask('/walls/pairings', {})).body.state).toBe('paired')
  expect((await screen.ask('/walls/beat', { version: 'v1' })).body.wall).toMatchObject({ name: '大厅' })
  return { screen, id: added.body.id }
}

/** A live socket of a screen, with what it was told. */
function connect(cookie: string) {
  const told: { name: string; value: any }[] = []
  const socket = io(server.url, {
    path: '/live',
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    auth: { after: 0 },
    extraHeaders: { cookie },
  })
  sockets.push(socket)
  socket.onAny((name, value) => told.push({ name, value }))
  socket.on('connect_error', (error) => told.push({ name: 'refused', value: error.message }))
  return { socket, told, has: (name: string) => told.some((one) => one.name === name) }
}

describe('letting a screen in', () => {
  test('it sees nothing before, gets one code however often it asks, and goes on once that was typed in', async () => {
    const screen = new Screen()
    expect((await screen.ask('/alerts')).status).toBe(401)
    const code = await screen.code()
    expect(code).toMatch(/^[3479ACDEFHJKMNPQRTWXY]{4}-[3479ACDEFHJKMNPQRTWXY]{4}$/)
    expect(await screen.code()).toBe(code)
    expect(await new Screen().code()).not.toBe(code)
    expect((await screen.ask('/alerts')).status).toBe(401)

    const typed = ` ${code.toLowerCase().replace('-', ' ')}`
    const wall = await asAdmin('/walls', { code: typed, name: '指挥大厅', region: '4305', side: 'work' })
    expect(wall.body).toMatchObject({
      name: '指挥大厅',
      board: 'province',
      region: '4305',
      side: 'work',
      pairedBy: ADMIN.username,
      seenAt: null,
    })
    expect((await asAdmin('/walls', { code, name: '再来一次' })).status).toBe(404)
    expect((await screen.ask('/walls/pairings', {})).body).toEqual({
      state: 'paired',
      code: null,
      expiresAt: null,
    })
    const given = screen.cookies.find((one) => one.startsWith('xiangrong.wall='))
    expect(given).toMatch(/HttpOnly/)
    expect(given).toMatch(/SameSite=Strict/)
    expect(given).toMatch(/Max-Age=34560000/)
    expect((await screen.ask('/me')).body).toMatchObject({ viewer: 'device', user: null })
    expect((await screen.ask('/distribution?measure=arrears.openCases')).status).toBe(200)
  })

  test('an answer that was lost is given again, until the screen stands; then the code is good for nothing', async () => {
    const screen = new Screen()
    const code = await screen.code()
    await asAdmin('/walls', { code, name: '大厅' })
    const secret = screen.cookie
    const lost = new Screen()
    await lost.ask('/walls/pairings', {}, { cookie: secret })
    const again = new Screen()
    await again.ask('/walls/pairings', {}, { cookie: secret })
    expect((await lost.ask('/me')).status).toBe(401)
    expect((await again.ask('/me')).body.viewer).toBe('device')
    await again.ask('/walls/beat', { version: 'v1' })
    const third = new Screen()
    expect((await third.ask('/walls/pairings', {}, { cookie: secret })).body.state).toBe('waiting')
    expect(third.jar.has('xiangrong.wall')).toBe(false)
  })

  test('over TLS its cookie is bound to the host, and one that another site of the domain may have set is not taken', async () => {
    const overTls = { 'x-forwarded-proto': 'https' }
    const screen = new Screen()
    const { code } = (await screen.ask('/walls/pairings', {}, overTls)).body
    await asAdmin('/walls', { code, name: '大厅' })
    await screen.ask('/walls/pairings', {}, overTls)
    expect(screen.cookies.join()).toMatch(
      /^__Host-xiangrong\.wall=[^;]+; Max-Age=34560000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    )
    expect((await screen.ask('/me', undefined, overTls)).body.viewer).toBe('device')
    const plain = screen.cookie.replaceAll('__Host-', '')
    expect((await new Screen().ask('/me', undefined, { ...overTls, cookie: plain })).status).toBe(401)
  })

  test('only who manages walls lets in, lists, renames and shuts out: no screen and no stranger', async () => {
    const { screen, id } = await paired()
    const code = await new Screen().code()
    const acts: [string, object | undefined][] = [
      ['/walls', undefined],
      ['/walls', { code, name: '自己' }],
      [`/walls/${id}/rename`, { name: '自己' }],
      [`/walls/${id}/revoke`, { reason: '不要' }],
    ]
    for (const who of [screen, new Screen()])
      for (const [path, body] of acts) expect((await who.ask(path, body)).status, path).toBe(401)
  })

  test('who manages walls of a city by home lets in, sees and shuts out those alone', async () => {
    const role = { title: { zh: '大屏员', en: 'Walls' }, rights: ['walls.manage'] }
    await fetch(`${server.url}/v1/roles/walls`, {
      method: 'PUT',
      headers: { cookie: admin, origin: server.url, 'content-type': 'application/json' },
      body: JSON.stringify(role),
    })
    const clerk = await enterWithPost(server, { role: 'walls', regions: ['4305'], side: 'home' })
    const asClerk = (path: string, body?: object) => new Screen().ask(path, body, { cookie: clerk })
    const code = await new Screen().code()
    for (const terms of [
      {},
      { region: '43' },
      { region: '4301' },
      { region: '4305' },
      { region: '4305', side: 'work' },
    ])
      expect((await asClerk('/walls', { code, name: '大厅', ...terms })).status, JSON.stringify(terms)).toBe(
        403,
      )
    const own = (await asClerk('/walls', { code, name: '大厅', region: '430503', side: 'home' })).body
    const other = (await paired({ region: '4301' })).id
    expect((await asClerk('/walls')).body.walls.map(({ region }: any) => region)).not.toContain('4301')
    expect((await asClerk(`/walls/${other}/revoke`, { reason: '不要' })).status).toBe(404)
    expect((await asClerk(`/walls/${own.id}/revoke`, { reason: '不要' })).status).toBe(200)
  })

  test.each([
    [{ code: '????-????', name: 'x' }, 404],
    [{ code: 'ACDE-3479', name: '' }, 400],
    [{ code: 'ACDE-3479', name: 'x', board: 'other' }, 400],
    [{ code: 'ACDE-3479', name: 'x', region: '99' }, 400],
    [{ code: 'ACDE-3479', name: 'x', side: 'left' }, 400],
  ])('what cannot be is refused: %o', async (body, status) => {
    expect((await asAdmin('/walls', body)).status).toBe(status)
  })

  test('screens that ask without end from one address are told to wait', async () => {
    const statuses: number[] = []
    let last: Awaited<ReturnType<Screen['ask']>> | null = null
    for (let i = 0; i < 40 && !statuses.includes(429); i++) {
      last = await new Screen().ask('/walls/pairings', {}, { 'x-forwarded-for': '198.51.100.9' })
      statuses.push(last.status)
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(30)
    expect(last?.headers.get('retry-after')).toBe('60')
    expect((await new Screen().ask('/walls/pairings', {})).status).toBe(200)
  })

  test('nor does one customer of a provider, who has a whole /64 of IPv6', async () => {
    const ask = (from: string) => new Screen().ask('/walls/pairings', {}, { 'x-forwarded-for': from })
    const statuses: number[] = []
    for (let i = 1; i <= 40; i++) statuses.push((await ask(`2001:db8:1:2::${i}`)).status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(30)
    expect((await ask('2001:db8:1:3::1')).status).toBe(200)
  })
})

describe('a screen that was let in', () => {
  test('gets alerts without names that are not proven, and without whoever works on them', async () => {
    const { alerts } = await server.get('/v1/alerts', admin)
    const reported = alerts.find((alert: any) => !alert.isVerified)
    const verified = alerts.find((alert: any) => alert.isVerified)
    expect([reported.project, verified.project]).toEqual([PROJECT, '另一个项目'])
    await asAdmin(`/alerts/${verified.id}/actions`, { action: 'acknowledge', note: '已联系张三' })

    const { screen } = await paired()
    const list = (await screen.ask('/alerts')).body.alerts
    expect(list.find((alert: any) => alert.id === reported.id)).toMatchObject({
      employer: '湖南某公司',
      project: '长盛某项目',
      group: reported.id,
    })
    expect(list.find((alert: any) => alert.id === verified.id)).toMatchObject({
      employer: EMPLOYER,
      state: 'acknowledged',
      acknowledgedBy: null,
    })
    const live = connect(screen.cookie)
    await waitFor(() => live.told.filter((one) => one.name === 'alert').length >= 3)
    const everything = [
      JSON.stringify(list),
      JSON.stringify((await screen.ask('/alerts/log')).body),
      JSON.stringify((await screen.ask(`/alerts/${reported.id}`)).body),
      JSON.stringify(live.told),
    ]
    for (const text of everything)
      for (const told of [PROJECT, ADMIN.username, '张三']) expect(text).not.toContain(told)
    expect(JSON.stringify((await screen.ask(`/alerts/${reported.id}`)).body)).not.toContain('长盛建筑')
  })

  test('only looks: no evidence, no act, no source, no audit', async () => {
    const { screen } = await paired()
    const [{ id }] = (await screen.ask('/alerts')).body.alerts
    const acts: [string, object | undefined][] = [
      [`/alerts/${id}/evidence`, undefined],
      [`/alerts/${id}/actions`, { action: 'acknowledge' }],
      ['/sources', undefined],
      ['/sources', { name: 'x', kinds: ['arrears'] }],
      ['/audit', undefined],
      ['/units', undefined],
    ]
    for (const [path, body] of acts) expect([401, 403], path).toContain((await screen.ask(path, body)).status)
  })

  test('asks for what its board shows of its own region, and for nothing beyond', async () => {
    const { screen, id } = await paired({ region: '4305' })
    const statusOf = async (path: string) => (await screen.ask(path)).status
    for (const path of [
      '/series?measure=arrears.newCases&interval=day',
      '/distribution?measure=workers.count&by=sector',
      '/distribution?measure=arrears.owed&by=work.county&region=43',
      '/distribution?measure=arrears.owed&by=work.county&region=430503',
      '/distribution?measure=arrears.owed&by=work.city&region=43',
      '/distribution?measure=arrears.owed&by=work.province',
      '/distribution?measure=workers.outOfProvince&by=home.city,work.province',
      '/alerts?region=430503',
    ])
      expect([path, await statusOf(path)]).toEqual([path, 200])
    for (const path of [
      '/distribution?measure=arrears.owed&region=4301',
      '/distribution?measure=arrears.owed&region=430102',
      '/series?measure=arrears.owed&region=44&role=work',
      '/distribution?measure=industry.headcount',
      '/distribution?measure=arrears.owed&by=employer',
      '/distribution?measure=arrears.owed&sector=E',
      '/flows?measure=workers.outOfProvince&level=city',
      '/flows?measure=workers.outOfProvince&level=county',
      '/flows?measure=workers.count&level=city',
      '/distribution?measure=arrears.owed&format=csv',
      '/alerts?region=4301',
    ])
      expect([path, await statusOf(path)]).toEqual([path, 403])
    // A screen all of whose board is of everywhere may ask for any place, and still for nothing else.
    const whole = (await paired()).screen
    expect((await whole.ask('/distribution?measure=arrears.owed&region=4301')).status).toBe(200)
    expect((await whole.ask('/distribution?measure=arrears.owed&by=employer')).status).toBe(403)
    // Which screen it was that asked is written down.
    const { entries } = await server.get(`/v1/audit?action=refused&who=${id}`, admin)
    expect(entries.map(({ whoId, whoName, reason }: any) => [whoId, whoName, reason]).reverse()).toEqual([
      [id, '大厅', 'GET /v1/distribution 4301'],
      [id, '大厅', 'GET /v1/distribution'],
      [id, '大厅', 'GET /v1/alerts 4301'],
    ])
  })

  test('stays in when the server is killed and started again', async () => {
    const { screen, id } = await paired()
    await server.killAndRestart()
    expect((await screen.ask('/me')).body.viewer).toBe('device')
    const live = connect(screen.cookie)
    await waitFor(() => live.has('snapshot'))
    expect((await screen.ask('/walls/beat', { version: 'v2' })).status).toBe(200)
    const wall = (await asAdmin('/walls')).body.walls.find((one: any) => one.id === id)
    expect(wall).toMatchObject({ version: 'v2', address: '127.0.0.1', seenAt: expect.any(String) })
  })

  test('is put out within two seconds of being shut out, alone, its socket closed, for good', async () => {
    const { screen, id } = await paired()
    const other = await paired()
    const [live, stays] = [connect(screen.cookie), connect(other.screen.cookie)]
    await waitFor(() => live.has('snapshot') && stays.has('snapshot'))
    const revoked = await asAdmin(`/walls/${id}/revoke`, { reason: '屏幕拆除' })
    expect(revoked.body).toMatchObject({ revokedBy: ADMIN.username, revokedAt: expect.any(String) })
    await waitFor(() => !live.socket.connected, 2_000)
    expect((await screen.ask('/me')).status).toBe(401)
    const back = connect(screen.cookie)
    await waitFor(() => back.has('refused'))
    expect(back.told).toEqual([{ name: 'refused', value: 'unauthenticated' }])
    expect(stays.socket.connected).toBe(true)
    expect((await asAdmin(`/walls/${id}/revoke`, { reason: '再来' })).body.revokedAt).toBe(
      revoked.body.revokedAt,
    )
  })

  test('is renamed; and every act is in the audit log, with who and why', async () => {
    const { id } = await paired()
    expect((await asAdmin(`/walls/${id}/rename`, { name: '二号屏' })).body).toMatchObject({
      id,
      name: '二号屏',
    })
    expect((await asAdmin('/walls/wall_0/rename', { name: 'x' })).status).toBe(404)
    await asAdmin(`/walls/${id}/revoke`, { reason: '换新' })
    const { entries } = await server.get(`/v1/audit?subject=${id}`, admin)
    expect(entries.map(({ action, whoName, reason }: any) => [action, whoName, reason])).toEqual([
      ['wall.revoke', ADMIN.username, '换新'],
      ['wall.rename', ADMIN.username, ''],
      ['wall.pair', ADMIN.username, 'province * both'],
    ])
  })

  test('has a token that is stored nowhere in clear', async () => {
    const { screen } = await paired()
    const token = screen.jar.get('xiangrong.wall') ?? ''
    expect(token).toHaveLength(43)
    expect(server.output()).not.toContain(token)
    expect(
      (await new Screen().ask('/me', undefined, { cookie: `xiangrong.wall=${token.slice(0, -1)}` })).status,
    ).toBe(401)
  })
})
