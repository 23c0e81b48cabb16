import type { Server as HttpServer } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { z } from 'zod'
import { alertInHall, entryInHall } from '#domain/hall.ts'
import type { ServerEvents, Stale } from '#domain/live-events.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { COMMIT_CHANNEL } from '../alerts/dispatch.ts'
import { readOpenAlerts } from '../alerts/log.ts'
import type { Gate, Viewer } from '../identity/gate.ts'
import { WALLS_CHANNEL } from '../identity/walls.ts'
import type { Measures } from '../measures/answers.ts'
import { readSilent } from '../measures/silent.ts'
import { isOwnOrigin } from '../shield/same-site.ts'
import { PulseMaker } from './pulse.ts'
import { LogTail } from './tail.ts'

const WATERMARK_MS = 3_000
const SILENCE_CHECK_MS = 60_000

type LiveSocket = Socket<
  Record<string, never>,
  ServerEvents,
  Record<string, never>,
  { cursor: number | null; isPumping: boolean; viewer: Viewer }
>

const Handshake = z.object({ after: z.coerce.number().int().min(0).nullish() })

/**
 * The live server. Every socket holds its own place in the alert log and is sent what comes after it, in order, so that
 * a client that was away for any time misses nothing: nothing here depends on the socket library's own recovery.
 */
export async function startLive(
  http: HttpServer,
  deps: {
    engine: Engine
    postgres: Postgres
    gate: Gate
    measures: Measures
    /** Where people reach the system, for a proxy that changes the host. */
    publicUrl: string | null
    failed: (error: unknown) => void
  },
) {
  const io = new Server<Record<string, never>, ServerEvents, Record<string, never>, LiveSocket['data']>(
    http,
    {
      path: '/live',
      transports: ['websocket'],
      serveClient: false,
      pingInterval: 10_000,
      pingTimeout: 8_000,
      maxHttpBufferSize: 16_384,
      allowRequest: (request, answer) =>
        answer(null, isOwnOrigin(request.headers.origin, request.headers.host, deps.publicUrl)),
    },
  )
  const sockets = () => [...io.sockets.sockets.values()] as LiveSocket[]
  const tail = new LogTail(deps.postgres, () => {
    for (const socket of sockets()) void pump(socket)
  })
  const stale = staleTeller((event) => io.emit('stale', event))
  const pulse = new PulseMaker({
    engine: deps.engine,
    measures: deps.measures,
    send: (value) => io.volatile.emit('pulse', value),
    worked: () => stale.clear('store', 'store'),
    failed: (error) => {
      stale.set('store', 'store')
      deps.failed(error)
    },
    isWatched: () => io.engine.clientsCount > 0,
  })

  /** Sends a socket what it has not seen, page by page. One pump a socket at a time keeps the order. */
  async function pump(socket: LiveSocket): Promise<void> {
    if (socket.data.isPumping || socket.data.cursor === null) return
    socket.data.isPumping = true
    try {
      for (
        let page = await tail.after(socket.data.cursor);
        page.length > 0 && socket.connected;
        page = await tail.after(socket.data.cursor)
      ) {
        const isHall = socket.data.viewer.kind === 'device'
        for (const entry of page) socket.emit('alert', isHall ? entryInHall(entry) : entry)
        socket.data.cursor = page.at(-1)?.seq ?? socket.data.cursor
      }
    } catch (error) {
      deps.failed(error)
      socket.disconnect(true) // It comes back with its number and is served from there.
    } finally {
      socket.data.isPumping = false
    }
  }

  const viewerOf = (socket: Socket) => deps.gate.viewer(new Headers(plainHeaders(socket.handshake.headers)))
  /** A screen that was revoked is put out; one that may look as somebody else comes back as that. */
  async function recheckWalls(): Promise<void> {
    for (const socket of sockets().filter(({ data }) => data.viewer.kind === 'device'))
      if ((await viewerOf(socket).catch(() => null))?.kind !== 'device') socket.disconnect(true)
  }

  io.use((socket, next) => {
    viewerOf(socket).then(
      (viewer) => {
        socket.data = { cursor: null, isPumping: false, viewer }
        next()
      },
      () => next(new Error('unauthenticated')),
    )
  })
  io.on('connection', (socket: LiveSocket) => {
    const after = Handshake.safeParse(socket.handshake.auth).data?.after ?? null
    readOpenAlerts(deps.postgres)
      .then((snapshot) => {
        const isHall = socket.data.viewer.kind === 'device'
        const { seq, alerts } = snapshot
        socket.emit('snapshot', { seq, alerts: isHall ? alerts.map(alertInHall) : alerts })
        for (const event of stale.current()) socket.emit('stale', event)
        // A number from the future is from another store: the snapshot is then the place to start.
        socket.data.cursor = after === null || after > snapshot.seq ? snapshot.seq : after
        pulse.ring()
        return pump(socket)
      })
      .catch((error: unknown) => {
        deps.failed(error)
        socket.disconnect(true)
      })
  })

  const timers = [
    setInterval(() => {
      tail.ring() // A bell may have been missed; the log itself cannot.
      for (const socket of sockets()) {
        if (socket.data.cursor !== null && !socket.data.isPumping)
          socket.emit('watermark', { seq: socket.data.cursor, at: toShanghaiIso(Date.now()) })
        void pump(socket) // What the log got in the instant between a pump's last look and its end.
      }
    }, WATERMARK_MS),
    setInterval(() => void tellSilence().catch(deps.failed), SILENCE_CHECK_MS),
  ]

  async function tellSilence(): Promise<void> {
    const rows = await readSilent(deps.engine, deps.postgres, {
      atMs: Date.now(),
      knownAtMs: null,
      by: ['source'],
      region: null,
    })
    const sources = await deps.postgres.query<{ id: string; name: string }>('SELECT id, name FROM sources')
    const nameOf = new Map(sources.map(({ id, name }) => [id, name]))
    for (const row of rows)
      stale[row.value === 1 ? 'set' : 'clear']('source', nameOf.get(String(row.source)) ?? String(row.source))
  }

  await tail.open()
  await deps.postgres.listen(COMMIT_CHANNEL, () => pulse.ring())
  await deps.postgres.listen(WALLS_CHANNEL, () => void recheckWalls())
  await tellSilence()
  return {
    async close() {
      for (const timer of timers) clearInterval(timer)
      pulse.close()
      await io.close()
    },
  }
}

/** Remembers what is stale and tells each beginning and end once. */
function staleTeller(tell: (event: Stale) => void) {
  const since = new Map<string, Stale>()
  return {
    current: () => [...since.values()],
    set(what: Stale['what'], name: string) {
      if (since.has(`${what} ${name}`)) return
      const event = { what, name, since: toShanghaiIso(Date.now()) }
      since.set(`${what} ${name}`, event)
      tell(event)
    },
    clear(what: Stale['what'], name: string) {
      if (since.delete(`${what} ${name}`)) tell({ what, name, since: null })
    },
  }
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}
