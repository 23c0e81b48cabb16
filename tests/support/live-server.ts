import { once } from 'node:events'
import { createServer } from 'node:http'
import { createAuth } from '../../api/identity/auth.ts'
import { accessTagOf, createGate, type Gate } from '../../api/identity/gate.ts'
import { startLive } from '../../api/live/server.ts'
import { Measures } from '../../api/measures/answers.ts'
import { LiveClient } from './live.ts'
import { ADMIN } from './server.ts'
import { openTestStores } from './stores.ts'

/**
 * The live server alone, on stores of its own and in this process, with an administrator who can log in. `answered` may keep
 * what the gate has found from being heard for a while, as a busy database would.
 */
export async function openLiveServer(answered: () => Promise<void> = async () => undefined) {
  const { engine, postgres, close } = await openTestStores()
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const failed = (error: unknown) => {
    throw error
  }
  const auth = createAuth(postgres, 'a secret of the tests, which is long enough', failed)
  const gate = createGate(auth, postgres, false)
  const slowed: Gate = {
    ...gate,
    async viewer(headers) {
      const viewer = await gate.viewer(headers)
      await answered()
      return viewer
    },
  }
  const measures = new Measures(engine, postgres, 'a key of the test')
  const live = await startLive(http, { engine, postgres, gate: slowed, measures, publicUrl: null, failed })
  await auth.createPerson(ADMIN.username, ADMIN.password, 'administrator')
  const clients: LiveClient[] = []
  return {
    auth,
    postgres,
    /** The cookie of a new session. */
    async signIn(): Promise<string> {
      const signedIn = await auth.handler(
        new Request(`${url}/v1/auth/sign-in/username`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(ADMIN),
        }),
      )
      return (signedIn.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
    },
    /** What `/v1/me` would name the access of a session by. */
    async tagFor(cookie: string): Promise<string> {
      return accessTagOf(await gate.viewer(new Headers({ cookie })))
    },
    connect(cookie: string, accessTag?: string): LiveClient {
      const client = new LiveClient({ url }, null, cookie, accessTag)
      clients.push(client)
      return client
    },
    async close(): Promise<void> {
      for (const client of clients) client.close()
      await live.close()
      await close()
    },
  }
}
