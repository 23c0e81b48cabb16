import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, openCable } from '../support/browser.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'
import { arrears, idNumberFor, worker } from '../support/signals.ts'

let server: TestServer
let cable: Awaited<ReturnType<typeof openCable>>
let browser: Browser
let key: string

beforeAll(async () => {
  server = await startServer()
  cable = await openCable(server.port)
  browser = await openBrowser()
  key = (await server.createSource({ synthetic: true })).key
})
afterAll(async () => {
  await browser.close()
  cable.close()
  await server.stop()
})

/** Opens a page and fails the test on anything the page itself finds wrong. */
async function open(
  path: string,
  size = { width: 1920, height: 1080 },
): Promise<{ page: Page; faults: string[] }> {
  const page = await browser.newPage({ viewport: size, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  await page.goto(`${cable.url}${path}`)
  await page.evaluate(() => document.fonts.ready)
  return { page, faults }
}

const alertLines = (page: Page) => page.locator('ol[aria-label="预警"] > li')
/** How many alerts the wall counts. */
const counted = async (page: Page) =>
  (await page.locator('dd').allTextContents()).reduce((sum, count) => sum + Number(count), 0)
const gather = (n: number, over = {}) =>
  server.send('arrears', key, [
    arrears({
      caseId: `e2e-${n}`,
      gathering: n,
      owed: '100.00',
      workers: n,
      workRegion: '430503',
      observedAt: new Date().toISOString(),
      ...over,
    }),
  ])

describe('the wall', () => {
  it('says on an empty store what will be here, then shows an alert by itself within a second of its acceptance', async () => {
    const { page, faults } = await open('/wall')
    await page.getByText('合成数据').waitFor()
    await expect.poll(() => alertLines(page).count()).toBe(0)
    expect((await gather(46)).status).toBe(200)
    const accepted = Date.now()
    await page.getByText('聚集 46 人讨薪').waitFor({ timeout: 5_000 })
    expect(Date.now() - accepted).toBeLessThan(5_000)
    expect(await alertLines(page).first().textContent()).toContain('邵阳市')
    expect(await page.locator('body').textContent()).not.toContain('示例建筑劳务有限公司')
    expect(faults).toEqual([])
    await page.close()
  })

  it('shows what happened while its connection was cut, once and in order, after it is back', async () => {
    const { page, faults } = await open('/wall')
    await gather(31)
    await page.getByText('聚集 31 人讨薪').waitFor()
    cable.pull()
    await expect.poll(() => page.locator('body').textContent(), { timeout: 30_000 }).toMatch(/连接|断开|离线/)
    await gather(32)
    await gather(33)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await page.getByText('聚集 33 人讨薪').count()).toBe(0)
    cable.plugIn()
    await page.getByText('聚集 33 人讨薪').waitFor({ timeout: 30_000 })
    // What was pushed after the gap may be there before what was missed in it.
    const gathered = async () =>
      (await alertLines(page).allTextContents())
        .map((line) => /聚集 (\d+) 人/.exec(line)?.[1])
        .filter(Boolean)
    await expect.poll(async () => (await gathered()).slice(0, 3)).toEqual(['33', '32', '31'])
    const lines = await gathered()
    expect(new Set(lines).size).toBe(lines.length)
    expect(faults).toEqual([])
    await page.close()
  }, 120_000)

  it('says how many alerts it has no room for, and shows them to a person who asks', async () => {
    for (const n of [34, 35, 36, 37, 38, 39, 40]) await gather(n)
    const { page } = await open('/wall')
    await page.getByText('聚集 40 人讨薪').waitFor()
    const all = await counted(page)
    const left = all - (await alertLines(page).count())
    expect(left).toBeGreaterThan(0)
    await page.getByText(`还有 ${left} 条未销号`).waitFor()
    expect(await page.getByRole('button', { name: '条未销号' }).count()).toBe(0)

    const [name = '', value = ''] = (await server.signIn()).split('=')
    await page.context().addCookies([{ name, value, url: cable.url }])
    await page.reload()
    await page.getByRole('button', { name: `还有 ${left} 条未销号` }).click()
    await expect.poll(() => alertLines(page).count()).toBe(all)
    await page.getByRole('button', { name: '收起' }).click()
    await expect.poll(() => alertLines(page).count()).toBe(all - left)
    await page.close()
  })

  it('takes a hundred alerts that come at once in a few strokes, and leaves focus and place to who reads the list', async () => {
    const many = (from: number, over: object) =>
      server.send(
        'arrears',
        key,
        Array.from({ length: 100 }, (_, i) =>
          arrears({ caseId: `many-${from + i}`, project: `多案-${from + i}`, owed: '60000.00', ...over }),
        ),
      )
    await many(0, {})
    await many(100, {})
    const { page, faults } = await open('/wall')
    const [name = '', value = ''] = (await server.signIn()).split('=')
    await page.context().addCookies([{ name, value, url: cable.url }])
    await page.reload()
    const more = page.getByRole('button', { name: '条未销号' })
    await more.click()
    // A hundred lines more at a time.
    await expect.poll(() => alertLines(page).count()).toBeGreaterThan(100)
    expect(await alertLines(page).count()).toBeLessThan(await counted(page))
    const place = await page.evaluateHandle(() => {
      const list = document.querySelector('ol[aria-label="预警"]') as HTMLElement
      const scroller = list.parentElement as HTMLElement
      scroller.scrollTop = scroller.scrollHeight / 2
      const seen = { strokes: 0, scroller, top: 0, line: list.children[60] as HTMLElement }
      seen.top = seen.line.getBoundingClientRect().top
      new MutationObserver(() => seen.strokes++).observe(list, { childList: true })
      return seen
    })
    const before = await counted(page)
    await many(200, {})
    await expect.poll(() => counted(page)).toBe(before + 100)
    // Lines glide to their places.
    await page.waitForTimeout(1_000)
    const told = await place.evaluate(({ strokes, line, top }) => ({
      strokes,
      moved: line.isConnected ? Math.abs(line.getBoundingClientRect().top - top) : null,
      focus: document.activeElement?.textContent,
    }))
    expect(told.strokes).toBeLessThan(20)
    expect(told.focus).toContain('条未销号')
    // Less than half a line.
    expect(told.moved).toBeLessThan(41)
    expect(faults).toEqual([])
    const over = { status: 'settled', owed: '0', observedAt: new Date().toISOString() }
    for (const from of [0, 100, 200]) await many(from, over)
    await page.close()
  })

  it('moves its figures by push', async () => {
    const { page } = await open('/wall')
    // As somebody who may see individuals: to the wall itself a small count may be shown a step off.
    const [name = '', value = ''] = (await server.signIn()).split('=')
    await page.context().addCookies([{ name, value, url: cable.url }])
    await page.reload()
    const people = Array.from({ length: 25 }, (_, i) => worker({ idNumber: idNumberFor(i) }))
    await server.send('workers', key, people)
    await expect
      .poll(() => page.locator('body').textContent(), { timeout: 10_000 })
      .toMatch(/农民工总量\s*25\s*人/)
    await page.close()
  })

  it('never scrolls sideways, from a phone to a 4K screen, in both languages', async () => {
    for (const size of [
      { width: 360, height: 780 },
      { width: 1920, height: 1080 },
      { width: 3840, height: 2160 },
    ])
      for (const lang of ['', '?lang=en']) {
        const { page } = await open(`/wall${lang}`, size)
        // The first is a sparkline, which has no height while its figure stays the same.
        await page.locator('.wall svg path:visible').first().waitFor()
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
          size.width,
        )
        if (size.width >= 1920)
          expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(
            size.height,
          )
        await page.close()
      }
  })
})

