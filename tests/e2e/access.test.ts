import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../support/client.ts'
import { enterPerson } from '../support/people.ts'
import { worker } from '../support/signals.ts'
import { openSite, type Site } from '../support/site.ts'

let site: Site
let people = 0

const VILLAGE = '430522100001'
/** What the person of these tests may do, besides the right that is withdrawn. */
const CLERK = ['units.read', 'units.manage', 'sources.read', 'sources.manage', 'reports.send']

beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site.stop())

async function putRole(role: string, rights: readonly string[]): Promise<void> {
  const put = { title: { zh: '经办', en: 'Clerk' }, rights }
  expect((await site.admin.ask(`/v1/roles/${role}`, put, { method: 'PUT' })).status).toBe(200)
}

/** A page of a new person with a role of their own that gives these rights. */
async function pageOf(rights: readonly string[], path: string) {
  const name = `clerk${++people}`
  await putRole(name, rights)
  const person = await enterPerson(site.server, site.admin, { username: name, role: name })
  return { ...person, name, page: await open(person.client, path) }
}

async function open(client: Client, path: string): Promise<Page> {
  const page = await site.open(client, path)
  await page.waitForLoadState('networkidle')
  return page
}
const closed = (page: Page) => page.getByRole('heading', { name: '不对您开放' })

test('a right that an administrator takes away closes the open page of somebody else', async ({
  annotate,
}) => {
  const clerk = await pageOf([...CLERK, 'people.read'], '/people')
  const roles = await open(site.admin, '/roles')
  await roles.getByRole('checkbox', { name: '经办：查看人员与权限', exact: true }).click()
  const saved = roles.waitForResponse((answer) => answer.request().method() === 'PATCH')
  await roles.getByRole('button', { name: '保存 1 项更改' }).click()
  await saved
  const sinceMs = Date.now()
  await closed(clerk.page).waitFor()
  await annotate(`closed ${Date.now() - sinceMs} ms after the change was answered`)
  await clerk.page.locator('#places').getByText('人员', { exact: true }).waitFor({ state: 'detached' })
  // And opens again with the right, without a reload.
  await putRole(clerk.name, [...CLERK, 'people.read'])
  await clerk.page.getByRole('heading', { name: '人员', exact: true }).waitFor()
  await Promise.all([clerk.page.context().close(), roles.context().close()])
}, 60_000)

test('a right that goes while a page opens closes it', async () => {
  const { name, page } = await pageOf([...CLERK, 'people.read'], '/account')
  let isGone = false
  await page.route('**/v1/me', async (route) => {
    const response = await route.fetch()
    if (!isGone) await putRole(name, CLERK)
    isGone = true
    await route.fulfill({ response })
  })
  for (const path of ['/people', '/account']) {
    await putRole(name, [...CLERK, 'people.read'])
    isGone = false
    await page.goto(`${site.server.url}${path}`)
    await page.locator('#places').getByText('网络').waitFor({ state: 'attached' })
    await page.locator('#administration').getByText('人员').waitFor({ state: 'detached' })
    await expect.poll(() => closed(page).count()).toBe(path === '/people' ? 1 : 0)
  }
  await page.context().close()
}, 60_000)

test.each(['/people', '/map', '/account', '/docs'])(
  '%s asks once who looks',
  async (path) => {
    const { page } = await pageOf(['people.read', 'figures.read'], '/account')
    let asked = 0
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/v1/me') asked++
    })
    // The frame by which the server says that it has let a socket in.
    const letIn = new Promise<void>((resolve) => {
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => String(payload).startsWith('40') && resolve()),
      )
    })
    await page.goto(`${site.server.url}${path}`)
    await letIn
    await page.waitForLoadState('networkidle')
    expect(asked).toBe(1)
    await page.context().close()
  },
  60_000,
)

