import { afterAll, beforeAll, expect, test } from 'vitest'
import { enterPerson } from '../support/people.ts'
import { waitFor } from '../support/server.ts'
import { arrears, worker } from '../support/signals.ts'
import { openSite, type Site } from '../support/site.ts'

const VILLAGE = '430522100001'
const PLACES = [
  ...['/map', '/wall', '/households', '/registry', '/report', '/sources', '/walls'],
  ...['/identity', '/people', '/roles', '/audit', '/docs'],
]
/** What is open to whom besides `/docs` and the own account; beyond it lie pages with something opened in them. */
const OPEN: Record<string, { posts: object[]; open: string[]; beyond?: string[] }> = {
  leader: { posts: [{ role: 'leader' }], open: ['/map', '/wall', '/registry'] },
  analyst: {
    posts: [{ role: 'analyst' }],
    open: ['/map', '/wall', '/households', '/registry', '/sources'],
    beyond: ['source', 'batch', 'rows', 'village', 'household', 'unit'],
  },
  'on call': {
    posts: [{ role: 'onCall' }],
    open: ['/map', '/wall', '/registry', '/sources'],
    beyond: ['source', 'batch', 'unit'],
  },
  reporter: { posts: [{ role: 'reporter' }], open: ['/registry', '/report'] },
  handler: { posts: [{ role: 'handler' }], open: ['/map', '/wall', '/registry', '/identity'] },
  administrator: {
    posts: [{ role: 'administrator' }],
    open: PLACES.filter((place) => place !== '/docs'),
    beyond: ['source', 'batch', 'rows', 'village', 'household', 'unit', 'role'],
  },
  auditor: { posts: [{ role: 'auditor' }], open: ['/people', '/roles', '/audit'], beyond: ['role'] },
  'an auditor of one city': {
    posts: [{ role: 'auditor', regions: ['4305'] }],
    open: ['/people', '/roles'],
    beyond: ['role'],
  },
  'an administrator of one city': {
    posts: [{ role: 'administrator', regions: ['4305'] }],
    open: PLACES.filter((place) => !['/audit', '/docs'].includes(place)),
    beyond: ['source', 'batch', 'village', 'household', 'role'],
  },
  'somebody without a post': { posts: [], open: [] },
}

let site: Site
let people = 0
const addresses: Record<string, string> = {}

beforeAll(async () => {
  site = await openSite()
  const { server, admin } = site
  const { id, key } = await server.createSource({ region: '4305' })
  const sent = await server.send('arrears', key, [arrears({ workRegion: '430503' }), arrears({ owed: '-1' })])
  await server.send('workers', key, [worker({ homeRegion: VILLAGE, household: '12' })])
  const unit = await admin.ask('/v1/units', {
    kind: 'office',
    rank: 'city',
    name: '示例办公室',
    region: '4305',
  })
  const { households } = (await admin.ask(`/v1/households?region=${VILLAGE}`)).body
  addresses.source = `/sources?source=${id}`
  addresses.batch = `/sources?source=${id}&batch=${sent.body.batch}`
  addresses.rows = `/sources?source=${id}&rows=waiting`
  addresses.village = `/households?region=${VILLAGE}`
  addresses.household = `/households?region=${VILLAGE}&household=${households[0].key}`
  addresses.unit = `/registry?unit=${unit.body.id}`
  addresses.role = '/roles?role=leader'
}, 60_000)
afterAll(() => site.stop())

/** A page of somebody who has these posts and no other, and what went wrong in it since it was last asked. */
async function pageFor(posts: object[]) {
  const { server, admin } = site
  const username = `person${++people}`
  const { id, client } = await enterPerson(server, admin, { username, role: 'reporter' })
  const [own] = (await admin.ask(`/v1/people/${id}/posts`)).body.posts
  const ended = { endsAt: own.startsAt }
  await admin.ask(`/v1/people/${id}/posts/${own.id}`, ended, { method: 'PATCH' })
  for (const post of posts) expect((await admin.ask(`/v1/people/${id}/posts`, post)).status).toBe(201)
  const context = await site.contextOf(client)
  const page = await context.newPage()
  let faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`)
  })
  let asked = 0
  page.on('request', () => asked++)
  for (const end of ['requestfinished', 'requestfailed'] as const) page.on(end, () => asked--)
  const takeFaults = () => {
    const taken = faults
    faults = []
    return taken
  }
  return { page, takeFaults, isAnswered: () => asked <= 0, close: () => context.close() }
}

test.each(Object.entries(OPEN))(
  '%s: the menu offers what opens, and the rest says calmly that it is not theirs',
  async (_, { posts, open, beyond = [] }) => {
    const { page, takeFaults, isAnswered, close } = await pageFor(posts)
    const closed = page.getByRole('heading', { name: '不对您开放' })
    // Who has no post goes through every closed page; for the others the first and the one that asks for all regions will do.
    const shut = PLACES.filter((place) => place !== '/docs' && !open.includes(place))
    const tried = open.length === 0 ? shut : shut.filter((place, i) => i === 0 || place === '/audit')
    const inside = beyond.map((name) => addresses[name] ?? name)
    for (const path of [...open, ...tried, '/docs', '/account', ...inside]) {
      await page.goto(`${site.server.url}${path}`)
      await page.locator('h1, .wall h2').first().waitFor()
      const [place = ''] = path.split('?')
      const isOpen = ['/docs', '/account', ...open].includes(place)
      // A closed page asks for nothing more; what it did ask for is found with the next.
      if (isOpen) await waitFor(isAnswered)
      expect([path, await closed.count()]).toEqual([path, isOpen ? 0 : 1])
      expect([path, takeFaults()]).toEqual([path, []])
      if (isOpen && place === '/wall') continue
      const links = await page
        .locator('#places a:not(.who)')
        .evaluateAll((all) => all.map((one) => one.getAttribute('href')))
      expect([path, links.sort()]).toEqual([path, [...open, '/docs'].sort()])
    }
    await close()
  },
  120_000,
)

test('who has no post is told so, and a bare address leads to what is open', async () => {
  const nobody = await pageFor([])
  await nobody.page.goto(site.server.url)
  await nobody.page.getByText('您的账号现在没有任何任职').waitFor()
  await nobody.close()
  const auditor = await pageFor([{ role: 'auditor' }])
  await auditor.page.goto(site.server.url)
  await auditor.page.waitForURL('**/people')
  await auditor.page.goto(`${site.server.url}/map`)
  await auditor.page.getByText('需要“查看指标”权限').waitFor()
  await auditor.page.getByRole('main').getByRole('link', { name: '审计' }).click()
  await auditor.page.getByRole('heading', { name: '审计' }).waitFor()
  await auditor.close()
}, 60_000)
