import { expect, test } from 'vitest'
import { AUTH_DEFAULTS } from '../../api/identity/auth-options.ts'
import { openLiveServer } from '../support/live-server.ts'
import { waitFor } from '../support/server.ts'

/** Well below the half minute after which every socket is looked at in any case, and no bell is rung here. */
const SOON_MS = 8_000

test('an open socket ends with its log-in, idle or absolute, and goes on with one that is used', async () => {
  const { auth, postgres, signIn, connect, close } = await openLiveServer()
  try {
    /** Opens a socket on a new log-in whose time stands in `column` and is over in so many seconds. */
    const open = async (column: 'lastUsedAt' | 'expiresAt', endsInS: number) => {
      const cookie = await signIn()
      const account = await auth.accountFor(new Headers({ cookie }))
      const idleS = column === 'lastUsedAt' ? AUTH_DEFAULTS.sessionIdleMinutes * 60 : 0
      await postgres.query(
        `UPDATE "session" SET "${column}" = now() + $2 * interval '1 second' WHERE id = $1`,
        [account?.sessionId, endsInS - idleS],
      )
      const client = connect(cookie)
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
    await close()
  }
})

test('a post that begins and ends by the clock is heard of on an open socket within two seconds, though nobody rings', async () => {
  const { auth, postgres, signIn, connect, close } = await openLiveServer()
  try {
    const cookie = await signIn()
    const account = await auth.accountFor(new Headers({ cookie }))
    const beginsMs = Date.now() + 4_000
    const endsMs = beginsMs + 4_000
    await postgres.query(
      `INSERT INTO posts (id, "personId", role, regions, "startsAt", "endsAt") VALUES ('by-the-clock', $1, 'leader', '{4305}', $2, $3)`,
      [account?.id, new Date(beginsMs), new Date(endsMs)],
    )
    const client = connect(cookie)
    await waitFor(() => client.snapshots.length > 0)
    const told = () => client.events.flatMap((event) => (event.name === 'access' ? [event.value.at] : []))
    await waitFor(() => told().length === 2, endsMs + SOON_MS - Date.now())
    const lateMs = told().map((at, i) => Date.parse(at) - (i === 0 ? beginsMs : endsMs))
    for (const ms of lateMs) expect(ms).toSatisfy((late: number) => late >= 0 && late < 2_000)
  } finally {
    await close()
  }
})
