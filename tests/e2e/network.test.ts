import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOUR_MS, shanghaiDay } from '#domain/time.ts'
import { monthsLater } from '../../web/src/lib/day-grid.ts'
import { openBrowser } from '../support/browser.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'

const PHONE = { width: 360, height: 780 }
let server: TestServer
let browser: Browser
let unit: string
let cookie: string

beforeAll(async () => {
  server = await startServer()
  browser = await openBrowser()
  cookie = await server.signIn()
  const source = await server.createSource({ kinds: ['industry'], dueEvery: 'month', synthetic: true })
  const park = {
    kind: 'park',
    rank: 'provincial',
    region: '430724',
    sector: 'C',
    pointId: 'P1',
    sourceId: source.id,
    name: '示例产业园',
  }
  const office = {
    kind: 'office',
    rank: 'county',
    region: '430503',
    name: '大祥区农民工办',
    contactPhone: '0731-0000-0003',
  }
  const station = {
    kind: 'station',
    rank: 'city',
    region: '4403',
    ownerRegion: '4305',
    serviceRegion: '44',
    hostType: 'chamber',
    name: '邵阳市驻深圳农民工服务站',
  }
  unit = (await call('/v1/units/import', { units: [park, office, station] })).ids[0]
  await makeReporter('bao', unit)
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

async function call(path: string, body: object): Promise<any> {
  const headers = { 'content-type': 'application/json', cookie }
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  return await response.json()
}
async function makeReporter(username: string, unit: string): Promise<void> {
  const { link } = await call('/v1/people', { username, role: 'reporter', unit })
  await call('/v1/password-links/use', { token: link.token, password: 'a-long-password' })
}
async function signIn(page: Page, path: string, username: string, password: string): Promise<void> {
  await page.goto(`${server.url}${path}`)
  await page.locator('input[autocomplete="username"]').fill(username)
  await page.locator('input[type="password"]').fill(password)
  await page.keyboard.press('Enter')
  await page.waitForURL(`**${path}*`)
}
const newContext = (viewport = PHONE): Promise<BrowserContext> =>
  browser.newContext({ viewport, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
const monthBack = (months: number) => monthsLater(shanghaiDay(Date.now()), -months).slice(0, 7)
const headcount = async () =>
  (await server.get('/v1/distribution?measure=industry.headcount')).rows[0]?.value ?? null
const instantReports = async () =>
  (await server.get(`/v1/units/${unit}`, await server.signIn())).instantReports
const noSideways = async (page: Page) =>
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width)

describe('the reporter on a phone', () => {
  it('writes without a network, closes the page, opens it again, and sends exactly once when the network is back', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await signIn(page, '/report', 'bao', 'a-long-password')
    await page.getByRole('heading', { name: '示例产业园' }).waitFor()
    expect(await page.getByLabel('填报单位').count()).toBe(0) // One unit: nothing to pick.
    await page.evaluate(async () => await navigator.serviceWorker.ready)
    await page.getByRole('link', { name: '定期报告' }).click()
    await page.getByLabel('报告期').selectOption(monthBack(1))
    await context.setOffline(true)
    await page.getByLabel('在岗人数').fill('1234')
    await noSideways(page)
    await page.close()

    // Still no network: the page opens by itself, and the draft is where it was left.
    const again = await context.newPage()
    await again.goto(`${server.url}/report?form=period`)
    await expect.poll(() => again.getByLabel('在岗人数').inputValue()).toBe('1234')
    // Discarded by a finger beside the button that sends, it can be had back.
    await again.getByRole('button', { name: '清空' }).click()
    await expect.poll(() => again.getByLabel('在岗人数').inputValue()).toBe('')
    await again.getByRole('button', { name: '恢复刚才清空的' }).click()
    await expect.poll(() => again.getByLabel('在岗人数').inputValue()).toBe('1234')
    const keys: (string | undefined)[] = []
    context.on('request', (request) => {
      if (request.url().endsWith('/reports')) keys.push(request.headers()['idempotency-key'])
    })
    await again.getByLabel('应发工资').fill('6170000.00')
    await again.getByRole('button', { name: '报送', exact: true }).click()
    await again.getByText('已保存，联网后自动发送').waitFor()
    await expect.poll(() => again.getByLabel('在岗人数').inputValue()).toBe('')
    // Before it is closed: a page that is being closed may see the network once more, and send.
    expect(await headcount()).toBeNull()
    await again.close()

    await context.setOffline(false)
    const back = await context.newPage()
    const second = await context.newPage() // Two pages open at once are no reason to send twice.
    await Promise.all([back, second].map((one) => one.goto(`${server.url}/report`)))
    await back.getByText('已收到', { exact: true }).waitFor()
    await second.getByText('已收到', { exact: true }).waitFor()
    await expect.poll(headcount).toBe(1234)
    await back.reload()
    await back.getByText('已收到', { exact: true }).waitFor()
    // Pages may learn of each other's sending late; whatever they send bears one key, and one observation is kept.
    expect(new Set(keys).size).toBe(1)
    const { recent } = await server.get(`/v1/units/${unit}`, await server.signIn())
    expect(recent).toMatchObject([{ period: monthBack(1), headcount: 1234 }])
    const [bill] = (await server.get('/v1/distribution?measure=industry.headcount&by=work.county')).rows
    expect(bill).toEqual({ 'work.county': '430724', value: 1234 })
    await context.close()
  })

  it('takes the drafts along when signing out, and leaves the next person nothing but what still waits to be sent', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await signIn(page, '/report', 'bao', 'a-long-password')
    await page.getByLabel('重大变动').fill('某项目停工，涉及 30 人')
    await page.getByText('草稿已保存在本机').waitFor()
    const kept = () =>
      page.evaluate(() =>
        Object.entries(localStorage).filter(([name]) => name.startsWith('xiangrong.report')),
      )
    expect((await kept()).length).toBeGreaterThan(0)
    await page.locator('[aria-controls="places"]').click()
    await page.getByRole('button', { name: '退出' }).click()
    await page.waitForURL('**/login*')
    expect(await kept()).toEqual([])
    await context.close()
  })

  it('is told at the field what the server refuses, in the language of the page, and keeps what was written', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await signIn(page, '/report', 'bao', 'a-long-password')
    await page.goto(`${server.url}/report?form=period`)
    await page.getByLabel('报告期').selectOption(monthBack(0))
    await page.getByLabel('在岗人数').fill('-5')
    await page.getByRole('button', { name: '报送', exact: true }).click()
    await page.getByText('不能为负数').waitFor()
    const field = page.getByLabel('在岗人数')
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    expect(await field.inputValue()).toBe('-5')
    expect(await headcount()).toBe(1234)
    await field.fill('1300')
    await page.getByRole('button', { name: '报送', exact: true }).click()
    await page.getByText('已收到', { exact: true }).waitFor()
    await expect.poll(headcount).toBe(1300)
    await noSideways(page)

    // A phone that is an hour slow corrects what the other said just now.
    const slow = await context.newPage()
    await slow.clock.install({ time: Date.now() - HOUR_MS })
    await slow.goto(`${server.url}/report?form=period`)
    await slow.getByLabel('报告期').selectOption(monthBack(0))
    await slow.getByLabel('在岗人数').fill('1310')
    await slow.getByRole('button', { name: '报送', exact: true }).click()
    await expect.poll(headcount).toBe(1310)
    await context.close()
  })

  it('picks months and days in the language of the page, and sends no day that cannot be read', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await page.clock.setFixedTime('2026-11-28T09:00:00+08:00')
    await signIn(page, '/report', 'bao', 'a-long-password')
    await page.goto(`${server.url}/report?form=period&lang=en`)
    const period = page.getByLabel(/^Period/)
    await period.selectOption({ label: 'October 2026' })
    const transferred = page.getByRole('textbox', { name: 'Labour cost transferred at' })
    await transferred.fill('2026-13-40')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('Enter a day like').waitFor()
    expect(await transferred.getAttribute('aria-invalid')).toBe('true')
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('name')))
      .toBe('laborCostTransferredAt')
    expect(await page.getByText('Received', { exact: true }).count()).toBe(0)

    await transferred.fill('2026年11月3日')
    await page.keyboard.press('Tab')
    await expect.poll(() => transferred.inputValue()).toBe('2026-11-03')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Tuesday, November 3, 2026' }).waitFor()
    await noSideways(page)
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await expect.poll(() => transferred.inputValue()).toBe('2026-10-28')
    await page.reload()
    await expect.poll(() => transferred.inputValue()).toBe('2026-10-28')
    expect(await period.inputValue()).toBe('2026-10')
    await context.close()
  })

  it('tells a big change at once, which leaves the figures of the period alone', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await signIn(page, '/report', 'bao', 'a-long-password')
    await page.getByRole('button', { name: '报送', exact: true }).click()
    await page.getByText('请填写').waitFor()
    await page.getByLabel('重大变动').fill('一家企业停产，涉及 85 人')
    await page.getByRole('button', { name: '报送', exact: true }).click()
    await page.getByText('已收到', { exact: true }).waitFor()
    expect(await instantReports()).toBe(1)
    expect(await headcount()).toBe(1310)
    await context.close()
  })

  it('has one draft in two pages: what is typed in one stands in the other, and once sent in neither', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await signIn(page, '/report', 'bao', 'a-long-password')
    const other = await context.newPage()
    await other.goto(`${server.url}/report`)
    await other.getByLabel('重大变动').waitFor()
    await page.getByLabel('重大变动').fill('一家企业减产，涉及 20 人')
    await expect.poll(() => other.getByLabel('重大变动').inputValue()).toBe('一家企业减产，涉及 20 人')
    const before = await instantReports()
    await other.getByRole('button', { name: '报送', exact: true }).click()
    await expect.poll(instantReports).toBe(before + 1)
    await expect.poll(() => page.getByLabel('重大变动').inputValue()).toBe('')
    await context.close()
  })
})

