import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'
import { arrears } from '../support/signals.ts'

const EMPLOYER = '湖南长盛建筑有限公司'
let server: TestServer
let browser: Browser
let hall: BrowserContext
let screen: Page
let desk: Page

/** Not on loopback, where the wall needs no pairing. */
beforeAll(async () => {
  server = await startServer({ HOST: '0.0.0.0' })
  browser = await openBrowser()
  const { key } = await server.createSource()
  await server.send('arrears', key, [arrears({ gathering: 46, workers: 46, employer: EMPLOYER })])
  hall = await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'zh-CN' })
  screen = await hall.newPage()
  desk = await (
    await browser.newContext({ viewport: { width: 360, height: 780 }, locale: 'zh-CN' })
  ).newPage()
  await desk.goto(`${server.url}/walls`)
  await desk.locator('input[autocomplete="username"]').fill(ADMIN.username)
  await desk.locator('input[type="password"]').fill(ADMIN.password)
  await desk.keyboard.press('Enter')
  await desk.getByRole('heading', { name: '大屏管理' }).waitFor()
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const CODE = /^配对码 ?[3479ACDEFHJKMNPQRTWXY]{4}-[3479ACDEFHJKMNPQRTWXY]{4}$/
async function codeOn(page: Page): Promise<string> {
  const shown = await page.getByText(CODE).textContent()
  return (shown ?? '').replace('配对码', '').trim()
}

test('a screen shows a code; typed in at the desk, it goes on by itself and names no unproven employer', async () => {
  await screen.goto(`${server.url}/wall`)
  const code = await codeOn(screen)
  await screen.reload()
  expect(await codeOn(screen)).toBe(code)

  await desk.getByLabel('屏幕上的配对码').fill('AAAA-AAAA')
  await desk.getByLabel('名称').fill('指挥大厅一号屏')
  await desk.getByRole('button', { name: '配对' }).click()
  await desk.getByText('现在没有屏幕显示这个码').waitFor()
  await desk.getByLabel('屏幕上的配对码').fill(code.toLowerCase().replace('-', ' '))
  await desk.keyboard.press('Enter')
  await desk.getByText('“指挥大厅一号屏”已配对').waitFor()

  await screen.getByText('聚集 46 人讨薪').waitFor({ timeout: 10_000 })
  expect(new URL(screen.url()).pathname).toBe('/wall')
  expect(await screen.locator('body').textContent()).toContain('湖南某公司')
  expect(await screen.locator('body').textContent()).not.toContain(EMPLOYER)
  expect(await desk.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
  await desk.reload()
  await desk.getByText('正在显示').waitFor()
})

test('it is still let in after the server was killed and after the screen itself was started anew', async () => {
  await server.killAndRestart()
  await screen.reload()
  await screen.getByText('聚集 46 人讨薪').waitFor()
  const kept = await hall.storageState()
  await hall.close()
  hall = await browser.newContext({
    viewport: { width: 1920, height: 1080 },
    locale: 'zh-CN',
    storageState: kept,
  })
  screen = await hall.newPage()
  await screen.goto(`${server.url}/wall`)
  await screen.getByText('聚集 46 人讨薪').waitFor()
})

test('shut out at the desk it shows a code again by itself, and nothing else', async () => {
  await desk.reload()
  const focused = desk.locator(':focus')
  const row = desk.getByRole('listitem').filter({ hasText: '指挥大厅一号屏' })
  await row.getByRole('button', { name: '改名' }).press('Enter')
  await row.getByLabel('名称').and(focused).fill(' ')
  await desk.keyboard.press('Enter')
  await row.getByLabel('名称').and(desk.locator(':focus:invalid')).fill('指挥大厅 2 号屏')
  await desk.keyboard.press('Enter')
  const renamed = desk.getByRole('listitem').filter({ hasText: '指挥大厅 2 号屏' })
  await renamed.getByRole('button', { name: '改名' }).and(focused).waitFor()
  await renamed.getByRole('button', { name: '停用' }).press('Enter')
  await renamed.getByRole('button', { name: '取消' }).press('Enter')
  await renamed.getByRole('button', { name: '停用' }).and(focused).press('Enter')
  await desk.getByLabel('原因').and(focused).fill('屏幕拆除')
  await desk.getByRole('button', { name: '立即停用' }).click()
  await screen.getByText(CODE).waitFor({ timeout: 5_000 })
  expect(await screen.locator('body').textContent()).not.toContain('聚集')
  await screen.goto(`${server.url}/map`)
  await screen.waitForURL('**/login**')
  await desk.getByText('已停用的 1 块').and(focused).waitFor()
})