describe('the map', () => {
  it('drills from province to prefecture to county by keyboard, keeps its place in the address, and goes back', async () => {
    await gather(5, { caseId: 'map-1', workRegion: '430503', owed: '123456.00' })
    const { page, faults } = await open('/map?measure=arrears.owed', { width: 1366, height: 768 })
    const row = page.getByRole('table').getByRole('link', { name: /邵阳/ })
    await row.focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toContain('region=4305')
    await page.getByRole('row', { name: /大祥/ }).first().waitFor()
    await page.reload()
    await page.getByRole('row', { name: /大祥/ }).first().waitFor()
    await page.goBack()
    await expect.poll(() => page.url()).not.toContain('region=4305')
    expect(faults).toEqual([])
    await page.close()
  })

  it('keeps what it has when it cannot be read again, and never shows that as no data', async () => {
    await gather(5, { caseId: 'map-1', workRegion: '430503', owed: '123456.00' })
    const { page } = await open('/map?measure=arrears.owed&region=4305', { width: 1366, height: 768 })
    const line = page.getByRole('row', { name: /大祥/ }).first()
    const text = await line.textContent()
    await page.route('**/v1/distribution?**', (route) => route.fulfill({ status: 503, body: '{}' }))
    await gather(5, { caseId: 'map-2', workRegion: '430503', owed: '654321.00' })
    await page.getByRole('alert').getByText('读取失败').waitFor()
    expect(await line.textContent()).toBe(text)
    // Of another view nothing was read yet: there is only why.
    await page.getByRole('link', { name: '湖南省' }).first().click()
    await expect.poll(() => page.getByRole('table').count()).toBe(0)
    await page.unroute('**/v1/distribution?**')
    await page.getByRole('button', { name: '重试' }).click()
    await page.getByRole('row', { name: /邵阳/ }).first().waitFor()
    await page.close()
  })
})

