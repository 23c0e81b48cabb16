import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arrears } from '../support/signals.ts'
import { openSite, type Site } from '../support/site.ts'

/** Every page there is, from the files that make them. A page whose address has a name in it says here which one. */
const PAGES = globSync('**/+page.svelte', { cwd: new URL('../../web/src/routes', import.meta.url).pathname })
  .map((file) => `/${file.replace(/\([a-z]+\)\//g, '').replace(/\/?\+page\.svelte$/, '')}`)
  .sort()

const BUILT = new URL('../../web/build', import.meta.url).pathname

let site: Site

beforeAll(async () => {
  site = await openSite()
  const { server } = site
  const { key } = await server.createSource({ synthetic: true })
  await server.send('arrears', key, [
    arrears({ workers: 46, gathering: 46, workRegion: '430503', observedAt: new Date().toISOString() }),
  ])
})
afterAll(() => site.stop())

async function openContext() {
  const context = await site.contextOf(site.admin, { locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  const violations: string[] = []
  await context.exposeFunction('noteViolation', (text: string) => violations.push(text))
  await context.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (event) =>
      (globalThis as any).noteViolation(
        `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile} ${event.sample}`,
      ),
    ),
  )
  return { context, violations }
}

describe('the content policy', () => {
  it('is no hindrance to any page', async () => {
    const { context, violations } = await openContext()
    const page = await context.newPage()
    expect(PAGES).toContain('/wall')
    for (const path of PAGES) {
      await page.goto(`${site.server.url}${path}`)
      await page.waitForLoadState('networkidle')
      await page.locator('#svelte-announcer').waitFor({ state: 'attached' })
      expect([path, violations]).toEqual([path, []])
    }
    await context.close()
  }, 120_000)

  it('keeps a script that got into a page from running, and a style from hiding things', async () => {
    const { context, violations } = await openContext()
    const page = await context.newPage()
    await page.goto(`${site.server.url}/login`)
    await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.hasRun = true'
      document.body.append(script)
      for (const html of [
        '<p id="probe" style="color: rgb(1, 2, 3)">x</p>',
        '<img src="/nothing" onerror="globalThis.hasRun = true">',
      ])
        document.body.insertAdjacentHTML('beforeend', html)
    })
    await expect
      .poll(() => violations.map((text) => text.split(' ')[0]))
      .toEqual(expect.arrayContaining(['script-src-elem', 'script-src-attr', 'style-src-attr']))
    const probe = page.locator('#probe')
    expect(await probe.evaluate((element) => getComputedStyle(element).color)).not.toBe('rgb(1, 2, 3)')
    expect(await page.evaluate(() => 'hasRun' in globalThis)).toBe(false)
    await context.close()
  })
})

describe('the files of the pages', () => {
  it('are sent as they were packed when they were built, and not packed anew for each who asks', async () => {
    const [script = ''] = globSync('_app/immutable/entry/*.js', { cwd: BUILT })
    for (const [coding, ending] of Object.entries({ br: '.br', gzip: '.gz', identity: '' })) {
      const answer = await fetch(`${site.server.url}/${script}`, { headers: { 'accept-encoding': coding } })
      const length = String(statSync(join(BUILT, script + ending)).size)
      expect([coding, answer.headers.get('content-length')]).toEqual([coding, length])
      expect(await answer.text()).toBe(readFileSync(join(BUILT, script), 'utf8'))
    }
  })
})
