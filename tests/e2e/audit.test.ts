import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client } from '../support/client.ts'
import { enterPerson } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'

let site: Site

beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site.stop())

async function openAudit(query: string): Promise<Page> {
  // A browser in another language than the page.
  const page = await site.open(site.admin, `/audit?${query}`, { locale: 'en-US' })
  await page.locator('table.log').waitFor()
  return page
}

/** Why and about what, of each entry shown. */
async function entriesAt(query: string): Promise<string[][]> {
  const page = await openAudit(query)
  const cells = await page
    .locator('table.log tbody tr')
    .evaluateAll((rows) => rows.map((row) => [4, 5].map((i) => row.children[i]?.textContent?.trim() ?? '')))
  await page.context().close()
  return cells
}

test('terms of keys and sources are told in words', async () => {
  const { id } = await site.server.createSource()
  const keys = `/v1/sources/${id}/keys`
  const { body: made } = await site.admin.ask(keys, {
    kinds: ['arrears'],
    rowsPerMinute: 60_000,
    expiresInDays: 365,
  })
  const changed = { rowsPerMinute: null, allowedAddresses: ['203.0.113.7'] }
  expect((await site.admin.ask(`${keys}/${made.id}`, changed, { method: 'PATCH' })).status).toBe(200)
  await site.admin.ask(`/v1/sources/${id}`, { dueEvery: 'month', graceHours: 48 }, { method: 'PATCH' })
  const why = async (action: string, lang: string) =>
    (await entriesAt(`action=${action}&lang=${lang}`))[0]?.[0]
  expect(await why('key.create', 'zh')).toBe(
    '欠薪案件 · 每分钟 60,000 行 · 不限地区 · 不限地址 · 有效 365 天',
  )
  expect(await why('key.change', 'zh')).toBe('从 203.0.113.7 · 不限行数')
  expect(await why('key.change', 'en')).toBe('from 203.0.113.7 · any number of rows')
  expect(await why('source.change', 'zh')).toBe('每月一报 · 过期 48 小时为静默')
}, 60_000)

test('roles and rights are told by their names, and the words of the server in the language of the page', async () => {
  const { client, id } = await enterPerson(site.server, site.admin, {
    username: 'wang',
    role: 'leader',
    regions: ['4305'],
  })
  await site.admin.ask(`/v1/people/${id}/posts`, { role: 'auditor', regions: ['430503'] })
  await client.ask('/v1/roles/leader', {}, { method: 'DELETE' })
  await client.ask('/v1/sources')
  await client.ask('/v1/sources')
  await client.ask('/v1/account/sessions/end-others', {})

  const posts = async (lang: string) => (await entriesAt(`action=post.put&lang=${lang}`)).map(([why]) => why)
  expect(await posts('zh')).toEqual([expect.stringMatching(/^审计员 · 大祥区 · 户籍或务工.* · 自 .* 起$/)])
  expect(await posts('en')).toEqual([expect.stringMatching(/^Auditor · Daxiang .* · since /i)])
  expect((await entriesAt('action=person.create&lang=zh'))[0]).toEqual([
    expect.stringMatching(/^领导 · 邵阳市 · 户籍或务工.* · 自 .* 起$/),
    'wang',
  ])
  expect((await entriesAt('action=person.create&lang=en'))[0]?.[0]).toMatch(/^Leader · Shaoyang /)
  expect((await entriesAt('action=password.change&lang=zh'))[0]?.[0]).toBe('以一次性链接')
  expect((await entriesAt('action=password.change&lang=en'))[0]?.[0]).toBe('by a link used once')
  expect((await entriesAt('action=session.revoke&lang=zh'))[0]?.[0]).toBe('本人其余会话')
  expect(await entriesAt('action=refused&who=wang&lang=zh')).toEqual([
    ['GET /v1/sources', '查看来源与批次'],
    ['DELETE /v1/roles/:role', '管理角色'],
  ])
  expect((await entriesAt('action=refused&who=wang&lang=en')).map(([, subject]) => subject)).toEqual([
    'See sources and their batches',
    'Change what roles may do',
  ])
}, 60_000)

test('a post is told with its sectors and its last day, a wall with what it shows, as on their own pages', async () => {
  const { id } = (await site.admin.ask('/v1/people', { username: 'li.si', role: 'reporter' })).body
  const post = { role: 'analyst', regions: ['4305'], side: 'work', sectors: ['E'], startsAt: '2026-11-01' }
  await site.admin.ask(`/v1/people/${id}/posts`, { ...post, endsAt: '2100-01-01' })
  const told = async (lang: string) => (await entriesAt(`action=post.put&subject=${id}&lang=${lang}`))[0]?.[0]
  expect(await told('zh')).toBe('分析员 · 邵阳市 · 务工在此 · 建筑业 · 2026-11-01 至 2099-12-31')
  expect(await told('en')).toMatch(/Shaoyang .* · Construction · .*2099/)

  const asked = await new Client(site.server).ask('/v1/walls/pairings', {})
  await site.admin.ask('/v1/walls', { code: asked.body.code, name: '大厅', region: '430503', side: 'work' })
  expect(await entriesAt('action=wall.pair&lang=zh')).toEqual([['全省态势 · 大祥区 · 务工地', '大厅']])
}, 60_000)