test('each page closes when its right goes', async () => {
  const pages: [path: string, right: string][] = [
    ['/sources', 'sources.read'],
    ['/walls', 'walls.manage'],
    ['/identity', 'identity.read'],
    ['/roles', 'people.read'],
    ['/audit', 'audit.read'],
    ['/households', 'households.read'],
    ['/map', 'figures.read'],
  ]
  const { name, page } = await pageOf(['units.read', ...pages.map(([, right]) => right)], '/account')
  for (const [path, right] of pages) {
    await page.goto(`${site.server.url}${path}`)
    await page.waitForLoadState('networkidle')
    expect([path, await closed(page).count()]).toEqual([path, 0])
    await putRole(name, ['units.read', ...pages.map(([, other]) => other).filter((other) => other !== right)])
    await closed(page).waitFor()
  }
  await page.context().close()
}, 60_000)

test('a post ends and another begins by the clock: the open page closes and opens by itself', async () => {
  const { id, name, page } = await pageOf(['units.read'], '/registry')
  const posts = `/v1/people/${id}/posts`
  const [post] = (await site.admin.ask(posts)).body.posts
  const iso = (ms: number) => new Date(ms).toISOString()
  const endsMs = Date.now() + 4_000
  const beginsMs = endsMs + 4_000
  const ended = await site.admin.ask(`${posts}/${post.id}`, { endsAt: iso(endsMs) }, { method: 'PATCH' })
  const given = await site.admin.ask(posts, { role: name, startsAt: iso(beginsMs) })
  expect([ended.status, given.status]).toEqual([200, 201])
  await page.waitForTimeout(endsMs - Date.now() - 1_000)
  expect(await closed(page).count()).toBe(0)
  await closed(page).waitFor()
  expect(Date.now()).toBeLessThan(endsMs + 2_000)
  await closed(page).waitFor({ state: 'detached' })
  expect(Date.now()).toSatisfy((ms: number) => ms >= beginsMs && ms < beginsMs + 2_000)
  await page.context().close()
}, 60_000)

test('a post that ends closes the page as well; the network closes with its last right', async () => {
  const { id, page } = await pageOf(['units.read', 'sources.read'], '/registry')
  const [post] = (await site.admin.ask(`/v1/people/${id}/posts`)).body.posts
  const ended = { endsAt: new Date().toISOString() }
  await site.admin.ask(`/v1/people/${id}/posts/${post.id}`, ended, { method: 'PATCH' })
  await closed(page).waitFor()
  await page.getByText('您的账号现在没有任何任职').waitFor()
  await page.context().close()
}, 60_000)

test.each([
  ['/sources?source=new', '名称'],
  ['/registry?unit=new', '名称'],
])(
  'what is typed at %s stays when another right goes',
  async (path, label) => {
    const { name, page } = await pageOf([...CLERK, 'audit.read'], path)
    const field = page.getByLabel(label, { exact: true })
    await field.fill('填了一半')
    await putRole(name, CLERK)
    await page.locator('#places').getByText('审计').waitFor({ state: 'detached' })
    expect(await field.inputValue()).toBe('填了一半')
    // And goes with the right that it is for.
    await putRole(
      name,
      CLERK.filter((right) => !right.endsWith('.manage')),
    )
    await field.waitFor({ state: 'detached' })
    expect(await closed(page).count()).toBe(0)
    await page.context().close()
  },
  60_000,
)

test('a household that was opened is covered when another right goes', async () => {
  const { key } = await site.server.createSource()
  await site.server.send('workers', key, [worker({ homeRegion: VILLAGE, household: '12' })])
  const { households } = (await site.admin.ask(`/v1/households?region=${VILLAGE}`)).body
  const rights = [...CLERK, 'households.read', 'individuals.read']
  const path = `/households?region=${VILLAGE}&household=${households[0].key}`
  const { name, page } = await pageOf([...rights, 'audit.read'], path)
  const member = page.getByRole('heading', { name: /^成员/ })
  await page.getByLabel('事由').fill('入户核对务工信息')
  await page.getByRole('button', { name: '打开' }).click()
  await member.waitFor()
  await putRole(name, rights)
  await member.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '打开' }).waitFor()
  await page.context().close()
}, 60_000)

