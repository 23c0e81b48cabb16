import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { openBrowser } from './browser.ts'
import type { Client } from './client.ts'
import { enterAdmin } from './people.ts'
import { startServer } from './server.ts'

/** Whose session a page has. */
type Person = Pick<Client, 'cookie'>
const DESK = { width: 1440, height: 900 }

/** What browser tests stand on. */
export type Site = Awaited<ReturnType<typeof openSite>>

/** A server, a browser before it, and its administrator, logged in. */
export async function openSite() {
  const server = await startServer()
  const browser = await openBrowser()
  const admin = await enterAdmin(server)

  /** A browser's profile of its own, logged in as this person, at a desk unless `options` say otherwise. */
  async function contextOf({ cookie }: Person, options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext({ viewport: DESK, ...options })
    const cookies = [...cookie.matchAll(/([^=; ]+)=([^;]*)/g)]
    await context.addCookies(cookies.map(([, name = '', value = '']) => ({ name, value, url: server.url })))
    return context
  }

  return {
    server,
    browser,
    admin,
    contextOf,
    /** A page in a profile of its own; what has to be there is waited for by whoever opens it. */
    async open(person: Person, path: string, options?: BrowserContextOptions): Promise<Page> {
      const page = await (await contextOf(person, options)).newPage()
      await page.goto(`${server.url}${path}`)
      return page
    },
    async stop(): Promise<void> {
      await browser.close()
      await server.stop()
    },
  }
}
