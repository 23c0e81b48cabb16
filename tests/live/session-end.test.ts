import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { createAuth } from '../../api/identity/auth.ts'
import { AUTH_DEFAULTS } from '../../api/identity/auth-options.ts'
import { createGate } from '../../api/identity/gate.ts'
import { startLive } from '../../api/live/server.ts'
import { Measures } from '../../api/measures/answers.ts'
import { LiveClient } from '../support/live.ts'
import { ADMIN, waitFor } from '../support/server.ts'
import { openTestStores } from '../support/stores.ts'

/** Well below the half minute after which every socket is looked at in any case, and no bell is rung here. */
const SOON_MS = 8_000

test('an open socket ends with its log-in, idle or absolute, and goes on with one that is used', async () => {
  const { engine, postgres, close } = await openTestStores()
  const http = createServer().listen(0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const failed = (error: unknown) => {
    throw error
  }
  const auth = createAuth(postgres, 'a secret of the tests, which is long enough', failed)
  const live = await startLive(http, {
    engine,
    postgres,
    gate: createGate(auth, postgres, false),
    measures: new Measures(engine, postgres, 'a key of the test'),
    publicUrl: null,
    failed,
  })
  const clients: LiveClient[] = []
  try {
    await auth.createPerson(ADMIN.username, ADMIN.password, 'administrator')
    /** Opens a socket on a new log-in whose time stands in `column` and is over in so many seconds. */
    const open = async (column: 'lastUsedAt' | 'expiresAt', endsInS: number) => {
      const signedIn = await auth.handler(
        new Request(`${url}/v1/auth/sign-in/username`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(ADMIN),
        }),
      )
      const cookie = (signedIn.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
      const account = await auth.accountFor(new Headers({ cookie }))
      const idleS = column === 'lastUsedAt' ? AUTH_DEFAULTS.sessionIdleMinutes * 60 : 0
      await postgres.query(
        `UPDATE "session" SET "${column}" = now() + $2 * interval '1 second' WHERE id = $1`,
        [account?.sessionId, endsInS - idleS],
      )
      const client = new LiveClient({ url }, null, cookie)
      clients.push(client)
      await waitFor(() => client.snapshots.length > 0)
      return { client, sessionId: account?.sessionId }
    }
    const used = await open('lastUsedAt', 2)
    const idle = await open('lastUsedAt', 3)
    const old = await open('expiresAt', 3)
    await postgres.query('UPDATE "session" SET "lastUsedAt" = now() WHERE id = $1', [used.sessionId])
    await waitFor(() => !idle.client.isConnected && !old.client.isConnected, SOON_MS)
    // Its first end came before theirs and was looked at; it does not hold any more.
    expect(used.client.isConnected).toBe(true)
    expect(used.client.names.filter((name) => name === 'access')).toEqual([])
  } finally {
    for (const client of clients) client.close()
    await live.close()
    await close()
  }
})
