import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { idNumberFor, worker } from '../support/signals.ts'
import { openSite, type Site } from '../support/site.ts'

const VILLAGE = '430522100001'
let site: Site
let context: BrowserContext

beforeAll(async () => {
  site = await openSite()
  const { server } = site
  context = await site.contextOf(site.admin, { locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  const station = await server.createSource({ name: '驻深服务站' })
  const ledger = await server.createSource({ name: '养老保险台账' })
  const observedAt = (day: number) => `2026-06-0${day}T09:00:00+08:00`
  await server.send('workers', station.key, [
    worker({ idNumber: idNumberFor(1), employer: '甲厂', observedAt: observedAt(1) }),
  ])
  await server.send(
    'workers',
    ledger.key,
    [1, 2].map((n) => ({
      idNumber: idNumberFor(n),
      name: '测试甲',
      homeRegion: VILLAGE,
      household: '0012',
      status: 'employed',
      observedAt: observedAt(2),
    })),
  )
})
afterAll(() => site.stop())

it('leads from the city to a household, whose fields say which ledger they come from and when', async () => {
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  await page.goto(`${site.server.url}/households`)
  await page.getByText('请依次选择市州').waitFor()
  // Where there is nobody to choose is seen before it is chosen.
  await page.getByRole('row', { name: /^长沙市 —$/ }).waitFor()
  await page
    .getByRole('row', { name: /^邵阳市 2$/ })
    .getByRole('link')
    .click()
  await page
    .getByRole('row', { name: /^新邵县 2$/ })
    .getByRole('link')
    .click()
  await page.getByRole('row', { name: /^酿溪镇 2$/ }).waitFor()
  await page.getByLabel('乡镇街道').selectOption('430522100')
  await page.getByRole('link', { name: '酿溪社区' }).click()
  await page.getByRole('link', { name: /^户 / }).click()
  await page.getByLabel('事由').fill('入户核对务工信息')
  await page.getByRole('button', { name: '打开' }).click()
  const employer = page.locator('dl div').filter({ hasText: '用人单位' })
  await employer.waitFor()
  expect((await employer.textContent())?.replace(/\s+/g, ' ')).toMatch(/甲厂 驻深服务站 · 2026-06-01/)
  const home = page.locator('dl div').filter({ hasText: '户籍地' }).first()
  expect((await home.textContent())?.replace(/\s+/g, ' ')).toMatch(
    /新邵县 酿溪镇 酿溪社区 养老保险台账 · 2026-06-02/,
  )
  expect(await page.getByRole('heading', { name: /^成员/ }).count()).toBe(2)
  expect(page.url()).toContain(`region=${VILLAGE}`)
  await page.goBack()
  await expect.poll(() => page.locator('dl').count()).toBe(0)
  expect(await page.locator('body').textContent()).not.toContain('测试甲')
  expect(faults).toEqual([])
  await page.close()
})

it('says of a township nobody reported what would be here', async () => {
  const page = await context.newPage()
  await page.goto(`${site.server.url}/households?region=430522101`)
  await page.getByText('还没有人员上报').waitFor()
  await page.close()
})

it('never scrolls sideways, from a phone to a desk, in both languages', async () => {
  for (const width of [360, 1440])
    for (const lang of ['zh', 'en']) {
      const page = await context.newPage()
      await page.setViewportSize({ width, height: 780 })
      await page.goto(`${site.server.url}/households?region=${VILLAGE}&lang=${lang}`)
      await page.getByRole('table').first().waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      await page.close()
    }
})

it('asks who is not logged in to log in first', async () => {
  const page = await site.browser.newPage()
  await page.goto(`${site.server.url}/households?region=430522100`)
  await expect.poll(() => page.url()).toContain('/login?next=')
  await page.close()
})