describe('a report whose answer is lost on the way', () => {
  it('or that came too slowly, is sent again under the same key and counts once', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await signIn(page, '/report', 'bao', 'a-long-password')
    const keys: (string | undefined)[] = []
    await context.route('**/reports', async (route) => {
      keys.push(route.request().headers()['idempotency-key'])
      if (keys.length === 2) return await route.fulfill({ status: 408, body: '{}' })
      const answer = await route.fetch()
      if (keys.length === 1) await route.abort('connectionreset')
      else await route.fulfill({ response: answer })
    })
    const before = await instantReports()
    await page.getByLabel('重大变动').fill('一家企业搬迁，涉及 12 人')
    await page.getByRole('button', { name: '报送', exact: true }).click()
    await page.getByText('已保存，联网后自动发送').waitFor()
    await expect.poll(instantReports).toBe(before + 1) // It had arrived.
    await page.reload()
    await expect.poll(() => keys.length).toBe(2)
    await page.getByText('已保存，联网后自动发送').waitFor()
    await page.reload()
    await page.getByText('已收到', { exact: true }).waitFor()
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
    expect(await instantReports()).toBe(before + 1)
    await context.close()
  })

  it('that is refused later waits in the list with its reasons, and goes back into the form to be corrected', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await signIn(page, '/report', 'bao', 'a-long-password')
    await page.goto(`${server.url}/report?form=period`)
    await page.getByLabel('在岗人数').waitFor()
    await context.setOffline(true)
    await page.getByLabel('在岗人数').fill('12.5')
    await page.getByRole('button', { name: '报送', exact: true }).click()
    await page.getByText('已保存，联网后自动发送').waitFor()
    await context.setOffline(false)
    await page.getByText('未通过，请改正后重新报送').waitFor()
    await page.getByRole('button', { name: '改正' }).click()
    await page.getByLabel('在岗人数').and(page.locator('[aria-invalid="true"]')).waitFor()
    await page.reload() // Nothing of it is lost when the page is closed now.
    expect(await page.getByLabel('在岗人数').inputValue()).toBe('12.5')
    await context.close()
  })
})

