import { invalidateAll } from '$app/navigation'
import { api } from '../api.ts'
import { entryFor } from '../entry.ts'
import { openSocket } from './socket.ts'

/** What is heard within this time is looked at once. */
const SETTLE_MS = 300

/**
 * Keeps the page to what may be done now. When that has changed, or may have while the server was away, who looks and what
 * the page shows are read again: what is closed by now makes room for the page that says so, who is signed out is led to the
 * log-in, and all else stays as it was, what is typed into it too. `heard` is told whether the server is. Returns how to stop.
 */
export function watchAccess(heard: (isHeard: boolean) => void): () => void {
  let wasConnected = false
  const look = lookSoon()
  const { socket, close } = openSocket(() => ({ only: 'access' }), {
    changed: look.soon,
    refused: look.soon,
  })
  socket.on('connect', () => {
    if (wasConnected) look.soon()
    wasConnected = true
    heard(true)
  })
  socket.on('disconnect', () => heard(false))
  return () => {
    look.stop()
    close()
  }
}

/**
 * Reads again who looks and what the page shows, soon, and once for several calls; `looked` is called then. Where nothing is
 * typed the page may as well be loaded anew.
 */
export function lookSoon(looked = () => {}) {
  let timer: ReturnType<typeof setTimeout> | undefined
  const settle = (then: () => unknown) => {
    timer ??= setTimeout(() => {
      timer = undefined
      then()
    }, SETTLE_MS)
  }
  async function look(): Promise<void> {
    // A server that does not answer takes nothing from the screen; it is asked again when it is back.
    const isAnswered = await api.me().then(
      () => true,
      (error: unknown) => entryFor(error, new URL(location.href)) !== null,
    )
    if (!isAnswered) return
    await invalidateAll()
    looked()
  }
  return {
    soon: () => settle(look),
    reload: () => settle(() => location.reload()),
    stop: () => clearTimeout(timer),
  }
}
