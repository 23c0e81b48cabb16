import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY_MS } from '#domain/time.ts'
import { openBrowser, openCable } from '../support/browser.ts'
import { LiveClient } from '../support/live.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears, idNumberFor, worker } from '../support/signals.ts'

let server: TestServer
let cable: Awaited<ReturnType<typeof openCable>>
let browser: Browser
let key: string

const people = (from: number, count: number, workRegion: string) =>
  Array.from({ length: count }, (_, i) => worker({ idNumber: idNumberFor(from + i), workRegion }))

beforeAll(async () => {
  server = await startServer()
  cable = await openCable(server.port)
  browser = await openBrowser()
  key = (await server.createSource()).key
  await server.send('workers', key, [
    ...people(0, 40, '44'),
    ...people(40, 20, '4403'),
    // So many that no chance hides them from who may not see small counts.
    ...people(60, 60, '52'),
    ...people(120, 60, '15'),
  ])
  // 4,000 yuan of one case are paid on each of twelve days.
  const days = Array.from({ length: 13 }, (_, i) =>
    arrears({
      caseId: 'paid',
      workRegion: '430503',
      workers: 46,
      owed: String(100_000 - 4_000 * i),
      paid: String(4_000 * i),
      observedAt: new Date(Date.now() - (20 - i) * DAY_MS).toISOString(),
    }),
  )
  await server.send('arrears', key, [
    ...days,
    arrears({ caseId: 'small', workRegion: '430102', workers: 4, owed: '30000.00' }),
    arrears({ caseId: 'nowhere', workRegion: '43', workers: 9, owed: '20000.00' }),
  ])
  const station = await server.createSource({ region: '44' })
  await server.send('arrears', station.key, [
    arrears({ caseId: 'elsewhere', workRegion: '440300', workers: 9, owed: '10000.00' }),
  ])
})
afterAll(async () => {
  await browser.close()
  cable.close()
  await server.stop()
})

/** The wall as nobody sees it who is not logged in: small counts are hidden. With a cookie, exactly. */
async function openWall(cookie?: string, url = server.url): Promise<Page> {
  const options: BrowserContextOptions = { viewport: { width: 1920, height: 1080 }, locale: 'zh-CN' }
  const context = await browser.newContext(options)
  const [name = '', value = ''] = (cookie ?? '').split('=')
  if (cookie) await context.addCookies([{ name, value, url }])
  const page = await context.newPage()
  await page.goto(`${url}/wall`)
  return page
}
const figure = (page: Page, title: string) => page.locator('.figures li').filter({ hasText: title })
const owedIn = (page: Page, place: string) =>
  page.getByRole('region', { name: '未结欠薪 · 市州' }).getByRole('listitem').filter({ hasText: place })

test('workers known by a province alone are on their way there with the others', async () => {
  const wall = await openWall(await server.signIn())
  await expect.poll(() => figure(wall, '省外务工').textContent()).toMatch(/180\s*人/)
  await expect
    .poll(() => wall.locator('.place').allTextContents())
    .toContainEqual(expect.stringMatching(/广东\s*60 人/))
  await wall.context().close()
})

test('what is owed where no city is told is in a line of its own, and not in other provinces', async () => {
  const wall = await openWall(await server.signIn())
  await expect.poll(() => owedIn(wall, '未明地区').textContent()).toMatch(/2\.0/)
  expect(await owedIn(wall, '省外').textContent()).toMatch(/1\.0/)
  await wall.context().close()
})

test('what is hidden is called so on the map and in the list, and is not what nobody reported', async () => {
  const wall = await openWall()
  const county = (name: string) => wall.locator('.areas path', { hasText: `${name}:` })
  await expect.poll(() => county('芙蓉区').textContent()).toBe('芙蓉区: 已隐藏')
  expect(await county('芙蓉区').getAttribute('fill')).toBe('url(#wall-hidden)')
  expect(await county('岳麓区').textContent()).toBe('岳麓区: 无数据')
  expect(await county('岳麓区').getAttribute('fill')).toBe('url(#wall-none)')
  await expect.poll(() => owedIn(wall, '长沙').textContent()).toMatch(/已隐藏/)
  expect(await owedIn(wall, '株洲').textContent()).toMatch(/—/)
  await wall.getByRole('img', { name: /无数据, 已隐藏$/ }).waitFor()
  await wall.context().close()
})

test('no name of a far place is cut off, and no word of the key lies on the map', async () => {
  for (const lang of ['zh', 'en'])
    for (const [width, height] of [
      [1920, 1080],
      [1920, 1200],
      [3840, 2160],
    ] as const) {
      const wall = await openWall()
      await wall.setViewportSize({ width, height })
      await wall.goto(`${server.url}/wall?lang=${lang}`)
      await wall.locator('.place').nth(2).waitFor()
      await wall.locator('.legend .dots').waitFor()
      const [cut, covered] = await wall.evaluate(() => {
        const box = document.querySelector('.map')?.getBoundingClientRect() ?? new DOMRect()
        const rects = (selector: string) =>
          [...document.querySelectorAll(selector)].map((one) => ({
            text: one.textContent,
            ...one.getBoundingClientRect().toJSON(),
          }))
        const isOnMap = (x: number, y: number) =>
          document.elementsFromPoint(x, y).some((one) => one.closest('.areas') !== null)
        return [
          rects('.place text').filter(({ left, right }) => left < box.left || right > box.right),
          rects('.legend .limit').filter(
            ({ left, right, bottom }) => isOnMap(left, bottom) || isOnMap(right, bottom),
          ),
        ].map((found) => found.map(({ text }) => text))
      })
      expect([lang, width, height, cut, covered]).toEqual([lang, width, height, [], []])
      await wall.context().close()
    }
})

test('what was recovered is told of the whole span, though each of its days is too little to be told', async () => {
  const wall = await openWall()
  // 48,000 in steps of 5,000, perhaps some further; of the days each is hidden or 0.
  await expect.poll(() => figure(wall, '追回工资').textContent()).toMatch(/近 30 天\s*[1-9]\d*\.\d\s*万元/)
  await wall.context().close()
})

test('a figure that was pushed goes on after a loss in which the push for it went to others', async () => {
  const cookie = await server.signIn()
  const wall = await openWall(cookie, cable.url)
  const other = new LiveClient(server, null, cookie)
  await waitFor(() => other.snapshots.length > 0)
  await expect.poll(() => figure(wall, '农民工总量').textContent()).toMatch(/180\s*人/)
  await server.send('workers', key, people(180, 1, '4403'))
  await expect.poll(() => figure(wall, '农民工总量').textContent()).toMatch(/181\s*人/)
  cable.pull()
  await wall.getByText('连接中断').waitFor({ timeout: 30_000 })
  await server.send('workers', key, people(181, 1, '4403'))
  await waitFor(() => other.pulses.some(({ values }) => values['workers.count'] === 182))
  cable.plugIn()
  await expect.poll(() => figure(wall, '农民工总量').textContent(), { timeout: 40_000 }).toMatch(/182\s*人/)
  other.close()
  await wall.context().close()
}, 120_000)
