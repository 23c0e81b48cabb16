import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { AppError } from '#domain/error.ts'

/**
 * For `http.createServer`: who sends headers or a body drop by drop is cut off. 200 MiB, the largest file, fit into the
 * time of a whole request at 350 KB/s.
 */
export const SERVER_LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 15_000,
  requestTimeout: 600_000,
  connectionsCheckingInterval: 5_000,
}
const HEADERS_MAX = 100
const CONNECTIONS_PER_ADDRESS = 512
/** The largest list that a route takes as a whole: 5,000 units with their duty calendars. */
const BODY_BYTES_MAX = 8 * 1024 * 1024
/**
 * Of who is not logged in there is nothing to read but names, passwords and codes: 8 MiB of JSON keep the one thread busy for
 * three seconds, and whoever sends one after the other keeps everybody else from being served.
 */
const OPEN_BYTES_MAX = 16 * 1024
const OPEN = /^\/v1\/(auth\/|setup$|password-links\/use$|walls\/pairings$)/
export const BODY_MS_MAX = 30_000

/** At most so many headers, and connections from one address; `isShared` tells an address that many are behind. */
export function limitConnections(server: Server, isShared: (address: string) => boolean): void {
  server.maxHeadersCount = HEADERS_MAX
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (open.get(address) ?? 0) + 1
    if (count > CONNECTIONS_PER_ADDRESS && !isShared(address)) return void socket.destroy()
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}

/** Bodies of signals are read as streams, with limits of their own; every other one is small and arrives at once. */
export function limitBodies(bodyMsMax: number) {
  const limitSize = limitTo(BODY_BYTES_MAX, 'the body has more than 8 MiB; send it in parts')
  const limitOpen = limitTo(OPEN_BYTES_MAX, 'the body has more than 16 KiB, which nothing here takes')
  return createMiddleware<{ Bindings: HttpBindings }>(async (c, next) => {
    const isReading = c.req.method === 'GET' || c.req.method === 'HEAD'
    if (isReading || /\/signals\/[a-z]+(\/preview)?$/.test(c.req.path)) return await next()
    const { incoming } = c.env
    const late = setTimeout(() => {
      if (!incoming.complete) incoming.socket.destroy()
    }, bodyMsMax)
    try {
      return await (OPEN.test(c.req.path) ? limitOpen : limitSize)(c, next)
    } finally {
      clearTimeout(late)
    }
  })
}

function limitTo(maxSize: number, message: string) {
  return bodyLimit({
    maxSize,
    onError() {
      throw new AppError('too_large', message)
    },
  })
}
