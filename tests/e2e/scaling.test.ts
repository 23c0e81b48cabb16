import { afterAll, beforeAll, expect, test } from 'vitest'
import { enterPerson } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'

let site: Site
let reporter: Awaited<ReturnType<typeof enterPerson>>['client']

beforeAll(async () => {
  site = await openSite()
  const { id: sourceId } = await site.server.createSource({ kinds: ['industry'], dueEvery: 'month' })
  const park = { kind: 'park', rank: 'provincial', region: '430724', sector: 'C', pointId: 'P1', sourceId }
  const unit = (await site.admin.ask('/v1/units', { ...park, name: '示例产业园' })).body.id
  reporter = (await enterPerson(site.server, site.admin, { username: 'bao', role: 'reporter', unit })).client
}, 60_000)
afterAll(() => site.stop())

const PHONE = { width: 360, height: 780 }
/** Screens, and how much larger things stand on them than at a desk. */
const SCREENS = [
  { width: 1440, height: 900, scale: 1 },
  { width: 2560, height: 1440, scale: 1.35 },
  { width: 3840, height: 2160, scale: 1.8 },
]

test.each([
  '/login',
  '/account',
  '/docs',
  '/report',
  '/map',
  '/households',
  '/registry',
  '/people',
  '/absent',
])(
  '%s grows with a large screen and never scrolls sideways, in both languages',
  async (path) => {
    for (const lang of ['zh', 'en']) {
      const who = path === '/report' ? reporter : site.admin
      const page = await site.open(who, `${path}?lang=${lang}`)
      const title = page.getByRole('heading', { level: 1 })
      await title.waitFor()
      await page.evaluate(() => document.fonts.ready)
      const isWider = () =>
        page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
      const heightAt = async (size: { width: number; height: number }) => {
        await page.setViewportSize(size)
        expect([lang, size.width, await isWider()]).toEqual([lang, size.width, false])
        return (await title.boundingBox())?.height ?? 0
      }
      const atDesk = await heightAt({ width: 1440, height: 900 })
      for (const { scale, ...size } of SCREENS)
        expect((await heightAt(size)) / atDesk, `${lang} ${size.width}`).toBeCloseTo(scale, 1)
      await heightAt(PHONE)
      await page.context().close()
    }
  },
  60_000,
)
