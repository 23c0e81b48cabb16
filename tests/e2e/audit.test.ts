import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import type { Client } from '../support/client.ts'
import { enterAdmin, enterPerson } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let browser: Browser
let admin: Client

beforeAll(async () => {
  server = await startServer()
  browser = await openBrowser()
  admin = await enterAdmin(server)
}, 60_000)
afterAll(async () => {
  await browser.close()
  await server.stop()
})

async function openAudit(query: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const [name = '', value = ''] = admin.cookie.split('=')
  await context.addCookies([{ name, value, url: server.url }])
  const page = await context.newPage()
  await page.goto(`${server.url}/audit?${query}`)
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

test('roles and rights are told by their names, and the words of the server in the language of the page', async () => {
  const { client, id } = await enterPerson(server, admin, {
    username: 'wang',
    role: 'leader',
    regions: ['4305'],
  })
  await admin.ask(`/v1/people/${id}/posts`, { role: 'auditor', regions: ['430503'] })
  await client.ask('/v1/roles/leader', {}, { method: 'DELETE' })
  await client.ask('/v1/sources')
  await client.ask('/v1/sources')
  await client.ask('/v1/account/sessions/end-others', {})

  const posts = async (lang: string) => (await entriesAt(`action=post.put&lang=${lang}`)).map(([why]) => why)
  expect(await posts('zh')).toEqual([expect.stringMatching(/^审计员 · 大祥区 · 户籍或务工.* · 自 .* 起$/)])
  expect(await posts('en')).toEqual([expect.stringMatching(/^Auditor · Daxiang .* · since /i)])
  expect((await entriesAt('action=person.create&lang=zh'))[0]?.[0]).toBe('领导')
  expect((await entriesAt('action=person.create&lang=en'))[0]?.[0]).toBe('Leader')
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
