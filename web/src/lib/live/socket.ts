import { io, type Socket } from 'socket.io-client'
import type { z } from 'zod'
import { AccessChanged, type Handshake } from '#domain/live-events.ts'
import { api } from '../api.ts'

const RETRY_MS = 5_000

/**
 * A socket to the server that comes back by itself whatever cut it off. `changed` is called when somebody may do other things
 * than before, `refused` when the server lets nobody in with what this browser has.
 */
export function openSocket(
  handshake: () => z.input<typeof Handshake>,
  { changed, refused }: { changed: () => void; refused: () => void },
): { socket: Socket; close: () => void } {
  let retry: ReturnType<typeof setTimeout> | undefined
  const socket = io({
    path: '/live',
    transports: ['websocket'],
    // What has changed since the page first asked is told to it at once.
    auth: (answer) => answer({ ...handshake(), accessTag: api.accessTag }),
    reconnectionDelayMax: RETRY_MS,
  })
  socket.on('disconnect', (reason) => {
    // Put out by the server: the library does not come back by itself, and the next try says whether we still may.
    if (reason === 'io server disconnect') socket.connect()
  })
  socket.on('connect_error', ({ message }) => {
    if (message === 'unauthenticated') refused()
    // Answered and turned away: the library tries again only where it was not answered at all.
    if (!socket.active) retry = setTimeout(() => socket.connect(), RETRY_MS)
  })
  socket.on('access', (payload: unknown) => {
    if (AccessChanged.safeParse(payload).success) changed()
  })
  return {
    socket,
    close() {
      clearTimeout(retry)
      socket.close()
    },
  }
}
