import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, openCable } from '../support/browser.ts'
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

/** The month so many before this one. */
function month(back: number): string {
  const now = new Date(Date.now() + 8 * 3_600_000)
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7)
}
/** Where the earlier reports of a unit are written. */
const told = () => page.getByLabel('每行一期')
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

  it('finds each title of the list above its column', async () => {
    const ends = (cells: string) =>
      page
        .locator(`main table ${cells}`)
        .last()
        .evaluate((cell) => {
          const text = document.createRange()
          text.selectNodeContents(cell)
          return Math.round(text.getBoundingClientRect().right)
        })
    expect(await ends('thead th')).toBe(await ends('td'))
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

    await page.route('**/v1/units/*/duty', (route) => route.fulfill({ status: 503, body: '{}' }), {
      times: 1,
    })
    await page.getByRole('link', { name: '排班' }).press('Enter')
    // The link has gone with what it opened: the keyboard goes on there.
    await page
      .getByRole('heading', { name: /^值班安排/ })
      .and(page.locator(':focus'))
      .waitFor()
    await page.getByRole('button', { name: '重试' }).press('Enter')
    await page.getByText('已过去的 1 条').waitFor()
    const add = page.getByRole('button', { name: '加一周' })
    for (let lines = 0; lines < 3; lines++) await add.press('Enter')
    // By keyboard alone: what is removed leaves the focus at the line in its place, at the last, at adding one.
    const focused = page.locator(':focus')
    const removeIn = (line: number) =>
      page.getByRole('group', { name: `第 ${line} 条` }).getByRole('button', { name: '删去' })
    await removeIn(2).press('Enter')
    await removeIn(3).waitFor({ state: 'detached' })
    await removeIn(2).and(focused).press('Enter')
    await removeIn(1).and(focused).press('Enter')
    await add.and(focused).press('Enter')
    await page.getByLabel('值班员').fill('示例甲')
    await page.getByRole('button', { name: '保存' }).click()
    await page.locator('[aria-current="date"]').getByText('示例甲').waitFor()
    const { entries } = await server.get(`/v1/units/${id}/duty`, cookie)
    expect(entries).toHaveLength(2)
    expect(entries[0]).toEqual(past)
  })

  it('says what the system before knew of its reports, is told the line that is wrong, and mends it', async () => {
    const [{ id }] = await units()
    await page.getByRole('link', { name: '修改' }).click()
    await page.getByText('来此之前的报送记录').click()
    await told().fill(`${month(3)}\t${month(2)}-05 09:00\n${month(0)} 未报`)
    await page.getByRole('button', { name: '保存' }).click()
    await page.getByText('第 2 行：期次应是登记之前已结束的月').waitFor()
    await told().and(page.locator(':focus')).waitFor()
    await told().fill(`${month(3)}\t${month(2)}-05 09:00\n${month(2)}\t未报`)
    await page.getByRole('button', { name: '保存' }).click()
    await page.getByText('按时 1').waitFor()
    expect(await server.get(`/v1/units/${id}/earlier-reports`, cookie)).toEqual({
      reports: [
        { period: month(3), receivedAt: `${month(2)}-05T09:00:00.000+08:00` },
        { period: month(2), receivedAt: null },
      ],
    })

    await page.getByRole('link', { name: '修改' }).click()
    await page.getByText('来此之前的报送记录 · 2 期').click()
    expect(await told().inputValue()).toBe(`${month(3)} ${month(2)}-05 09:00:00\n${month(2)} 未报`)
    await told().fill('')
    await page.getByRole('button', { name: '保存' }).click()
    await page.getByText('登记以来尚无报告到期').waitFor()
    await page.goto(`${server.url}/audit?action=unit.earlierReports`)
    await expect.poll(() => page.getByRole('cell', { name: '修改来此之前的报送记录' }).count()).toBe(2)
    await page.goto(`${server.url}/registry?unit=${id}`)
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

  it('sees what was read go dim when the network is cut, and nothing that is being typed', async () => {
    const cable = await openCable(server.port)
    const typing = await page.context().newPage()
    await typing.goto(page.url().replace(server.url, cable.url))
    const opacityOf = (selector: string) =>
      typing.locator(selector).evaluate((element) => {
        let opacity = 1
        for (let one: Element | null = element; one; one = one.parentElement)
          opacity *= Number(getComputedStyle(one).opacity)
        return opacity
      })
    await typing.locator('header .live').waitFor()
    expect([await opacityOf('.list table'), await opacityOf('.panel dl')]).toEqual([1, 1])
    cable.pull()
    await expect.poll(() => opacityOf('.list table')).toBe(0.5)
    await expect.poll(() => opacityOf('.panel dl')).toBe(0.5)
    cable.plugIn()
    await expect.poll(() => opacityOf('.list table')).toBe(1)
    await typing.getByRole('link', { name: '修改' }).click()
    await typing.getByLabel('电话').fill('0736-0000-0011')
    cable.pull()
    await expect.poll(() => opacityOf('.list table')).toBe(0.5)
    expect(await opacityOf('.panel form')).toBe(1)
    expect(await typing.getByLabel('电话').inputValue()).toBe('0736-0000-0011')
    await typing.close()
    cable.close()
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

describe('a unit that comes from another system', () => {
  beforeAll(async () => {
    await server.createSource({ name: '安乡产业园来源', kinds: ['industry'], dueEvery: 'month' })
    await server.createSource({ name: '安乡农民工办', kinds: ['workers'], dueEvery: null })
    await page.goto(`${server.url}/registry`)
  })
  const REPORTS = [
    { period: month(3), receivedAt: `${month(2)}-05T09:00:00.000+08:00` },
    { period: month(2), receivedAt: null },
  ]
  const earlierOf = async (id: string) => await server.get(`/v1/units/${id}/earlier-reports`, cookie)

  it('brings its earlier reports along when it is registered: a wrong line is named, and nothing is made before it is right', async () => {
    await page.getByRole('link', { name: '登记单位' }).click()
    await page.getByLabel('名称', { exact: true }).fill('安乡产业园')
    await page.getByLabel('所在地 市州').selectOption({ label: '常德市' })
    await page.getByLabel('所在地 县市区').selectOption({ label: '安乡县' })
    await page.getByLabel('报送来源').selectOption({ label: '安乡产业园来源 · 监测点用工' })
    await page.getByLabel('监测点编号').fill('P10')
    await page.getByText('来此之前的报送记录').click()
    await told().fill(`${month(3)}\t${month(2)}-05 09:00\n2026-02-30 未报`)
    await page.getByRole('button', { name: '登记', exact: true }).click()
    await page.getByText('第 2 行：期次应是登记之前已结束的月').waitFor()
    await told().and(page.locator(':focus')).waitFor()
    expect(await units()).toEqual([])
    await told().fill(`${month(3)}\t${month(2)}-05 09:00\n${month(2)}\t未报`)
    await page.getByRole('button', { name: '登记', exact: true }).click()
    await page.getByRole('heading', { name: '安乡产业园', level: 2 }).waitFor()
    await page.getByText('按时 1').waitFor()
    const [{ id }] = await units()
    expect(await earlierOf(id)).toEqual({ reports: REPORTS })
  })

  it('keeps them when it is given a source that owes no reports, which asks for none, whatever was typed before', async () => {
    const [{ id }] = await units()
    const source = page.getByLabel('报送来源')
    await page.getByRole('link', { name: '修改' }).click()
    await page.getByText('来此之前的报送记录 · 2 期').click()
    await told().fill('')
    await source.selectOption({ label: '安乡农民工办 · 农民工' })
    await told().waitFor({ state: 'detached' })
    await page.getByRole('button', { name: '保存' }).click()
    await page.getByRole('link', { name: '修改' }).waitFor()
    expect(await units()).toMatchObject([{ name: '安乡产业园', dueEvery: null }])
    expect(await earlierOf(id)).toEqual({ reports: REPORTS })
    // And has them again with a source that owes some.
    await page.getByRole('link', { name: '修改' }).click()
    await source.selectOption({ label: '安乡产业园来源 · 监测点用工' })
    await page.getByText('来此之前的报送记录 · 2 期').click()
    expect(await told().inputValue()).toBe(`${month(3)} ${month(2)}-05 09:00:00\n${month(2)} 未报`)
  })
})

it('lets nothing be due any more of the source that a unit let go of, by keyboard alone', async () => {
  const sourceOf = async () =>
    (await server.get('/v1/sources', cookie)).sources.find(
      (one: { name: string }) => one.name === '安乡产业园来源',
    )
  await page.goto(`${server.url}/sources?source=${(await sourceOf()).id}`)
  const due = page.getByRole('region', { name: '应报' })
  const open = due.getByRole('button', { name: '修改' })
  const focused = page.locator(':focus')
  await due.getByText('每月一报，过期 24 小时仍未到即为静默。').waitFor()
  await open.press('Enter')
  await due.getByRole('combobox').and(focused).waitFor()
  await page.keyboard.press('Escape')
  await open.and(focused).press('Enter')
  await due.getByLabel('宽限（小时）').fill('48')
  await page.keyboard.press('Enter')
  await due.getByText('每月一报，过期 48 小时仍未到即为静默。').waitFor()
  await open.and(focused).press('Enter')
  await due.getByRole('combobox').selectOption({ label: '无定期报送' })
  await due.getByLabel('宽限（小时）').waitFor({ state: 'detached' })
  await due.getByRole('button', { name: '保存' }).press('Enter')
  await due.getByText('不应报，不会静默。').waitFor()
  await open.and(focused).waitFor()
  expect(await sourceOf()).toMatchObject({ dueEvery: null, graceHours: 48, dueAt: null })
})