test('what an entry is about has its name of today, with the id for a filter', async () => {
  const { id } = await site.server.createSource({ name: '示例市治欠办' })
  await site.admin.ask(
    '/v1/locks',
    { kind: 'arrears', region: '4305', before: '2026-01-01', reason: '季报已定' },
    { method: 'PUT' },
  )
  expect((await entriesAt('action=lock.put&lang=zh')).map(([, about]) => about)).toEqual([
    '欠薪案件 · 邵阳市',
  ])
  await site.admin.ask(
    `/v1/sources/${id}/signals/workers/columns`,
    { titles: ['单位'], columns: { 单位: 'employer' } },
    { method: 'PUT' },
  )
  expect(await entriesAt('action=columns.put&lang=zh')).toEqual([['农民工', '示例市治欠办']])
  expect(await entriesAt('action=columns.put&lang=en')).toEqual([['Workers', '示例市治欠办']])
  const page = await openAudit('action=source.create&lang=zh')
  await page.getByRole('link', { name: '示例市治欠办' }).click()
  await page.waitForURL(`**subject=${id}`)
  const sheet = page.getByRole('link', { name: '导出 CSV' })
  expect(await sheet.getAttribute('href')).toContain('lang=zh')
  await page.context().close()
}, 60_000)

test('a day is typed or chosen by mouse or keys from a calendar in the language of the page, whatever the browser speaks', async () => {
  const page = await openAudit('lang=zh')
  const from = page.getByLabel('自', { exact: true })
  await from.fill('2026年1月31日')
  await from.press('Enter')
  await page.waitForURL('**from=2026-01-31**')
  await expect.poll(() => from.inputValue()).toBe('2026-01-31')
  await from.fill('2026-02-30')
  await from.blur()
  expect(await from.evaluate((input: HTMLInputElement) => input.validationMessage)).toMatch(/^请填日期/)
  expect(page.url()).toContain('from=2026-01-31')

  const calendar = page.getByRole('dialog', { name: '自' })
  await page.getByRole('button', { name: '自：打开日历' }).click()
  await calendar.getByText('2026年1月', { exact: true }).waitFor()
  await page.keyboard.press('PageDown')
  await calendar.getByText('2026年2月', { exact: true }).waitFor()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Enter')
  await page.waitForURL('**from=2026-02-27**')
  await calendar.waitFor({ state: 'detached' })
  // What comes before the beginning cannot be the end.
  await page.getByRole('button', { name: '至：打开日历' }).click()
  const end = page.getByRole('dialog', { name: '至' })
  await end.waitFor()
  await page.keyboard.press('Escape')
  await end.waitFor({ state: 'detached' })
  await page.setViewportSize({ width: 360, height: 780 })
  await page.getByRole('button', { name: '至：打开日历' }).click()
  await end.waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('button', { name: 'From: open the calendar' }).click()
  await page
    .getByRole('button', { name: 'Friday, February 27, 2026' })
    .and(page.locator('[aria-pressed="true"]'))
    .waitFor()
  await page.context().close()
}, 60_000)

test('a finger finds every day of the calendar, all of it on the screen of a phone', async () => {
  const page = await site.open(site.admin, '/audit?lang=zh', {
    viewport: { width: 360, height: 780 },
    hasTouch: true,
    isMobile: true,
  })
  for (const name of ['自', '至']) {
    await page.getByRole('button', { name: `${name}：打开日历` }).tap()
    const calendar = page.getByRole('dialog', { name })
    await calendar.waitFor()
    const boxes = await calendar
      .locator('button')
      .evaluateAll((all) =>
        all
          .map((one) => one.getBoundingClientRect())
          .map(({ left, right, width, height }) => [left, right, width, height]),
      )
    for (const [left = 0, right = 0, width, height] of boxes) {
      expect(width).toBeGreaterThanOrEqual(44)
      expect(height).toBeGreaterThanOrEqual(44)
      expect([name, left >= 0, right <= 360]).toEqual([name, true, true])
    }
    expect(boxes.length).toBeGreaterThan(28)
    await page.keyboard.press('Escape')
  }
  await page.context().close()
}, 60_000)

test.each(['/people', '/sources', '/households', '/audit'])(
  '%s fits a phone in both languages, and the menu one line',
  async (path) => {
    await site.server.createSource({ name: '一个名称很长的示例来源，在手机上也要看得全', dueEvery: 'day' })
    for (const lang of ['zh', 'en']) {
      const page = await site.open(site.admin, `${path}?lang=${lang}`, {
        viewport: { width: 360, height: 780 },
      })
      await page.locator('h1').first().waitFor()
      await page.waitForLoadState('networkidle')
      const wide = await page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll('.scroll')]
          .filter((one) => one.scrollWidth > one.clientWidth)
          .map(({ className, tagName }) => `${tagName} ${className}`),
      )
      expect([lang, wide]).toEqual([lang, []])
      const tops = await page.locator('header > :is(.brand, .menu, .own)').evaluateAll((all) =>
        all
          .map((one) => one.getBoundingClientRect())
          .filter(({ height }) => height > 0)
          .map(({ top, height }) => top + height / 2),
      )
      expect([lang, Math.max(...tops) - Math.min(...tops)]).toEqual([lang, expect.closeTo(0, 0)])
      await page.context().close()
    }
  },
  60_000,
)
