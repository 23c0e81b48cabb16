import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let browser: Awaited<ReturnType<typeof openBrowser>>

beforeAll(async () => {
  server = await startServer({ ADMIN_USERNAME: '', ADMIN_PASSWORD: '' })
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await server.stop()
})

test('the link of the first start makes the administrator once, and no address that the server is asked holds its secret', async () => {
  const page = await browser.newPage()
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  const [link = '', token = ''] = /http:\S+\/setup#(\S+)/.exec(server.output()) ?? []
  const fill = async (repeated: string) => {
    await page.getByLabel('用户名').fill('first.admin')
    await page.getByLabel('密码（至少 10 位）').fill('橘子洲头，看万山红遍。')
    await page.getByLabel('再次输入密码').fill(repeated)
    await page.getByRole('button', { name: '创建管理员' }).click()
  }
  await page.goto(link)
  await fill('橘子洲头')
  await page.getByText('两次输入的密码不一致').waitFor()
  await fill('橘子洲头，看万山红遍。')
  await page.getByText('管理员已创建，请登录').waitFor()
  await page.getByLabel('用户名').fill('first.admin')
  await page.getByLabel('密码').fill('橘子洲头，看万山红遍。')
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.waitForURL((url) => url.pathname !== '/login')
  await page.goto('about:blank')
  await page.goto(link)
  await fill('橘子洲头，看万山红遍。')
  await page.getByText('此链接已失效或已被使用').waitFor()
  expect(asked.length).toBeGreaterThan(10)
  expect(asked.filter((url) => new URL(url).href.split('#')[0]?.includes(token))).toEqual([])
})
