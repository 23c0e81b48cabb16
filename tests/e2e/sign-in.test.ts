import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'
import { totpOf } from '../support/totp.ts'

let server: TestServer
let browser: Browser
let page: Page

beforeAll(async () => {
  server = await startServer()
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
}, 60_000)
afterAll(async () => {
  await browser.close()
  await server.stop()
})

async function logIn(password = ADMIN.password): Promise<void> {
  await page.goto(`${server.url}/login`)
  await page.getByLabel('用户名').fill(ADMIN.username)
  await page.getByLabel('密码').fill(password)
  await page.getByRole('button', { name: '登录', exact: true }).click()
}

test('an authenticator is enrolled from its QR code or key, and the next log-in asks for its code', async () => {
  await logIn()
  await page.waitForURL('**/map')
  await page.goto(`${server.url}/account`)
  const factor = page.getByRole('region', { name: '第二步验证' })
  await factor.getByLabel('输入密码以继续').fill(ADMIN.password)
  await factor.getByRole('button', { name: '开始绑定' }).click()
  await factor.getByRole('img', { name: '绑定验证器的二维码' }).waitFor()
  const secret = ((await factor.locator('code').textContent()) ?? '').replaceAll(' ', '')
  const address = `otpauth://totp/x?secret=${secret}`
  await factor.getByLabel('动态码').fill('000000')
  await factor.getByRole('button', { name: '确认绑定' }).click()
  await factor.getByText('密码或动态码不对').waitFor()
  const used = totpOf(address)
  await factor.getByLabel('动态码').fill(used)
  await factor.getByRole('button', { name: '确认绑定' }).click()
  await factor.getByText('以下恢复码只显示这一次').waitFor()
  const [recovery = ''] = await factor.locator('li code').allTextContents()
  await factor.getByRole('button', { name: '已保存' }).click()
  await factor.getByText('还有 10 个恢复码').waitFor()

  await page.getByRole('button', { name: '退出' }).click()
  await page.waitForURL('**/login**')
  await logIn()
  await page.getByRole('heading', { name: '第二步验证' }).waitFor()
  await page.getByLabel('验证器上的 6 位动态码').fill(used)
  await page.getByRole('button', { name: '验证' }).click()
  await page.getByRole('alert').filter({ hasText: '验证码不对或已用过' }).waitFor()
  await page.getByLabel('验证器上的 6 位动态码').fill(totpOf(address, Date.now() + 30_000))
  await page.getByRole('button', { name: '验证' }).click()
  await page.waitForURL('**/map')

  await page.getByRole('button', { name: '退出' }).click()
  await page.waitForURL('**/login**')
  await logIn()
  await page.getByRole('button', { name: '改用恢复码' }).click()
  await page.getByLabel('恢复码').fill(recovery)
  await page.getByRole('button', { name: '验证' }).click()
  await page.waitForURL('**/map')
  await page.goto(`${server.url}/account`)
  await page.getByText('还有 9 个恢复码').waitFor()
}, 60_000)

test('an account that is shut says for how long', async () => {
  await page.context().clearCookies()
  for (let i = 0; i < 5; i++) {
    await logIn('not-the-password')
    await page.getByRole('alert').filter({ hasText: '用户名或密码不对' }).waitFor()
  }
  await logIn('not-the-password')
  const alert = page.getByRole('alert')
  await alert.filter({ hasText: /请 (1:00|0:\d\d) 后再试/ }).waitFor()
  expect(await page.getByRole('button', { name: '登录', exact: true }).isDisabled()).toBe(true)
}, 60_000)