describe('a report that waited until its unit was retired', () => {
  it('is told of as refused, though there is nothing left to report for', async () => {
    const source = await server.createSource({ kinds: ['industry'], dueEvery: 'month', synthetic: true })
    const place = { kind: 'park', rank: 'provincial', region: '430724', sector: 'C' }
    const { id } = await call('/v1/units', { ...place, name: '将撤园区', pointId: 'P2', sourceId: source.id })
    await makeReporter('che', id)
    const context = await newContext()
    const page = await context.newPage()
    await signIn(page, '/report', 'che', 'a-long-password')
    await page.getByLabel('重大变动').waitFor()
    await context.setOffline(true)
    await page.getByLabel('重大变动').fill('一家企业停产，涉及 9 人')
    await page.getByRole('button', { name: '报送', exact: true }).click()
    await page.getByText('已保存，联网后自动发送').waitFor()
    await call(`/v1/units/${id}/retire`, {})
    await context.setOffline(false)
    await page.getByText('未通过，请改正后重新报送').waitFor()
    await page.reload()
    await page.getByText('一家企业停产，涉及 9 人').waitFor()
    await page.getByText('未通过；该单位现在不在您的填报单位之列，不能改正').waitFor()
    expect(await page.getByRole('button', { name: '改正' }).count()).toBe(0)
    await context.close()
  })
})

describe('the registry', () => {
  it('opens a unit by keyboard, keeps it in the address, and closes to where it was', async () => {
    const context = await newContext({ width: 1440, height: 900 })
    const page = await context.newPage()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(String(error)))
    await signIn(page, '/registry', ADMIN.username, ADMIN.password)
    const first = page.getByRole('table').getByRole('link').first()
    await first.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    const panel = page.getByRole('region', { name: '示例产业园' })
    await panel.getByText('常德市农民工办').first().waitFor()
    expect(page.url()).toContain(`unit=${unit}`)
    await page.reload()
    await panel.getByText('临澧县农民工办').waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => page.url()).not.toContain('unit=')
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('示例产业园')
    expect(faults).toEqual([])
    await context.close()
  })

  it('filters in the address, and says so when nothing is left', async () => {
    const context = await newContext()
    const page = await context.newPage()
    await signIn(page, '/registry', ADMIN.username, ADMIN.password)
    await page.getByRole('table').getByText('大祥区农民工办').waitFor()
    await page.getByLabel('省外片区').selectOption('pearlDelta')
    await expect.poll(() => page.url()).toContain('area=pearlDelta')
    await expect
      .poll(() => page.getByRole('table').getByRole('link').allTextContents())
      .toEqual([expect.stringContaining('邵阳市驻深圳农民工服务站')])
    await noSideways(page)
    await page.getByLabel('类别').selectOption('park')
    await page.getByText('没有符合条件的单位').waitFor()
    await page.getByRole('link', { name: '清除条件' }).click()
    await page.getByRole('table').getByText('大祥区农民工办').waitFor()
    await context.close()
  })
})
