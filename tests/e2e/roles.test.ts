import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../support/client.ts'
import { enterPerson } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'

let site: Site
let admin: Client
let analyst: Client

beforeAll(async () => {
  site = await openSite()
  admin = site.admin
  analyst = (await enterPerson(site.server, admin, { username: 'analyst', role: 'analyst' })).client
}, 60_000)
afterAll(() => site.stop())

const openRoles = (client: Client, address = '/roles', width = 1440) =>
  site.open(client, address, { viewport: { width, height: 900 } })
const rightsOf = async (client: Client): Promise<string[]> => (await client.ask('/v1/me')).body.rights

test('boxes are reached and ticked by the keyboard, and saved together after saying whom it concerns', async () => {
  const page = await openRoles(admin)
  await page.getByRole('checkbox', { name: '管理员：查看指标' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  const bar = page.getByRole('form', { name: '尚未保存的更改' })
  await bar.getByText('分析员 增加 查看个案明细与小数；去掉 导出指标 · 1 人立即生效').waitFor()
  expect(await rightsOf(analyst)).toContain('figures.export')

  await page.keyboard.press('Space')
  await bar.getByText('分析员 去掉 导出指标 · 1 人立即生效').waitFor()
  await page.keyboard.press('Control+End')
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
    '填报员：必须第二步验证',
  )
  await page.keyboard.press('Space')
  await bar.getByText('填报员 开始要求第二步验证 · 现在无人任此职').waitFor()
  await bar.getByRole('button', { name: '保存 2 项更改' }).click()
  await page.getByText('已保存，立即生效').waitFor()
  expect(await rightsOf(analyst)).not.toContain('figures.export')
  await bar.waitFor({ state: 'detached' })
  await page.context().close()
}, 60_000)

test('taking the right to manage roles from oneself is refused, and what was ticked is still there', async () => {
  const page = await openRoles(admin)
  await page.getByRole('checkbox', { name: '管理员：管理角色' }).click()
  await page.getByRole('checkbox', { name: '领导：处置预警' }).click()
  await page.getByRole('button', { name: '保存 2 项更改' }).click()
  await page.getByRole('alert').filter({ hasText: '没有保存：这会使您本人失去“管理角色”权限' }).waitFor()
  expect(await rightsOf(admin)).toContain('roles.manage')
  page.once('dialog', (dialog) => dialog.dismiss())
  await page.getByRole('link', { name: '地图' }).click()
  expect(page.url()).toContain('/roles')
  await page.getByRole('button', { name: '放弃更改' }).click()
  expect(await page.getByRole('checkbox', { name: '管理员：管理角色' }).isChecked()).toBe(true)
  await page.context().close()
}, 60_000)

test('a role is made from another, renamed, and removed while nobody has had it', async () => {
  const page = await openRoles(admin)
  await page.getByRole('link', { name: '新建角色' }).click()
  const form = page.getByRole('region', { name: '新建角色' })
  await form.getByLabel('中文名称').fill('县级领导')
  await form.getByLabel('英文名称').fill('County leader')
  await form.getByLabel('复制权限自').selectOption({ label: '领导' })
  await form.getByRole('button', { name: '新建' }).click()
  const panel = page.getByRole('region', { name: '县级领导' })
  await panel.waitFor()
  expect(page.url()).toContain('role=countyLeader')
  expect(await page.getByRole('checkbox', { name: '县级领导：查看预警' }).isChecked()).toBe(true)
  expect(await page.getByRole('checkbox', { name: '县级领导：处置预警' }).isChecked()).toBe(false)
  await panel.getByLabel('中文名称').fill('区县领导')
  await panel.getByRole('button', { name: '保存' }).click()
  await page.getByRole('region', { name: '区县领导' }).getByText('名称已保存').waitFor()
  await page.getByRole('button', { name: '删除角色' }).click()
  await page.getByRole('checkbox', { name: '区县领导：查看预警' }).waitFor({ state: 'detached' })
  await page.getByRole('link', { name: '分析员' }).click()
  await page.getByText('系统自带的角色可以改名、增减权限，不能删除').waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('分析员')
  await page.context().close()
}, 60_000)

test('a role that was given is retired: offered no more, and kept with who had it', async () => {
  const put = { title: { zh: '临时督查', en: 'Inspector' }, rights: ['alerts.read'] }
  await admin.ask('/v1/roles/inspector', put, { method: 'PUT' })
  await enterPerson(site.server, admin, { username: 'inspects', name: '示例督查', role: 'inspector' })
  const page = await openRoles(admin, '/roles?role=inspector')
  page.once('dialog', (dialog) => dialog.accept())
  await page.getByRole('button', { name: '停用角色' }).click()
  const panel = page.getByRole('region', { name: '临时督查' })
  await panel.getByRole('link', { name: '示例督查' }).waitFor()
  await panel.getByText('停用时的权限：查看预警').waitFor()
  expect(await page.getByRole('checkbox', { name: '临时督查：查看预警' }).count()).toBe(0)
  const phone = await openRoles(admin, '/roles?role=inspector', 360)
  await phone.getByRole('region', { name: '临时督查' }).waitFor()
  expect(await phone.getByRole('combobox', { name: '角色' }).inputValue()).toBe('inspector')
  expect(await phone.getByRole('checkbox').count()).toBe(0)
  await phone.context().close()
  await panel.getByRole('link', { name: '示例督查' }).click()
  await page.getByRole('heading', { name: '人员', exact: true }).waitFor()
  await page.getByRole('link', { name: '新建人员' }).click()
  const options = page.getByRole('region', { name: '新建人员' }).getByLabel('角色').locator('option')
  await expect.poll(() => options.allTextContents()).toContain('领导')
  const offered = await options.allTextContents()
  expect(offered).not.toContain('临时督查')
  await page.context().close()
}, 60_000)

test('who may only read sees no boxes; a narrow screen shows one role, with what is ticked kept over the others', async () => {
  const auditor = (await enterPerson(site.server, admin, { username: 'auditor', role: 'auditor' })).client
  const read = await openRoles(auditor)
  await read
    .getByRole('row', { name: /查看审计日志/ })
    .getByText('有', { exact: true })
    .first()
    .waitFor()
  expect(await read.getByRole('checkbox').count()).toBe(0)
  await read.context().close()

  const page = await openRoles(admin, '/roles?role=leader', 360)
  await page.getByRole('checkbox', { name: '领导：处置预警' }).check()
  expect(await page.getByRole('checkbox', { name: '分析员：处置预警' }).count()).toBe(0)
  await page.getByRole('combobox', { name: '角色' }).selectOption('analyst')
  await page.getByRole('checkbox', { name: '分析员：处置预警' }).check()
  await page.getByRole('button', { name: '保存 2 项更改' }).waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
  await page.context().close()
}, 60_000)