describe('the map, to who may not see small counts', () => {
  it('tells what is hidden from what nobody reported: on the map, in the table, the chart and the file', async () => {
    // Nine years ago nothing else was reported: the province has this case alone.
    const observedAt = '2017-05-10T09:00:00+08:00'
    await gather(3, { caseId: 'map-small', workRegion: '431122', owed: '300000.00', observedAt })
    const at = 'at=2017-06-30'
    const { page, faults } = await open(`/map?measure=arrears.owed&region=4311&${at}`, {
      width: 1440,
      height: 900,
    })
    const row = page.getByRole('row', { name: /东安/ })
    expect(await row.locator('td').first().textContent()).toBe('已隐藏')
    expect(await page.locator('.total').textContent()).toBe('已隐藏')
    await page.getByText('11 个地区，1 个有数据，其中 1 个已隐藏').waitFor()
    await page.getByText('为保护个人不显示').waitFor()
    expect(await page.getByText('没有符合条件的数据').count()).toBe(0)
    expect(await page.getByText('没有任何上报').count()).toBe(0)
    expect(await page.locator('figure svg').getAttribute('aria-label')).toContain('已隐藏')
    const area = page.locator('svg a[href*="region=431122"]')
    expect(await area.locator('title').textContent()).toBe('东安县 已隐藏')
    expect(await area.locator('.area').getAttribute('fill')).toBe('url(#map-hidden)')
    await page.getByRole('img', { name: /无数据, 已隐藏$/ }).waitFor()
    await row.getByRole('link').focus()
    expect(await page.locator('.pointed').textContent()).toBe('东安县 已隐藏')
    expect(await page.locator('main').textContent()).not.toContain('<5')
    const copied = await page.locator('tbody').evaluate((body) => {
      getSelection()?.selectAllChildren(body)
      const clipboardData = new DataTransfer()
      body.dispatchEvent(new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true }))
      return clipboardData.getData('text/plain').split('\n').slice(0, 2)
    })
    expect(copied).toEqual(['code\t地区\t未结欠薪 (yuan)\t上周 (yuan)', '431122\t东安县\t已隐藏\t已隐藏'])
    const file = await fetch(
      `${cable.url}/v1/distribution?measure=arrears.owed&by=work.county&region=4311&${at}&format=csv`,
    )
    expect([file.status, await file.text()]).toEqual([200, 'work.county,value (yuan)\r\n431122,hidden\r\n'])
    expect(faults).toEqual([])
    await page.close()
  })
})

describe('the map on a phone', () => {
  it('never scrolls sideways, with a full legend and hidden regions, in both languages', async () => {
    const counties = ['431202', '431221', '431222', '431223', '431224', '431225', '431226']
    for (const [i, workRegion] of counties.entries())
      await gather(i === 0 ? 3 : 40, {
        caseId: `map-legend-${i}`,
        workRegion,
        owed: `${1 + i ** 3}00000.00`,
        observedAt: '2017-05-10T09:00:00+08:00',
      })
    for (const lang of ['zh', 'en']) {
      const { page } = await open(`/map?measure=arrears.owed&region=4312&at=2017-06-30&lang=${lang}`, {
        width: 360,
        height: 780,
      })
      await page.getByRole('img', { name: lang === 'zh' ? /已隐藏$/ : /Hidden$/ }).waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
      await page.close()
    }
  })
})

