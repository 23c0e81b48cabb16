import { expect, test } from 'vitest'
import { announceAccess } from '../../api/identity/access.ts'
import type { LiveClient } from '../support/live.ts'
import { openLiveServer } from '../support/live-server.ts'
import { waitFor } from '../support/server.ts'

/** How long the gate is kept from being heard: well below the half minute after which every socket is looked at in any case. */
const SLOW_MS = 700

/** Somebody on the live socket of a gate whose next answers are heard late, and what takes the rights away. */
async function open() {
  let slow = 0
  const server = await openLiveServer(async () => {
    if (slow === 0) return
    slow--
    await new Promise((resolve) => setTimeout(resolve, SLOW_MS))
  })
  return {
    ...server,
    slowNext: () => {
      slow = 1
    },
    ring: () => announceAccess(server.postgres),
    takeRights: () => server.postgres.query(`UPDATE posts SET "endsAt" = now()`),
  }
}
const sees = (client: LiveClient) => client.snapshots.length > 0
const changes = (client: LiveClient) => client.names.filter((name) => name === 'access').length

test('two looks at what a socket may see do not cross: what was found last holds', async () => {
  const { signIn, connect, slowNext, ring, takeRights, close } = await open()
  try {
    const client = connect(await signIn())
    await waitFor(() => sees(client))
    slowNext()
    await ring()
    await new Promise((resolve) => setTimeout(resolve, SLOW_MS / 3))
    await takeRights()
    await ring()
    await waitFor(() => changes(client) > 0)
    // What the slow look had found, with all rights, would be told as one more change.
    await new Promise((resolve) => setTimeout(resolve, 2 * SLOW_MS))
    expect(changes(client)).toBe(1)
  } finally {
    await close()
  }
})

test('a change while a socket is let in reaches it', async () => {
  const { signIn, connect, slowNext, ring, takeRights, close } = await open()
  try {
    slowNext()
    const client = connect(await signIn())
    await new Promise((resolve) => setTimeout(resolve, SLOW_MS / 2))
    await takeRights()
    await ring()
    await waitFor(() => sees(client) && changes(client) > 0, 5_000)
  } finally {
    await close()
  }
})

test('what changed between the first question of a page and its socket is the first that the socket tells', async () => {
  const { signIn, tagFor, connect, takeRights, close } = await open()
  try {
    const cookie = await signIn()
    const accessTag = await tagFor(cookie)
    const before = connect(cookie, accessTag)
    await waitFor(() => sees(before))
    // Without a bell: one that rang before the socket was let in is heard by none.
    await takeRights()
    const after = connect(cookie, accessTag)
    await waitFor(() => sees(after))
    expect(after.names.slice(0, 2)).toEqual(['access', 'snapshot'])
    expect(changes(before)).toBe(0)
  } finally {
    await close()
  }
})
