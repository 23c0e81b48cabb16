import { readXlsx, writeXlsx } from 'hucre/xlsx'
import type { Browser, BrowserContext, Download, Page, Request } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'
import { idNumberFor } from '../support/signals.ts'
import { cfb, workbook as ledger } from '../support/workbook.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const TITLES = ['姓名', '身份证号', '户籍地', '务工地', '目前怎样', '采集时间']
let server: TestServer
let browser: Browser
let context: BrowserContext
let page: Page
let source: string

beforeAll(async () => {
  server = await startServer()
  browser = await openBrowser()
  source = (await server.createSource({ name: '大祥区农民工办', kinds: ['workers'] })).id
  context = await browser.newContext({ viewport: { width: 360, height: 780 }, locale: 'zh-CN' })
  page = await context.newPage()
  await page.goto(`${server.url}/sources`)
  await page.locator('input[autocomplete="username"]').fill(ADMIN.username)
  await page.locator('input[type="password"]').fill(ADMIN.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/sources')
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

const row = (i: number, over: Partial<Record<string, string>> = {}) => {
  const cells: Record<string, string> = {
    姓名: `示例${i}`,
    身份证号: idNumberFor(i),
    户籍地: '430503',
    务工地: '4403',
    目前怎样: '在岗',
    采集时间: '2026-10-01',
    ...over,
  }
  return TITLES.map((title) => cells[title] ?? '')
}
/** A ledger of these rows, and empty ones of other names behind it. */
const workbook = async (rows: string[][], others: string[] = []) => {
  const sheets = [{ name: '台账', rows: [TITLES, ...rows] }]
  return Buffer.from(
    await writeXlsx({ sheets: [...sheets, ...others.map((name) => ({ name, rows: [TITLES] }))] }),
  )
}
const choose = (name: string, buffer: Buffer) =>
  page.locator('input[type="file"]').setInputFiles({ name, mimeType: XLSX, buffer })
const count = async () =>
  (await server.get('/v1/distribution?measure=workers.count&region=430503')).rows[0]?.value ?? null
/** What stands beside a word of the result: 可入库 3. */
const figure = async (word: string) =>
  await page.locator('.batch dl div', { hasText: word }).locator('dd').textContent()
const bytesOf = async (download: Download) => {
  const parts: Buffer[] = []
  for await (const part of await download.createReadStream()) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

describe('a clerk with a ledger', () => {
  it('corrects a column, checks, submits, and sends the fault sheet back corrected, until all are counted once', async () => {
    await page.getByRole('link', { name: '大祥区农民工办' }).click()
    await page.getByText('还没有报送过').waitFor()
    const rows = [
      row(1),
      row(2, { 户籍地: '999999' }),
      row(3),
      row(4, { 身份证号: '430503199001011' }),
      row(5),
    ]
    await choose('台账.xlsx', await workbook(rows))

    // One title is nobody's: it is named, and its field picked by hand.
    await page.getByText('1 列不认识').waitFor()
    await page.getByText('缺少必填列：状态').waitFor()
    // Whoever turns to another language before the answer is there reads it in that one.
    const answers = Promise.withResolvers<void>()
    await page.route('**/preview*', async (route) => {
      await answers.promise
      await route.continue()
    })
    await page.getByLabel('目前怎样').selectOption('status')
    const menu = page.locator('header .menu')
    await menu.click()
    await page.getByRole('button', { name: 'English' }).click()
    answers.resolve()
    await page.getByText('No such region, or more').waitFor()
    await page.unroute('**/preview*')
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByText('没有这个地区').waitFor()
    await page.getByText('前 5 行中有 2 行有问题').waitFor()
    await menu.click()
    // White on its own colour, also under the pointer.
    const submit = page.getByRole('button', { name: '提交' })
    const ground = () => submit.evaluate((button) => getComputedStyle(button).backgroundColor)
    const atRest = await ground()
    await submit.hover()
    expect(await ground()).toBe(atRest)
    // What was just said stays in sight, and the keyboard where it was.
    await page.getByText('你选的').waitFor()
    expect(await page.getByLabel('目前怎样').isVisible()).toBe(true)
    const faulty = page.getByRole('cell', { name: /户籍地: 999999.*没有这个地区/ })
    await faulty.waitFor()
    // On a phone nothing is beside the screen: what is wrong stands whole on it.
    const box = await faulty.boundingBox()
    expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(360)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)

    await page.getByRole('button', { name: '只检查' }).click()
    await page.getByText('检查完毕：2 行有问题，还没有入库').waitFor()
    expect([await figure('可入库'), await figure('退回')]).toEqual(['3', '2'])
    expect(await count()).toBeNull()

    await page.getByRole('link', { name: '回到文件' }).click()
    await page.getByRole('button', { name: '提交' }).click()
    await page.waitForURL('**batch=**')
    await page.reload() // The address names the batch: whatever state it is in, the page takes it up.
    await page.getByText('已入库，2 行退回').waitFor()
    expect([await figure('已入库'), await figure('重复'), await figure('退回')]).toEqual(['3', '0', '2'])
    await expect.poll(count).toBe(3)

    const sheet = page.locator('details').filter({ hasText: '下载问题表' })
    await sheet.locator('summary').click()
    // Blanks say nothing; the field that is missing is named, and has the focus.
    const why = sheet.getByLabel('事由')
    await why.fill('          ')
    await sheet.getByRole('button', { name: '下载' }).click()
    await why.and(page.locator(':focus')).waitFor()
    expect(await why.evaluate((input: HTMLInputElement) => input.validationMessage)).toBe(
      '请写明事由，至少 6 个字',
    )
    await why.fill('请填报人更正后重报')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      sheet.getByRole('button', { name: '下载' }).click(),
    ])
    const { entries } = await server.get('/v1/audit?action=export', await server.signIn())
    expect(entries[0]).toMatchObject({
      subject: expect.stringMatching(/errors\.xlsx$/),
      reason: '请填报人更正后重报',
    })
    const returned = (await readXlsx(await bytesOf(download))).sheets[0]?.rows ?? []
    const header = (returned[0] ?? []).map(String)
    expect(header.slice(0, TITLES.length)).toEqual(TITLES)
    expect(returned).toHaveLength(3)
    expect(JSON.stringify(returned[1])).toContain('没有这个地区')

    // The clerk corrects both cells in the sheet that came back, reasons and all, and uploads it.
    const corrected = returned.map((line) => line.map((cell) => String(cell ?? '')))
    corrected[1]?.splice(TITLES.indexOf('户籍地'), 1, '430503')
    corrected[2]?.splice(TITLES.indexOf('身份证号'), 1, idNumberFor(4))
    await page.getByRole('link', { name: '上传另一个文件' }).click()
    const again = await writeXlsx({ sheets: [{ name: '台账', rows: corrected }] })
    await choose('问题表.xlsx', Buffer.from(again))
    // What was said of its columns is remembered, reasons or not.
    await page.getByText('前 2 行全部合格').waitFor()
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('全部处理完毕').waitFor()
    expect([await figure('已入库'), await figure('退回')]).toEqual(['2', '0'])
    await expect.poll(count).toBe(5)
    await expect.poll(() => page.locator('section table tbody tr').count()).toBe(3)
    expect(await page.getByText('只检查').count()).toBeGreaterThan(0)
  })

  it('finds the correction remembered when the same ledger comes again, and counts nothing twice', async () => {
    await page.goto(`${server.url}/sources?source=${source}`)
    await choose('台账.xlsx', await workbook([row(1), row(3)]))
    await page.getByText('前 2 行全部合格').waitFor()
    await page.getByText('都已认出').waitFor()
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('全部处理完毕').waitFor()
    expect([await figure('已入库'), await figure('重复')]).toEqual(['0', '2'])
    expect(await count()).toBe(5)
  })

  it('sends a workbook once, however often it is corrected, and again by itself where the server has lost it', async () => {
    await page.goto(`${server.url}/sources?source=${source}`)
    const posts: Promise<string>[] = []
    const note = (request: Request) => {
      const path = new URL(request.url()).pathname.split('/workers').at(1)
      if (request.method() === 'POST' && path !== undefined)
        posts.push(request.allHeaders().then((headers) => `${path} ${headers['content-length'] ?? 0}`))
    }
    page.on('request', note)
    const rows = [row(13), row(14)]
    const titles = TITLES.map((title) => ({ 目前怎样: '现况', 采集时间: '采于' })[title] ?? title)
    const file = Buffer.from(await writeXlsx({ sheets: [{ name: '台账', rows: [titles, ...rows] }] }))
    await choose('新表头.xlsx', file)
    await page.getByText('2 列不认识').waitFor()
    await page.getByLabel('现况').selectOption('status')
    await page.getByText('1 列不认识').waitFor()
    await server.killAndRestart()
    await page.getByLabel('采于').selectOption('observedAt')
    await page.getByText('前 2 行全部合格').waitFor()
    await page.getByRole('button', { name: '只检查' }).click()
    await page.getByText('检查完毕').waitFor()
    await page.getByRole('link', { name: '回到文件' }).click()
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('全部处理完毕').waitFor()
    page.off('request', note)
    expect([await figure('已入库'), await figure('重复')]).toEqual(['2', '0'])
    await expect.poll(count).toBe(7)
    expect(await Promise.all(posts)).toEqual([
      `/preview ${file.length}`,
      '/preview 0',
      // The server was started anew.
      '/preview 0',
      `/preview ${file.length}`,
      ' 0',
      ' 0',
    ])
  })

  it('sends again by the retry what a lost connection cut off, and only once', async () => {
    await page.goto(`${server.url}/sources?source=${source}`)
    // A workbook with macros is read for its rows; the macros are not looked at.
    await choose('带宏台账.xlsm', await workbook([row(11), row(12)]))
    await page.getByText('前 2 行全部合格').waitFor()
    await context.setOffline(true)
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('网络断了，文件没有传完').waitFor()
    await context.setOffline(false)
    await page.getByRole('button', { name: '重试' }).click()
    await page.getByText('全部处理完毕').waitFor()
    expect([await figure('已入库'), await figure('重复')]).toEqual(['2', '0'])
    await expect.poll(count).toBe(9)
  })

  it('hears which lines of a ledger are no data and which sheets are not read, before and after', async () => {
    await page.goto(`${server.url}/sources?source=${source}`)
    const total = ['合　计', '3人', '', '', '', '2026-10-31']
    const signed = ['填表人 张三', '', '审核人：李四', '', '', '']
    const notes = [['注：1、本表一式三份'], ['2、采集时间为签字之日']]
    const said = '略过 5 行：第 3 行是重复的表头；第 4 行是合计；第 5 行是填表人、签字；第 6、7 行是附注。'
    const named = { 户籍地: '湖南省邵阳市大祥区', 务工地: '广东深圳' }
    const rows = [row(21, named), row(22), TITLES, total, signed, ...notes]
    await choose('月末台账.xlsx', await workbook(rows, ['城南街道', '板桥乡']))
    await page.getByText('前 2 行全部合格').waitFor()
    await page.getByText(said).waitFor()
    await page.getByText('只导入选中的这一张；文件里另外 2 张工作表').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('全部处理完毕').waitFor()
    await page.getByText(said).waitFor()
    await page.getByText('没有读取的工作表：城南街道、板桥乡。').waitFor()
    expect([await figure('已入库'), await figure('退回')]).toEqual(['2', '0'])
    await expect.poll(count).toBe(11)
  })

  it('sees what a cell is read as and how many rows are hidden, and leaves them out', async () => {
    await page.goto(`${server.url}/sources?source=${source}`)
    const titles = ['姓名', '身份证号', '户籍地', '状态', '采集时间', '月工资']
    const hiding = (i: number, wage: string) => [
      ...[`示例${i}`, idNumberFor(i), '430503', '在职', '2026-10-01'],
      wage,
    ]
    const rows = [titles, hiding(31, '0.65万元'), hiding(32, '6000'), hiding(33, '6100')]
    await choose('筛选过的台账.xlsx', ledger([{ name: '台账', rows, hidden: [3, 4] }]))
    await page.getByText('前 3 行全部合格').waitFor()
    await page.getByText('读作 6500元').waitFor()
    expect(await page.getByText('读作 在岗').count()).toBe(3)
    const takesHidden = page.getByLabel('这张工作表有 2 行被隐藏或筛选掉了，也一起导入')
    expect(await takesHidden.isChecked()).toBe(true)
    await takesHidden.uncheck()
    await page.getByText('前 1 行全部合格').waitFor()
    await page.getByText('略过 2 行：第 2、3 行被隐藏，选了不导入。').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await page.getByRole('button', { name: '只检查' }).click()
    await page.getByText('检查完毕').waitFor()
    expect(await figure('可入库')).toBe('1')
  })

  it('uploads what Excel saves as Unicode text, whose preview is cut between its lines', async () => {
    await page.goto(`${server.url}/sources?source=${source}`)
    // Longer than what a preview is made from, and 上 has the byte of a line's end.
    const rows = Array.from({ length: 3_000 }, (_, i) => row((i % 3) + 21, { 务工地: '上上上'.repeat(12) }))
    const lines = [TITLES, row(21), row(22), row(23), ...rows].map((cells) => cells.join('\t'))
    await choose('台账.txt', Buffer.from(`\ufeff${lines.join('\r\n')}\r\n`, 'utf16le'))
    await page.getByText(/前 20 行中有 17 行有问题/).waitFor()
    await choose('短台账.txt', Buffer.from(`\ufeff${lines.slice(0, 4).join('\r\n')}\r\n`, 'utf16le'))
    await page.getByText('前 3 行全部合格').waitFor()
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('全部处理完毕').waitFor()
    expect([await figure('已入库'), await figure('重复')]).toEqual(['1', '2'])
    await expect.poll(count).toBe(12)
  })

  it('reads in Chinese and in English why a file failed only while it was taken', async () => {
    await page.goto(`${server.url}/sources?source=${source}`)
    const good = Array.from({ length: 9_000 }, (_, i) =>
      row(21, { 采集时间: `2026-10-01 08:${String(i % 60).padStart(2, '0')}` }),
    )
    const text = Buffer.from([TITLES, ...good].map((cells) => cells.join()).join('\n'))
    await choose('断表.csv', Buffer.concat([text, Buffer.from([0x0a, 0xff, 0xff, 0x0a])]))
    await page.getByText('前 20 行全部合格').waitFor()
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('没有入库', { exact: true }).waitFor()
    await page.getByText('CSV 的编码既不是 UTF-8、GB18030').waitFor()
    const english = await browser.newContext({ storageState: await context.storageState() })
    const other = await english.newPage()
    await other.goto(`${page.url()}&lang=en`)
    await other.getByText('the CSV is neither UTF-8 nor GB18030').waitFor()
    await english.close()

    // What was taken before the fault stays, and is not said to be nothing.
    await page.goto(`${server.url}/sources?source=${source}`)
    await choose('半表.csv', Buffer.concat([text, Buffer.from('\n"')]))
    await page.getByText('前 20 行全部合格').waitFor()
    await page.getByRole('button', { name: '提交' }).click()
    await page.getByText('文件中途出错，只入库了一部分').waitFor()
    expect(await page.getByText('这个文件读不出来').count()).toBe(0)
    await page.getByText('请检查引号是否成对').waitFor()
    expect(await figure('已入库')).toBe('60')
  })

  it('is told what to do about a file that cannot be read', async () => {
    await page.goto(`${server.url}/sources?source=${source}`)
    await choose('旧表.xls', cfb('Workbook'))
    await page.getByText('这是旧版 Excel 或 WPS 表格（.xls、.et）；请打开后另存为').waitFor()
    await choose('系统导出.xls', Buffer.from('<html><table><tr><td>案件编号'))
    await page.getByText('这是网页，不是 Excel 表格').waitFor()
    await choose('坏表.xlsx', Buffer.from('this is no workbook'))
    await page.getByText('这个文件读不出来').waitFor()
    await page.getByText('这不是 XLSX 文件；请打开后另存为').waitFor()
    // In English too it is a file, which to programs is a body.
    const english = await browser.newContext({ storageState: await context.storageState() })
    const other = await english.newPage()
    await other.goto(`${server.url}/sources?source=${source}&lang=en`)
    await other
      .locator('input[type="file"]')
      .setInputFiles({ name: 'bad.xlsx', mimeType: XLSX, buffer: Buffer.from('this is no workbook') })
    await other.getByText('the file is not an XLSX file').waitFor()
    await english.close()
    // The same file again would be refused again.
    expect(await page.getByRole('button', { name: /提交|重试/ }).count()).toBe(0)
    await choose('空表.xlsx', await workbook([]))
    await page.getByText('这张表里没有数据行').waitFor()
    expect(await page.getByRole('button', { name: '提交' }).count()).toBe(0)
  })
})

describe('of a long list', () => {
  /** How far below the top of the screen it begins. */
  const topOf = (name: string) =>
    page.getByRole('heading', { name, exact: true }).evaluate((title) => title.getBoundingClientRect().top)

  it.each([360, 1280])('what is opened stands in sight, %i wide', async (width) => {
    for (let i = 1; i <= 12; i++) await server.createSource({ name: `末位来源${width}之${i}` })
    await page.setViewportSize({ width, height: 500 })
    await page.goto(`${server.url}/sources`)
    const last = `末位来源${width}之9`
    await page.getByRole('link', { name: last }).click()
    await page.getByRole('heading', { name: last, exact: true }).waitFor()
    await expect.poll(() => topOf(last)).toBeLessThan(300)
    expect(await topOf(last)).toBeGreaterThan(-1)

    // So does a batch, opened from the list below the form.
    await page.goto(`${server.url}/sources?source=${source}`)
    await page.locator('section table tbody a').last().click()
    await page.getByRole('heading', { name: /入库|检查/ }).waitFor()
    const isSeen = () =>
      page.locator('.batch').evaluate((batch) => {
        const { top } = batch.getBoundingClientRect()
        return top > -1 && top < innerHeight - 100
      })
    await expect.poll(isSeen).toBe(true)
    await page.setViewportSize({ width: 360, height: 780 })
  })
})

describe('an administrator', () => {
  it('reaches every page from a phone, and Esc closes the list of them alone', async () => {
    await page.goto(`${server.url}/sources?source=${source}`)
    const menu = page.getByRole('button', { name: '来源', exact: true })
    await menu.click()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('link', { name: '审计' }).isVisible()).toBe(false)
    await page.getByRole('heading', { name: '大祥区农民工办' }).waitFor()
    await menu.click()
    await page.getByRole('link', { name: '审计' }).click()
    await page.getByRole('heading', { name: '审计日志' }).waitFor()
    await page.getByRole('button', { name: '审计', exact: true }).waitFor()
  })

  it('makes a source by keyboard and sees its key once', async () => {
    await page.goto(`${server.url}/sources?source=new`)
    await page.getByRole('textbox', { name: '名称', exact: true }).and(page.locator(':focus')).waitFor()
    await page.keyboard.type('邵东市治欠办')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.getByText(/^xr_[\w-]{32}$/).waitFor()
    await page.getByRole('button', { name: '复制密钥' }).and(page.locator(':focus')).waitFor()
    await page.keyboard.press('Tab')
    await page.getByRole('link', { name: '去上传文件' }).and(page.locator(':focus')).press('Enter')
    await page.getByText('还没有报送过').waitFor()
    expect(await page.getByText(/^xr_[\w-]{32}$/).count()).toBe(0)
    const { sources } = await server.get('/v1/sources', await server.signIn())
    expect(sources.find((one: { name: string }) => one.name === '邵东市治欠办').kinds).toEqual(['arrears'])
  })
})
