import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import type { Client } from '../support/client.ts'
import { enterAdmin, enterPerson } from '../support/people.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let browser: Browser
let admin: Client
let bao: Person
/** Two parks that `bao` reports for, and whether one is asked after is up to the test. */
let first: string
let second: string

type Person = { id: string; client: Client }

const PARK = { kind: 'park', rank: 'provincial', region: '430724', sector: 'C' }
let parks = 0

beforeAll(async () => {
  server = await startServer()
  browser = await openBrowser()
  admin = await enterAdmin(server)
  first = await makePark('甲园区')
  second = await makePark('乙园区')
  bao = await enterPerson(server, admin, { username: 'bao', role: 'reporter', unit: first })
  await bind(second, 'bao')
})
afterAll(async () => {
  await browser.close()
  await server.stop()
})

async function makePark(name: string): Promise<string> {
  const source = await server.createSource({ kinds: ['industry'], dueEvery: 'month', synthetic: true })
  const unit = { ...PARK, name, pointId: `P${++parks}`, sourceId: source.id }
  return (await admin.ask('/v1/units', unit)).body.id
}
async function bind(unit: string, ...usernames: string[]): Promise<void> {
  const done = await admin.ask(`/v1/units/${unit}/reporters`, { usernames }, { method: 'PUT' })
  expect(done.status).toBe(200)
}
/** The session of somebody in a browser that had another's, or none. */
async function enter(context: BrowserContext, { client }: Person): Promise<void> {
  await context.clearCookies()
  const cookies = client.cookie.split('; ').map((one) => one.split('=') as [string, string])
  await context.addCookies(cookies.map(([name, value]) => ({ name, value, url: server.url })))
}
const newPhone = (): Promise<BrowserContext> =>
  browser.newContext({ viewport: { width: 360, height: 780 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
async function open(
  who: Person,
  path: string,
  prepare: (context: BrowserContext) => Promise<unknown> = async () => undefined,
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await newPhone()
  await prepare(context)
  await enter(context, who)
  const page = await context.newPage()
  await page.goto(`${server.url}${path}`)
  return { context, page }
}
const event = (page: Page) => page.getByLabel('重大变动')
const send = (page: Page) => page.getByRole('button', { name: '报送', exact: true }).click()
const instantReports = async (unit: string) => (await admin.ask(`/v1/units/${unit}`)).body.instantReports
const kept = (page: Page) =>
  page.evaluate(() =>
    Object.keys(localStorage).filter((name) => name.startsWith('xiangrong.report')),
  ) as Promise<string[]>
/** Lets requests to send reports arrive, and their answers out only by `release`. */
async function holdAnswers(context: BrowserContext): Promise<{ release: () => void }> {
  const { promise, resolve } = Promise.withResolvers<void>()
  await context.route('**/reports*', async (route) => {
    const answer = await route.fetch()
    await promise
    // The page may have been loaded anew meanwhile.
    await route.fulfill({ response: answer }).catch(() => undefined)
  })
  return { release: resolve }
}

describe('a refused report', () => {
  it('of a unit that is gone is not taken into the form of another', async () => {
    const gone = await makePark('将撤园区')
    await bind(gone, 'bao')
    const { context, page } = await open(bao, `/report?unit=${gone}`)
    await event(page).waitFor()
    await context.setOffline(true)
    await event(page).fill('一家企业停产，涉及 9 人')
    await send(page)
    await page.getByText('已保存，联网后自动发送').waitFor()
    await admin.ask(`/v1/units/${gone}/retire`, {})
    await context.setOffline(false)
    await page.getByText('本单位已撤销，不再报送').waitFor()
    // The page may still think that it is there.
    await page.getByRole('button', { name: '改正' }).click()
    await page.getByText('不能改正').waitFor()
    await page.reload()
    await page.getByText('地址中的单位现在不在您的填报单位之列').waitFor()
    expect(await event(page).count()).toBe(0)
    await page.getByLabel('填报单位').selectOption({ label: '甲园区' })
    await page.getByRole('heading', { name: '甲园区' }).waitFor()
    await page.getByText('一家企业停产，涉及 9 人').waitFor()
    expect(await page.getByRole('button', { name: '改正' }).count()).toBe(0)
    await context.close()
  })

  it('that is corrected takes no draft away: either can be had back', async () => {
    const { context, page } = await open(bao, `/report?unit=${first}&form=period`)
    const headcount = page.getByLabel('在岗人数')
    await headcount.waitFor()
    await context.setOffline(true)
    await headcount.fill('12.5')
    await send(page)
    await page.getByText('已保存，联网后自动发送').waitFor()
    await context.setOffline(false)
    await page.getByText('未通过').waitFor()
    await headcount.fill('77')
    await page.getByRole('button', { name: '改正' }).click()
    await expect.poll(() => headcount.inputValue()).toBe('12.5')
    await headcount.fill('12')
    await page.getByRole('button', { name: '换到另一份草稿' }).click()
    await expect.poll(() => headcount.inputValue()).toBe('77')
    await page.getByRole('button', { name: '换到另一份草稿' }).click()
    await expect.poll(() => headcount.inputValue()).toBe('12')
    await context.close()
  })

  it('waits for nobody any more once what corrects it is received', async () => {
    const { context, page } = await open(bao, `/report?unit=${first}&form=period`)
    const { sourceId } = (await admin.ask(`/v1/units/${first}`)).body
    const waiting = async () =>
      (await admin.ask(`/v1/quarantine?source=${sourceId}&limit=1`)).body.counts.waiting
    const before = await waiting()
    const headcount = page.getByLabel('在岗人数')
    // Refused at once, in the form.
    await headcount.fill('-5')
    await send(page)
    await page.getByText('不能为负数').waitFor()
    // Refused later, in the list.
    await context.setOffline(true)
    await headcount.fill('-6')
    await send(page)
    await page.getByText('已保存，联网后自动发送').waitFor()
    await context.setOffline(false)
    await page.getByText('未通过').waitFor()
    expect(await waiting()).toBe(before + 2)
    await page.getByRole('button', { name: '改正' }).click()
    await headcount.and(page.locator('[aria-invalid="true"]')).waitFor()
    await page.reload()
    await headcount.fill('6')
    await send(page)
    await page.getByText('已收到', { exact: true }).waitFor()
    expect(await waiting()).toBe(before)
    await context.close()
  })
})

describe('a report on its way', () => {
  it('is no draft any more: a page that is loaded anew meanwhile has nothing left to send', async () => {
    const { context, page } = await open(bao, `/report?unit=${first}`)
    const before = await instantReports(first)
    await event(page).fill('一家企业停产，涉及 85 人')
    const line = await holdAnswers(context)
    await send(page)
    await page.getByRole('button', { name: '正在发送' }).waitFor()
    // What is typed now would be lost with the answer.
    expect(await event(page).isDisabled()).toBe(true)
    await page.reload()
    expect(await event(page).inputValue()).toBe('')
    line.release()
    await page.getByText('已收到', { exact: true }).waitFor()
    expect(await event(page).inputValue()).toBe('')
    expect(await instantReports(first)).toBe(before + 1)
    await context.close()
  })

  it('takes nothing of what is begun meanwhile with it', async () => {
    const { context, page } = await open(bao, `/report?unit=${first}`)
    await event(page).fill('一家企业减产，涉及 5 人')
    const line = await holdAnswers(context)
    await send(page)
    await page.getByRole('button', { name: '正在发送' }).waitFor()
    await page.getByRole('link', { name: '定期报告' }).click()
    await page.getByLabel('在岗人数').waitFor()
    await page.getByRole('link', { name: '即时报告' }).click()
    await expect.poll(() => event(page).inputValue()).toBe('')
    await event(page).fill('又一家企业减产')
    line.release()
    await page.getByText('已收到', { exact: true }).waitFor()
    expect(await event(page).inputValue()).toBe('又一家企业减产')
    await page.reload()
    expect(await event(page).inputValue()).toBe('又一家企业减产')
    await context.close()
  })

  it('that a page of an older release left as a draft too is sent once', async () => {
    const { context, page } = await open(bao, `/report?unit=${first}`)
    await event(page).fill('一家企业搬迁')
    await page.getByText('草稿已保存在本机').waitFor()
    const name = `xiangrong.report.draft.${bao.id}.${first}.instant`
    const draft = await page.evaluate((name) => localStorage.getItem(name), name)
    await send(page)
    await page.getByText('已收到', { exact: true }).waitFor()
    await page.evaluate(([name, draft]) => localStorage.setItem(name, draft), [name, draft] as [
      string,
      string,
    ])
    await page.reload()
    await page.getByText('已收到', { exact: true }).waitFor()
    expect(await event(page).inputValue()).toBe('')
    await context.close()
  })

  it('goes out in the name of who wrote it only, and waits while somebody else is logged in', async () => {
    const che = await enterPerson(server, admin, { username: 'che', role: 'reporter', unit: second })
    const { context, page } = await open(bao, `/report?unit=${first}`, async (context) => {
      // By its socket the page would learn who is logged in now, and be theirs.
      await context.route('**/socket.io/**', (route) => route.abort())
    })
    const before = await instantReports(first)
    await event(page).waitFor()
    await context.setOffline(true)
    await event(page).fill('一家企业倒闭，涉及 40 人')
    await send(page)
    await page.getByText('已保存，联网后自动发送').waitFor()
    await enter(context, che)
    const answered = context.waitForEvent('response', (response) => response.url().includes('/reports'))
    await context.setOffline(false)
    expect((await answered).status()).toBe(401)
    await page.getByText('已保存，登录后自动发送').waitFor()
    await enter(context, bao)
    await page.reload()
    await page.getByText('已收到', { exact: true }).waitFor()
    expect(await instantReports(first)).toBe(before + 1)
    await context.close()
  })
})

describe('a device that can keep nothing', () => {
  const full = () => {
    Storage.prototype.setItem = () => {
      throw new DOMException('no room', 'QuotaExceededError')
    }
  }
  const blocked = () => {
    Object.defineProperty(globalThis, 'localStorage', {
      get() {
        throw new DOMException('not here', 'SecurityError')
      },
    })
  }

  it.each([
    ['as it is full', full],
    ['as that is not allowed', blocked],
  ])('%s, sends all the same, and says of what waits that it is not kept', async (_, script) => {
    const { context, page } = await open(bao, `/report?unit=${first}`, (context) =>
      context.addInitScript(script),
    )
    const before = await instantReports(first)
    await event(page).fill('一家企业停工，涉及 3 人')
    await page.getByText('草稿没有保存').waitFor()
    await send(page)
    await page.getByText('已收到', { exact: true }).waitFor()
    expect(await instantReports(first)).toBe(before + 1)

    await context.setOffline(true)
    await event(page).fill('一家企业停工，涉及 4 人')
    await send(page)
    await page.getByText('尚未发出，本机也无法保存').waitFor()
    await context.setOffline(false)
    await expect.poll(() => instantReports(first)).toBe(before + 2)
    await expect.poll(() => page.getByText('已收到', { exact: true }).count()).toBe(2)
    await context.close()
  })
})

describe('several people with one phone', () => {
  it('keep their drafts when another of them signs out', async () => {
    const dai = await enterPerson(server, admin, { username: 'dai', role: 'reporter', unit: second })
    const { context, page } = await open(bao, `/report?unit=${second}`)
    await event(page).fill('某项目停工，涉及 30 人')
    await page.getByText('草稿已保存在本机').waitFor()
    await enter(context, dai)
    await page.goto(`${server.url}/report`)
    await event(page).fill('另一件事')
    await page.getByText('草稿已保存在本机').waitFor()
    await page.locator('[aria-controls="places"]').click()
    await page.getByRole('button', { name: '退出' }).click()
    await page.waitForURL('**/login*')
    expect(await kept(page)).toEqual([`xiangrong.report.draft.${bao.id}.${second}.instant`])
    await enter(context, bao)
    await page.goto(`${server.url}/report?unit=${second}`)
    await expect.poll(() => event(page).inputValue()).toBe('某项目停工，涉及 30 人')
    await context.close()
  })
})

describe('who looks at many units and reports for one', () => {
  it('is offered to report, and to plan the duty, for that one only', async () => {
    const clerk = await enterPerson(server, admin, { username: 'clerk', role: 'reporter', unit: second })
    const post = await admin.ask(`/v1/people/${clerk.id}/posts`, { role: 'leader', regions: ['4307'] })
    expect(post.status).toBe(201)
    const { context, page } = await open(clerk, '/report')
    await page.getByRole('heading', { name: '乙园区' }).waitFor()
    expect(await page.getByLabel('填报单位').count()).toBe(0)
    for (const [unit, offers] of [
      [second, 1],
      [first, 0],
    ] as const) {
      await page.goto(`${server.url}/registry?unit=${unit}`)
      await page.getByRole('heading', { name: /本周值班/ }).waitFor()
      expect(await page.locator('.panel').getByRole('link', { name: '为该单位填报' }).count()).toBe(offers)
      expect(await page.getByRole('link', { name: '排班' }).count()).toBe(offers)
    }
    await context.close()
  })
})
