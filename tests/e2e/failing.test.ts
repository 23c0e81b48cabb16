import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { worker } from '../support/signals.ts'
import { openSite, type Site } from '../support/site.ts'

let site: Site

beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site.stop())

const fail = (page: Page, path: string) =>
  page.route(path, (route) => route.fulfill({ status: 503, body: '{}' }))

test('roles that cannot be read again stay, say that they are old, and are read again on demand', async () => {
  const page = await site.open(site.admin, '/roles')
  const box = page.getByRole('checkbox', { name: '领导：处置预警' })
  await box.click()
  await page.route('**/v1/roles', async (route) => {
    await wait(300)
    await route.fulfill({ status: 503, body: '{}' })
  })
  const save = page.getByRole('button', { name: '保存 1 项更改' })
  await save.press('Enter')
  const said = page.getByRole('alert').filter({ hasText: '服务器出错（503）' })
  await said.waitFor()
  // Disabled while it was busy, it has the keyboard again.
  await save.and(page.locator(':focus')).waitFor()
  // What was ticked waits to be saved once the server is back.
  expect(await box.isChecked()).toBe(true)
  await page.unroute('**/v1/roles')
  // Saved this time, and then not read again.
  await page.route('**/v1/roles', (route) =>
    route.request().method() === 'GET' ? route.fulfill({ status: 503, body: '{}' }) : route.fallback(),
  )
  await save.click()
  const failure = page.getByRole('alert').filter({ hasText: '以下为上次读到的内容' })
  await failure.waitFor()
  expect(await page.getByRole('checkbox', { name: '管理员：管理角色' }).isChecked()).toBe(true)
  await page.unroute('**/v1/roles')
  await failure.getByRole('button', { name: '重试' }).click()
  await failure.waitFor({ state: 'detached' })
  expect(await box.isChecked()).toBe(true)
  await page.context().close()
}, 60_000)

test.each(['/map', '/registry', '/households', '/roles'])(
  '%s says that its people are synthetic although it cannot be read, once this device was told so',
  async (path) => {
    await site.server.createSource({ name: '示例来源', synthetic: true })
    const page = await site.open(site.admin, '/map')
    const badge = page.locator('header strong', { hasText: '合成数据' })
    await badge.waitFor()
    await fail(page, '**/v1/**')
    await page.route('**/v1/me', (route) => route.continue())
    await page.goto(`${site.server.url}${path}`)
    await page.getByRole('alert').filter({ hasText: '读取失败' }).first().waitFor()
    await badge.waitFor()
    await page.context().close()
  },
  60_000,
)

test('a page that is read without one question still says that its people are synthetic, on a device that never was here', async () => {
  await site.server.createSource({ name: '示例来源', synthetic: true })
  const context = await site.contextOf(site.admin)
  const page = await context.newPage()
  await fail(page, '**/v1/distribution?**')
  await page.goto(`${site.server.url}/map`)
  await page.getByRole('alert').filter({ hasText: '读取失败' }).waitFor()
  await page.locator('header strong', { hasText: '合成数据' }).waitFor()
  await context.close()
}, 60_000)

test('an open source whose batches and keys cannot be read says so once each, and reads them again on demand', async () => {
  const { id } = await site.server.createSource({ name: '断线来源' })
  const page = await (await site.contextOf(site.admin)).newPage()
  const asked = ['batches', 'keys'].map((part) => `**/v1/sources/${id}/${part}**`)
  for (const path of asked) await fail(page, path)
  await page.goto(`${site.server.url}/sources?source=${id}`)
  const said = page.getByRole('alert').getByText('读取失败：服务器出错（503），请稍后重试。', { exact: true })
  await expect.poll(() => said.count()).toBe(2)
  for (const path of asked) await page.unroute(path)
  for (let left = 2; left > 0; left--) {
    await page.getByRole('button', { name: '重试' }).first().click()
    await expect.poll(() => said.count()).toBe(left - 1)
  }
  await page.getByText('还没有报送过').waitFor()
  await page.getByText('不过期').waitFor()
  // A table of codes that was not read is not to be written: it is put as a whole.
  await fail(page, `**/v1/sources/${id}/mappings`)
  await page.reload()
  await page.getByText('代码对照表').click()
  await said.waitFor()
  expect(await page.getByRole('button', { name: '加一条' }).count()).toBe(0)
  await page.unroute(`**/v1/sources/${id}/mappings`)
  await page.getByRole('button', { name: '重试' }).click()
  await page.getByRole('button', { name: '加一条' }).waitFor()
  await page.context().close()
}, 60_000)

test('closed periods that cannot be read say so, and are read on demand; so do those read before', async () => {
  await site.admin.ask(
    '/v1/locks',
    { kind: 'workers', region: '4306', before: '2025-01-01', reason: '年报已定' },
    { method: 'PUT' },
  )
  const page = await (await site.contextOf(site.admin)).newPage()
  await fail(page, '**/v1/locks')
  await page.goto(`${site.server.url}/sources?lang=zh`)
  await page.getByText('封账', { exact: true }).click()
  const panel = page.locator('details').filter({ hasText: '封账后' })
  const said = panel.getByRole('alert').filter({ hasText: '读取失败：服务器出错（503）' })
  await said.waitFor()
  expect(await said.textContent()).not.toContain('以下为上次读到的内容')
  await page.unroute('**/v1/locks')
  await said.getByRole('button', { name: '重试' }).press('Enter')
  await panel.getByText('岳阳市 · 农民工').waitFor()
  await panel.getByText('封账 · 1 项').waitFor()
  expect(await said.count()).toBe(0)

  // Opened it is, and then not read again.
  await page.route('**/v1/locks', (route) =>
    route.request().method() === 'GET' ? route.fulfill({ status: 503, body: '{}' }) : route.fallback(),
  )
  await panel.getByRole('button', { name: '解除封账' }).click()
  await panel.getByLabel('解除理由').fill('试验完毕')
  await panel.getByRole('button', { name: '立即解除' }).click()
  await said.getByText('以下为上次读到的内容').waitFor()
  await panel.getByText('岳阳市 · 农民工').waitFor()
  await page.unroute('**/v1/locks')
  await said.getByRole('button', { name: '重试' }).click()
  await panel.getByText('封账 · 0 项').waitFor()
  expect([await said.count(), await panel.getByText('岳阳市 · 农民工').count()]).toEqual([0, 0])
  await page.context().close()
}, 60_000)

