import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { enterAdmin } from '../support/people.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'
import { totpOf } from '../support/totp.ts'

let server: TestServer
let browser: Browser

beforeAll(async () => {
  server = await startServer()
  browser = await openBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await server.stop()
})

async function openPage(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  return await context.newPage()
}

async function logIn(page: Page, path: string, username: string, password: string): Promise<void> {
  await page.goto(`${server.url}/login?next=${encodeURIComponent(path)}`)
  await page.getByLabel('用户名').fill(username)
  await page.getByLabel('密码').fill(password)
  await page.getByRole('button', { name: '登录', exact: true }).click()
}

test('a person is made with a post, sets a password by the link, must enrol, and is disabled while looking', async () => {
  const client = await enterAdmin(server)
  const analyst = (await client.ask('/v1/roles')).body.roles.find((role: any) => role.id === 'analyst')
  const { title, rights } = analyst
  await client.ask('/v1/roles/analyst', { title, rights, needsSecondFactor: true }, { method: 'PUT' })

  const admin = await openPage()
  await logIn(admin, '/people?person=new', ADMIN.username, ADMIN.password)
  const form = admin.getByRole('region', { name: '新建人员' })
  await form.getByLabel('姓名').fill('王示例')
  await form.getByLabel('用户名').fill('wang')
  await form.getByLabel('角色').selectOption('analyst')
  await form.getByLabel('市州').selectOption('4305')
  await form.getByLabel('县市区').selectOption('430503')
  await form.getByRole('button', { name: '加入区域' }).click()
  await form.getByRole('listitem').filter({ hasText: '大祥区' }).waitFor()
  await form.getByLabel('务工在此', { exact: true }).check()
  await form.getByLabel('结束（含当日，空为长期）', { exact: true }).fill('2099-12-31')
  await form.getByRole('button', { name: '建立' }).click()
  const link = (await form.locator('code').textContent()) ?? ''
  expect(link).toMatch(new RegExp(`^${server.url}/welcome#`))

  const person = await openPage()
  await person.goto(link)
  await person.getByLabel('密码（至少 10 位）').fill('wang-wang')
  await person.getByLabel('再次输入密码').fill('wang-wang')
  await person.getByRole('button', { name: '设置密码' }).click()
  await person.getByText('密码至少需要 10 个字符').waitFor()
  await person.getByLabel('密码（至少 10 位）').fill('橘子洲头看万山红遍')
  await person.getByLabel('再次输入密码').fill('橘子洲头看万山红遍')
  await person.getByRole('button', { name: '设置密码' }).click()
  await person.getByText('密码至少需要 10 个字符').waitFor()
  await person.getByLabel('密码（至少 10 位）').fill('橘子洲头，看万山红遍')
  await person.getByLabel('再次输入密码').fill('橘子洲头，看万山红遍')
  await person.getByRole('button', { name: '设置密码' }).click()
  await person.getByText('您的用户名是 wang').waitFor()
  await logIn(person, '/map', 'wang', '橘子洲头，看万山红遍')
  await person.waitForURL('**/account')
  await person.getByText('您的角色要求登录时第二步验证').waitFor()
  await person.goto(`${server.url}/map`)
  await person.waitForURL('**/account')
  const factor = person.getByRole('region', { name: '第二步验证' })
  await factor.getByLabel('输入密码以继续').fill('橘子洲头，看万山红遍')
  await factor.getByRole('button', { name: '开始绑定' }).click()
  const secret = ((await factor.locator('code').textContent()) ?? '').replaceAll(' ', '')
  await factor.getByLabel('动态码').fill(totpOf(`otpauth://totp/x?secret=${secret}`))
  await factor.getByRole('button', { name: '确认绑定' }).click()
  await factor.getByRole('button', { name: '已保存' }).click()
  await person.goto(`${server.url}/map`)
  await person.getByRole('link', { name: '王示例' }).waitFor()

  await form.getByRole('link', { name: '关闭' }).click()
  await admin.getByRole('link', { name: '王示例' }).click()
  const panel = admin.getByRole('region', { name: '王示例' })
  await panel.getByText('大祥区 · 务工在此').waitFor()
  await panel.getByText('至 2099-12-31').waitFor()
  const disable = panel.getByRole('button', { name: '停用' })
  await disable.click()
  await panel.getByText('停用王示例？').waitFor()
  // Nothing has happened yet, and it may be taken back by keyboard.
  await admin.keyboard.press('Escape')
  await panel.getByText('停用王示例？').waitFor({ state: 'detached' })
  await expect.poll(() => admin.evaluate(() => document.activeElement?.textContent)).toBe('停用')
  await disable.press('Enter')
  await panel.getByText('停用王示例？').waitFor()
  await disable.press('Enter')
  await panel.getByText('已停用，其全部登录已结束').waitFor()
  // The open page begins anew by itself, so an address typed in that very instant may not be reached.
  const comesTo = async () => {
    await person.goto(`${server.url}/account`, { timeout: 5_000 }).catch(() => undefined)
    await person.waitForURL('**/login**', { timeout: 3_000 }).catch(() => undefined)
    return person.url()
  }
  await expect.poll(comesTo, { timeout: 20_000, interval: 500 }).toContain('/login')

  await admin.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  await expect.poll(() => admin.evaluate(() => document.activeElement?.textContent)).toBe('王示例')
}, 90_000)

test('posts that could not be read are read when asked again, and one to come is taken back', async () => {
  const client = await enterAdmin(server)
  const person = { username: 'sun.wu', role: 'leader', name: '孙示例' }
  const { id } = (await client.ask('/v1/people', person)).body
  await client.ask(`/v1/people/${id}/posts`, { role: 'auditor', startsAt: '2099-01-01' })
  const page = await openPage()
  await logIn(page, '/people', ADMIN.username, ADMIN.password)
  await page.getByRole('link', { name: '孙示例' }).waitFor()
  await page.route(`**/v1/people/${id}/posts`, (route) => route.abort())
  await page.getByRole('link', { name: '孙示例' }).click()
  const panel = page.getByRole('region', { name: '孙示例' })
  const failure = panel.getByRole('alert').filter({ hasText: '网络不通' })
  await failure.waitFor()
  await page.unroute(`**/v1/people/${id}/posts`)
  await failure.getByRole('button', { name: '重试' }).press('Enter')
  const coming = panel.getByRole('listitem').filter({ hasText: '审计员' })
  await coming.getByText('自 2099-01-01 起').waitFor()
  await coming.getByRole('button', { name: '免去' }).press('Enter')
  await coming.getByText('已结束').waitFor()
}, 60_000)

test('people come from a sheet, and their links go out as a file', async () => {
  const page = await openPage()
  await logIn(page, '/people?person=import', ADMIN.username, ADMIN.password)
  const send = (text: string) =>
    page
      .getByLabel('选择表格')
      .setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
  await send('用户名,姓名,角色\r\nzhao.liu,赵示例,皇帝\r\n')
  await page.getByText('0 人可以建立，1 处有误').waitFor()
  expect(await page.getByRole('button', { name: '全部建立' }).isDisabled()).toBe(true)
  await send('用户名,姓名,角色\r\nzhao.liu,赵示例,领导\r\n')
  await page.getByText('1 人可以建立，0 处有误').waitFor()
  await page.getByRole('button', { name: '全部建立' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: '下载一次性链接' }).click(),
  ])
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString()).toMatch(
    new RegExp(`zhao\\.liu,赵示例,${server.url}/welcome#[\\w-]{32},`),
  )
}, 60_000)