test('the menu of a page with a frame of its own follows', async () => {
  const { name, page } = await pageOf([...CLERK, 'audit.read'], '/account')
  for (const path of ['/account', '/docs', '/report']) {
    await putRole(name, [...CLERK, 'audit.read'])
    await page.goto(`${site.server.url}${path}`)
    await page.locator('#places').getByText('审计').waitFor({ state: 'attached' })
    await page.waitForLoadState('networkidle')
    await putRole(name, CLERK)
    await page.locator('#places').getByText('审计').waitFor({ state: 'detached' })
  }
  await page.context().close()
}, 60_000)

test('who is signed out is led to the log-in, whatever is open', async () => {
  const paths = ['/people', '/registry', '/households', '/account']
  const { id, client, page } = await pageOf(['people.read', 'units.read', 'households.read'], paths[0] ?? '')
  const others = await Promise.all(paths.slice(1).map((path) => open(client, path)))
  expect((await site.admin.ask(`/v1/people/${id}/sessions/end`, {})).status).toBe(200)
  for (const [i, one] of [page, ...others].entries()) {
    await one.waitForURL(`**/login?next=${encodeURIComponent(paths[i] ?? '')}`)
    await one.context().close()
  }
}, 60_000)

test.each([
  ['what the log-in asks', '**/v1/sign-in'],
  ['the sign-out', '**/v1/auth/sign-out'],
])(
  'who signs out comes to a log-in that does not lead back, however late %s is answered',
  async (_, slow) => {
    const { page } = await pageOf(['people.read'], '/people')
    const places: string[] = []
    page.on('framenavigated', (frame) => places.push(frame.url().replace(site.server.url, '')))
    await page.route(slow, async (route) => {
      const response = await route.fetch()
      // Longer than an open page takes to hear that its log-in is over.
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      await route.fulfill({ response })
    })
    const answered = page.waitForResponse('**/v1/auth/sign-out')
    await page.getByRole('button', { name: '退出' }).click()
    await page.locator('input[autocomplete="current-password"]').waitFor()
    await answered
    await page.waitForLoadState('networkidle')
    expect(places).toEqual(['/login'])
    await page.context().close()
  },
  60_000,
)

test('who is signed out is not held by what was not saved', async () => {
  const { id, page } = await pageOf(['people.read', 'people.manage', 'roles.manage'], '/roles')
  await page.getByRole('checkbox', { name: '领导：处置预警' }).click()
  await site.admin.ask(`/v1/people/${id}/sessions/end`, {})
  await page.waitForURL('**/login?next=%2Froles')
  await page.context().close()
}, 60_000)

test('a role that begins to ask for a second factor leads to the account page', async () => {
  const { name, page } = await pageOf(['people.read'], '/people')
  const changes = { changes: [{ role: name, needsSecondFactor: true }] }
  expect((await site.admin.ask('/v1/roles', changes, { method: 'PATCH' })).status).toBe(200)
  await page.waitForURL('**/account')
  await page.context().close()
}, 60_000)

test('a page that could not be opened says why, and opens when asked again', async () => {
  const { page } = await pageOf(['people.read'], '/people')
  await page.route('**/v1/me', (route) => route.abort())
  await page.reload()
  await page.getByText('网络不通').waitFor()
  await page.unroute('**/v1/me')
  await page.getByRole('button', { name: '重试' }).click()
  await page.getByRole('heading', { name: '人员', exact: true }).waitFor()
  await page.context().close()
}, 60_000)

test('a server that goes and comes back takes nothing from the page', async () => {
  const { name, page } = await pageOf([...CLERK, 'audit.read'], '/sources?source=new')
  const field = page.getByLabel('名称', { exact: true })
  await field.fill('填了一半')
  await site.server.kill()
  await page.getByText('与服务器的连接中断').waitFor()
  await site.server.restart()
  await page.getByText('与服务器的连接中断').waitFor({ state: 'detached' })
  // Whatever changed while the page heard nothing is found when it is back.
  await putRole(name, CLERK)
  await page.locator('#places').getByText('审计').waitFor({ state: 'detached' })
  expect(await field.inputValue()).toBe('填了一半')
  await page.context().close()
}, 60_000)
