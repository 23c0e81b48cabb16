import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'
import { arrears } from '../support/signals.ts'

let server: TestServer
let browser: Browser
let page: Page
let source: { id: string; key: string }
const statusOf = async (key: string) => (await server.send('arrears', key, [arrears()])).status
/** The key that is shown just now. */
const shown = async () => (await page.getByText(/^xr_[\w-]{32}$/).textContent()) ?? ''

beforeAll(async () => {
  server = await startServer()
  browser = await openBrowser()
  source = await server.createSource({ name: '邵阳市治欠办', region: '4305', kinds: ['arrears', 'workers'] })
  page = await (
    await browser.newContext({ viewport: { width: 360, height: 780 }, locale: 'zh-CN' })
  ).newPage()
  await page.goto(`${server.url}/sources?source=${source.id}`)
  await page.locator('input[autocomplete="username"]').fill(ADMIN.username)
  await page.locator('input[type="password"]').fill(ADMIN.password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '密钥' }).waitFor()
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

test('an administrator makes a key with its limits, sees it once, hands over to another and revokes that', async () => {
  const focused = page.locator(':focus')
  const another = page.getByRole('button', { name: '新建密钥' })
  await another.press('Enter')
  await page.getByRole('button', { name: '取消' }).press('Enter')
  await another.and(focused).press('Enter')
  await page.getByLabel('有效期').and(focused).waitFor()
  await page.getByLabel('允许的地址或网段').fill('127.0.0.1 2001:db8::/32')
  await page.getByLabel('每分钟至多行数').fill('600')
  await page.getByRole('checkbox', { name: '农民工' }).uncheck()
  await page.getByLabel('只可报送的地区').selectOption('430503')
  await page.getByRole('button', { name: '新建', exact: true }).click()
  const first = await shown()
  const copy = page.getByRole('button', { name: '复制密钥' })
  await copy.and(focused).waitFor()
  expect(await statusOf(first)).toBe(200)
  await page.getByText('限：欠薪案件 · 大祥区 · 从 127.0.0.1 2001:db8::/32 · 每分钟 600 行').waitFor()
  await page.reload()
  await page.getByText(`${first.slice(0, 8)}…`).waitFor()
  expect(await page.getByText(first).count()).toBe(0)

  const row = page.locator('li', { hasText: first.slice(0, 8) })
  await row.getByRole('button', { name: '修改' }).click()
  await row.getByLabel('每分钟至多行数').press('Escape')
  await row.getByRole('button', { name: '修改' }).and(focused).press('Enter')
  await row.getByRole('button', { name: '取消' }).press('Escape')
  await row.getByRole('button', { name: '修改' }).and(focused).press('Enter')
  await row.getByLabel('每分钟至多行数').fill('900')
  await row.getByLabel('允许的地址或网段').fill('198.51.100.0/24')
  await row.getByRole('button', { name: '保存修改' }).click()
  await page.getByText('限：欠薪案件 · 大祥区 · 从 198.51.100.0/24 · 每分钟 900 行').waitFor()
  expect(await statusOf(first)).toBe(403)
  await row.getByRole('button', { name: '修改' }).click()
  await row.getByLabel('允许的地址或网段').fill('127.0.0.1')
  await row.getByRole('button', { name: '保存修改' }).click()
  await page.getByText('从 127.0.0.1 · 每分钟 900 行').waitFor()
  expect(await statusOf(first)).toBe(200)

  await row.getByRole('button', { name: '更换' }).click()
  await row.getByLabel('旧密钥还可以用').selectOption('0')
  await row.getByRole('button', { name: '更换并显示新密钥' }).click()
  const second = await shown()
  await copy.and(focused).waitFor()
  expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200])
  await page.getByText('已失效的 1 个').waitFor()

  const next = page.locator('li', { hasText: second.slice(0, 8) })
  await next.getByRole('button', { name: '吊销' }).click()
  await next.getByLabel('原因').and(focused).press('Escape')
  await next.getByRole('button', { name: '吊销' }).and(focused).press('Enter')
  await next.getByLabel('原因').and(focused).fill(' ')
  await page.keyboard.press('Enter')
  await next.getByLabel('原因').and(page.locator(':focus:invalid')).fill('人员离职')
  await next.getByRole('button', { name: '立即吊销' }).click()
  await page.getByText('已失效的 2 个').waitFor()
  await another.and(focused).waitFor()
  expect(await statusOf(second)).toBe(401)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
})