test('rejected rows that cannot be read are not said to be none, and are read on demand; so are those read before', async () => {
  const { id, key } = await site.server.createSource({ name: '退回来源', kinds: ['workers'] })
  await site.server.send('workers', key, [worker({ homeRegion: '999999' })])
  const page = await (await site.contextOf(site.admin)).newPage()
  const asked = '**/v1/quarantine?**'
  await fail(page, asked)
  await page.goto(`${site.server.url}/sources?source=${id}&rows=waiting&lang=zh`)
  const panel = page.getByRole('region', { name: '退回行' })
  const said = panel.getByRole('alert').filter({ hasText: '读取失败：服务器出错（503）' })
  await said.waitFor()
  expect(await panel.textContent()).not.toMatch(/没有|以下为上次读到的内容/)
  await page.unroute(asked)
  await said.getByRole('button', { name: '重试' }).press('Enter')
  const row = panel.getByRole('cell', { name: /没有这个地区/ })
  await row.waitFor()
  expect(await said.count()).toBe(0)

  await fail(page, asked)
  await panel.getByRole('button', { name: '全部重新检查' }).click()
  await said.getByText('以下为上次读到的内容').waitFor()
  await row.waitFor()
  await page.unroute(asked)
  await said.getByRole('button', { name: '重试' }).click()
  await said.waitFor({ state: 'detached' })
  await row.waitFor()
  await page.context().close()
}, 60_000)

test('screens and people that cannot be read again take nothing that was typed, nor a link that is shown once', async () => {
  const page = await site.open(site.admin, '/walls')
  await page.clock.install()
  await page.reload()
  await page.getByLabel('名称').fill('指挥大厅一号屏')
  await fail(page, '**/v1/walls')
  await page.clock.fastForward('00:16')
  await page.getByRole('alert').getByText('以下为上次读到的内容').waitFor()
  expect(await page.getByLabel('名称').inputValue()).toBe('指挥大厅一号屏')
  await page.context().close()

  const people = await site.open(site.admin, '/people?person=new')
  const form = people.getByRole('region', { name: '新建人员' })
  await form.getByLabel('姓名').fill('示例甲')
  await form.getByLabel('用户名').fill('shili.jia')
  await form.getByLabel('角色').selectOption('leader')
  await people.route('**/v1/people**', (route) =>
    route.request().method() === 'GET' ? route.fulfill({ status: 503, body: '{}' }) : route.fallback(),
  )
  await form.getByRole('button', { name: '建立' }).click()
  await people.getByRole('alert').getByText('以下为上次读到的内容').waitFor()
  expect(await form.locator('code').textContent()).toContain('/welcome#')
  await people.context().close()
}, 60_000)

test('who signs out without a network is told that the log-in still stands, and leaves when it is back', async () => {
  const page = await site.open(site.admin, '/sources')
  await page.getByRole('heading', { level: 1 }).waitFor()
  const leave = page.getByRole('button', { name: '退出' })
  await page.route('**/v1/auth/sign-out', (route) => route.abort())
  await leave.click()
  const said = page.getByRole('alert').filter({ hasText: '没有退出：网络不通' })
  await said.waitFor()
  expect(new URL(page.url()).pathname).toBe('/sources')
  expect((await site.admin.ask('/v1/me')).body.user).toMatchObject({ username: 'admin' })
  await page.route('**/v1/auth/sign-out', (route) => route.fulfill({ status: 503, body: '{}' }))
  await leave.click()
  await page.getByRole('alert').filter({ hasText: '没有退出：服务器出错（503）' }).waitFor()

  await page.unroute('**/v1/auth/sign-out')
  await leave.click()
  await page.waitForURL('**/login')
  expect((await site.admin.ask('/v1/me')).body.user ?? null).toBeNull()
  await page.context().close()
}, 60_000)

test('a wall that cannot be read says so, and nothing of it looks like no data', async () => {
  const page = await (await site.contextOf(site.admin)).newPage()
  const isUnread = () => page.locator('.areas path[fill*="wall-none"]').count()
  // Of the empty store, what is read rightly says that there is no data: so nothing is.
  const asked = ['**/v1/distribution?**', '**/v1/series?**']
  for (const path of asked) await fail(page, path)
  await page.goto(`${site.server.url}/wall`)
  await page.locator('.notice').getByText('读取失败').waitFor()
  await page.locator('.areas path').first().waitFor()
  const failures = page.locator('footer section').getByText('读取失败', { exact: true })
  await expect.poll(() => failures.count()).toBe(2)
  expect([await isUnread(), await page.getByText('无数据', { exact: true }).count()]).toEqual([0, 0])
  for (const path of asked) await page.unroute(path)
  await page.reload()
  await expect.poll(isUnread).toBeGreaterThan(100)
  await page.context().close()
}, 60_000)
