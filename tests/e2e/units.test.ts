import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let browser: Browser
let page: Page
let cookie: string

beforeAll(async () => {
  server = await startServer()
  browser = await openBrowser()
  cookie = await server.signIn()
  await server.createSource({ name: '临澧产业园来源', kinds: ['industry'], dueEvery: 'month' })
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'zh-CN' })
  page = await context.newPage()
  await page.goto(`${server.url}/registry`)
  await page.locator('input[autocomplete="username"]').fill(ADMIN.username)
  await page.locator('input[type="password"]').fill(ADMIN.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/registry')
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const units = async () => (await server.get('/v1/units', cookie)).units

describe('the administrator', () => {
  it('registers a park: what is missing is marked, and its command shows before it is kept', async () => {
    await page.getByRole('link', { name: '登记单位' }).click()
    // The filters above the list ask for a level as well.
    const form = page.locator('form', { has: page.getByLabel('名称', { exact: true }) })
    // Only the wall is dark by itself: a form by day stays by day.
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('light')
    await form.getByLabel('层级').selectOption({ label: '国家级' })
    await page.getByRole('button', { name: '登记', exact: true }).click()
    await page.getByText('请填写名称').waitFor()
    await page.getByLabel('名称', { exact: true }).fill('临澧产业园')
    await page.getByRole('button', { name: '登记', exact: true }).click()
    await page.getByText('至少选到市州').waitFor()
    await page.getByLabel('所在地 市州').selectOption({ label: '常德市' })
    await page.getByLabel('所在地 县市区').selectOption({ label: '临澧县' })
    await page.getByRole('definition').filter({ hasText: '湖南省农民工办' }).first().waitFor()
    await page.getByLabel('报送来源').selectOption({ label: '临澧产业园来源 · 监测点用工' })
    await page.getByLabel('监测点编号').fill('P9')
    await page.getByLabel('期限').fill('10')
    await page.getByRole('button', { name: '登记', exact: true }).click()
    await page.getByRole('heading', { name: '临澧产业园', level: 2 }).waitFor()
    await page.getByText('每月一报，月末后 10 天内送达').waitFor()
    expect(await units()).toMatchObject([
      { kind: 'park', rank: 'national', region: '430724', pointId: 'P9', dueDays: 10, dueEvery: 'month' },
    ])
  })

  it('changes it, plans its duty, and what is over stays in the calendar', async () => {
    const [{ id }] = await units()
    const past = { firstDay: '2020-01-06', lastDay: '2020-01-12', name: '示例旧人', phone: null }
    await fetch(`${server.url}/v1/units/${id}/duty`, {
      method: 'PUT',
      headers: { cookie },
      body: JSON.stringify({ entries: [past] }),
    })
    await page.getByRole('link', { name: '修改' }).click()
    await page.getByLabel('电话').fill('12 ab')
    await page.getByRole('button', { name: '保存' }).click()
    await page.getByText('电话只能用数字').waitFor()
    await page.getByLabel('电话').fill('0736-0000-0009')
    await page.getByRole('button', { name: '保存' }).click()
    await page.getByRole('link', { name: '0736-0000-0009' }).waitFor()

    await page.getByRole('link', { name: '排班' }).click()
    await page.getByText('已过去的 1 条').waitFor()
    await page.getByRole('button', { name: '加一周' }).click()
    await page.getByLabel('值班员').fill('示例甲')
    await page.getByRole('button', { name: '保存' }).click()
    await page.locator('[aria-current="date"]').getByText('示例甲').waitFor()
    const { entries } = await server.get(`/v1/units/${id}/duty`, cookie)
    expect(entries).toHaveLength(2)
    expect(entries[0]).toEqual(past)
  })

  it('loses nothing typed when the list cannot be read again', async () => {
    const typing = await page.context().newPage()
    await typing.clock.install()
    await typing.goto(page.url())
    await typing.getByRole('link', { name: '修改' }).click()
    await typing.getByLabel('电话').fill('0736-0000-0010')
    await typing.route('**/v1/units**', (route) => route.fulfill({ status: 503, body: '{}' }))
    await typing.clock.fastForward('01:01')
    await typing.getByRole('alert').getByText('读取失败').waitFor()
    expect(await typing.getByLabel('电话').inputValue()).toBe('0736-0000-0010')
    await typing.close()
  })

  it('retires it, and it is gone from the list', async () => {
    await page.getByRole('link', { name: '修改' }).click()
    await page.getByText('撤销单位').first().click()
    await page.getByLabel('我确认撤销').check()
    await page.getByRole('button', { name: '撤销单位' }).click()
    await page.getByText(/已于 .* 撤销/).waitFor()
    expect(await units()).toEqual([])
  })
})