describe('the page of the API', () => {
  it('finds an operation, keeps the search in the address, and shows commands that work as they stand', async () => {
    const { page, faults } = await open('/docs', { width: 1440, height: 900 })
    await page.getByRole('searchbox').fill('measures')
    await expect.poll(() => page.locator('section h3').allTextContents()).toEqual(['指标目录'])
    await page.reload()
    await page.getByRole('heading', { name: '指标目录' }).waitFor()
    expect(await page.locator('section').count()).toBe(1)
    const command = (await page.locator('section pre').first().textContent()) ?? ''
    // Not a synchronous spawn: the cable between the two lies in this very process.
    const { stdout } = await promisify(execFile)('bash', ['-c', command], { timeout: 10_000 })
    expect(JSON.parse(stdout).measures.length).toBeGreaterThan(10)
    expect(faults).toEqual([])
    await page.close()
  })

  it('never scrolls sideways, from a phone to a desk, in both languages', async () => {
    for (const width of [360, 1440])
      for (const lang of ['zh', 'en']) {
        const { page } = await open(`/docs?lang=${lang}#postSignalsArrears`, { width, height: 780 })
        await page.locator('#postSignalsArrears').waitFor()
        await page.locator('details').evaluateAll((all) => all.map((one) => one.setAttribute('open', '')))
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
        await page.close()
      }
  })
})

describe('the log-in', () => {
  it('says clearly when it is wrong, and lets the administrator in', async () => {
    const { page } = await open('/login', { width: 360, height: 780 })
    await page.locator('input[autocomplete="username"]').fill(ADMIN.username)
    await page.locator('input[type="password"]').fill('wrong-password')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: /./ }).waitFor()
    await page.locator('input[type="password"]').fill(ADMIN.password)
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).not.toContain('/login')
    expect(await page.evaluate(async () => (await (await fetch('/v1/me')).json()).user.username)).toBe(
      ADMIN.username,
    )
    await page.close()
  })
})

describe('the identity page', () => {
  it('shows a person masked, in clear only by a second act, and erased only after a typed word; all of it is logged', async () => {
    const person = { idNumber: idNumberFor(4321), name: '诸葛测试', phone: '13912340000' }
    await server.send('workers', key, [worker(person)])
    for (const width of [360, 1366]) {
      const { page, faults } = await open('/login?next=/identity', { width, height: 780 })
      await page.locator('input[autocomplete="username"]').fill(ADMIN.username)
      await page.locator('input[type="password"]').fill(ADMIN.password)
      await page.keyboard.press('Enter')
      const text = () => page.locator('main').textContent()
      await page.getByLabel('身份证号或手机号').fill('139 1234 0000')
      await page.getByLabel('事由').first().fill('太短')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').filter({ hasText: '至少 6 个字' }).waitFor()
      await page.getByLabel('事由').first().fill('核实工资发放对象')
      await page.keyboard.press('Enter')
      await page.getByText('139****0000').waitFor()
      expect(await page.content()).not.toContain(person.name)
      await page.getByRole('button', { name: '显示明文' }).click()
      await page.getByText(person.name).waitFor()
      expect(await text()).toContain(person.idNumber)
      await expect.poll(text).toContain('查看明文')
      expect(page.url().replace(cable.url, '')).not.toMatch(/139|1234/)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      if (width === 1366) {
        await page.getByText('依法删除').click()
        const erase = page.getByRole('button', { name: '永久删除' })
        const erasing = page.locator('form').filter({ has: erase })
        await erasing.getByLabel('事由').fill('本人书面申请删除')
        const word = erasing.getByLabel('确认')
        await word.fill('删')
        await erase.click()
        await word.and(page.locator(':focus:invalid')).waitFor()
        await word.fill('删除')
        await erase.click()
        await page.getByText('已删除身份记录 1 条').waitFor()
        expect(await page.content()).not.toContain(person.name)
        await page.goto(`${cable.url}/audit?action=identity.erase`)
        await page.getByRole('cell', { name: '本人书面申请删除' }).waitFor()
        await page.getByRole('button', { name: '校验完整性' }).click()
        await page.getByText('全部完好').waitFor()
      }
      expect(faults).toEqual([])
      await page.close()
    }
  })

  it('sends whoever is not logged in to the log-in', async () => {
    for (const path of ['/identity', '/audit']) {
      const { page } = await open(path)
      await expect.poll(() => page.url()).toContain('/login?next=')
      await page.close()
    }
  })
})
