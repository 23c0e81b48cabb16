import type { Server as HttpServer } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { entryInScope, holdsAlert } from '#domain/alert-scope.ts'
import { AppError } from '#domain/error.ts'
import { alertInHall, entryShownTo } from '#domain/hall.ts'
import { Handshake, type ServerEvents, type Stale } from '#domain/live-events.ts'
import { everythingFor, holdsRegion, type Scope } from '#domain/scope.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { COMMIT_CHANNEL } from '../alerts/dispatch.ts'
import { readLastSeq, readOpenAlerts } from '../alerts/log.ts'
import { ACCESS_CHANNEL, scopeFor } from '../identity/access.ts'
import { accessTagOf, type Gate, type Viewer } from '../identity/gate.ts'
import { WALLS_CHANNEL } from '../identity/walls.ts'
import type { Measures } from '../measures/answers.ts'
import { readSilent } from '../measures/silent.ts'
import { isOwnOrigin } from '../shield/same-site.ts'
import { PulseMaker } from './pulse.ts'
import { LogTail } from './tail.ts'

const WATERMARK_MS = 3_000
const SILENCE_CHECK_MS = 60_000
/** A post begins or ends at an instant that is known, and so a log-in: an open socket follows within this time. */
const UNTIL_CHECK_MS = 1_000
const SESSION_CHECK_MS = 30_000

type LiveSocket = Socket<
  Record<string, never>,
  ServerEvents,
  Record<string, never>,
  {
    cursor: number | null
    isPumping: boolean
    /** The alerts it was told of that are not resolved: one that lies nowhere in its scope any more is to be taken back. */
    told: Set<string>
    sight: Sight
    isQuiet: boolean
    /** Whether what it may see is being looked at, and is to be once more: looks that cross would leave what was. */
    look: 'none' | 'running' | 'again'
    /** Bells of changed rights that had rung when it was let in: one that rings in between finds it in no list. */
    heard: number
  }
>

/** What a socket may see: alerts and figures, each with its scope, until `untilMs`; `figuresKey` is one for all who see the same. */
type Sight = {
  alerts: Scope | null
  figures: Scope | null
  figuresKey: string
  accessTag: string
  untilMs: number | null
  /** For a paired screen, in a hall, names that are not proven are shortened; only a person reads what people write. */
  kind: Viewer['kind']
}

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
    for (const socket of following()) void pump(socket)
  })
  const stale = staleTeller((event, region) => {
    for (const socket of following()) if (maySee(socket, region)) socket.emit('stale', event)
  })
  const pulse = new PulseMaker({
    engine: deps.engine,
    measures: deps.measures,
    send: (value, scope) => {
      const key = keyOf(scope)
      for (const socket of following())
        if (socket.data.sight?.figuresKey === key) socket.volatile.emit('pulse', value)
    },
    worked: () => stale.clear('store', 'store'),
    failed: (error) => {
      stale.set('store', 'store')
      deps.failed(error)
    },
    watchers: () => {
      const byKey = new Map<string, Scope>()
      for (const { data } of following())
        if (data.sight?.figures) byKey.set(data.sight.figuresKey, data.sight.figures)
      return [...byKey.values()]
    },
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
        const { alerts, kind } = socket.data.sight
        let hasLeft = false
        for (const entry of page) {
          const { id, state } = entry.alert
          if (!alerts || !holdsAlert(alerts, entry.alert)) {
            hasLeft ||= socket.data.told.delete(id)
            continue
          }
          socket.emit('alert', entryShownTo(kind, entryInScope(alerts, entry)))
          socket.data.told[state === 'resolved' ? 'delete' : 'add'](id)
        }
        socket.data.cursor = page.at(-1)?.seq ?? socket.data.cursor
        // What became of it is not theirs to know; that it stands no longer, a snapshot says.
        if (hasLeft) await tellStanding(socket)
      }
    } catch (error) {
      deps.failed(error)
      socket.disconnect(true) // It comes back with its number and is served from there.
    } finally {
      socket.data.isPumping = false
    }
  }

  const sightFor = async (socket: Socket): Promise<Sight> => {
    const viewer = await deps.gate.viewer(new Headers(plainHeaders(socket.handshake.headers)))
    return sightOf(viewer)
  }
  /** Sockets that follow more than what one may do. */
  const following = () => sockets().filter(({ data }) => !data.isQuiet)
  const maySee = ({ data }: LiveSocket, region: string | null) =>
    region === null || (data.sight?.figures != null && holdsRegion(data.sight.figures, region))

  /** Sends a socket all alerts that stand. Answers the log number they are as of; `null` when it may see other things meanwhile. */
  async function tellStanding(socket: LiveSocket): Promise<number | null> {
    const { sight } = socket.data
    const { alerts: scope, kind } = sight
    const { seq, alerts } = scope
      ? await readOpenAlerts(deps.postgres, scope)
      : { seq: await readLastSeq(deps.postgres), alerts: [] }
    if (socket.data.sight !== sight) return null
    socket.emit('snapshot', { seq, alerts: kind === 'device' ? alerts.map(alertInHall) : alerts })
    socket.data.told = new Set(alerts.map(({ id }) => id))
    return seq
  }

  /** Sends a socket that follows how things stand and lets it go on from `after`, or from now. */
  async function begin(socket: LiveSocket, after: number | null): Promise<void> {
    if (socket.data.isQuiet) return
    const seq = await tellStanding(socket)
    // Another beginning follows, and this one would show too much.
    if (seq === null) return
    for (const { event, region } of stale.current()) if (maySee(socket, region)) socket.emit('stale', event)
    // A number from the future is from another store: the snapshot is then the place to start.
    socket.data.cursor = after === null || after > seq ? seq : after
    pulse.ring()
    await pump(socket)
  }

  /** Tells a socket that it may see other things than it knows, and how those stand. */
  async function beginAnew(socket: LiveSocket): Promise<void> {
    socket.emit('access', { at: toShanghaiIso(Date.now()) })
    await begin(socket, null)
  }

  /** Looks again at what a socket may see; one that may see nothing any more, or is no screen any more, is put out. */
  async function recheck(socket: LiveSocket): Promise<void> {
    const isRunning = socket.data.look !== 'none'
    socket.data.look = isRunning ? 'again' : 'running'
    if (isRunning) return
    try {
      const sight = await sightFor(socket)
      const before = socket.data.sight
      if (before.kind === 'device' && sight.kind !== 'device') return void socket.disconnect(true)
      if (sight.accessTag === before.accessTag) before.untilMs = sight.untilMs
      else {
        socket.data.sight = sight
        await beginAnew(socket)
      }
    } catch (error) {
      if (!isRefusal(error)) deps.failed(error)
      socket.disconnect(true)
    }
    const isDue = socket.data.look === 'again'
    socket.data.look = 'none'
    if (isDue) await recheck(socket)
  }

  let bells = 0
  io.use((socket, next) => {
    const heard = bells
    sightFor(socket).then(
      (sight) => {
        const isQuiet = Handshake.safeParse(socket.handshake.auth).data?.only === 'access'
        socket.data = { cursor: null, isPumping: false, told: new Set(), sight, isQuiet, look: 'none', heard }
        next()
      },
      (error: unknown) => {
        if (!isRefusal(error)) deps.failed(error)
        next(new Error(isRefusal(error) ? 'unauthenticated' : 'unavailable'))
      },
    )
  })
  io.on('connection', (socket: LiveSocket) => {
    if (socket.data.heard !== bells) void recheck(socket)
    const { after = null, accessTag } = Handshake.safeParse(socket.handshake.auth).data ?? {}
    const isOther = accessTag !== undefined && accessTag !== socket.data.sight.accessTag
    const begun = isOther ? beginAnew(socket) : begin(socket, after)
    begun.catch((error: unknown) => {
      deps.failed(error)
      socket.disconnect(true)
    })
  })

  const timers = [
    setInterval(() => {
      tail.ring() // A bell may have been missed; the log itself cannot.
      for (const socket of following()) {
        if (socket.data.cursor !== null && !socket.data.isPumping)
          socket.emit('watermark', { seq: socket.data.cursor, at: toShanghaiIso(Date.now()) })
        void pump(socket) // What the log got in the instant between a pump's last look and its end.
      }
    }, WATERMARK_MS),
    setInterval(() => {
      for (const socket of sockets())
        if ((socket.data.sight.untilMs ?? Number.POSITIVE_INFINITY) <= Date.now()) void recheck(socket)
    }, UNTIL_CHECK_MS),
    setInterval(() => {
      for (const socket of sockets()) void recheck(socket) // A bell may have been missed here too.
    }, SESSION_CHECK_MS),
    setInterval(() => void tellSilence().catch(deps.failed), SILENCE_CHECK_MS),
  ]

  async function tellSilence(): Promise<void> {
    const rows = await readSilent(
      deps.engine,
      deps.postgres,
      everythingFor('each socket is told of its own sources'),
      {
        atMs: Date.now(),
        knownAtMs: null,
        by: ['source'],
        region: null,
      },
    )
    const sources = await deps.postgres.query<{ id: string; name: string; region: string }>(
      'SELECT id, name, region FROM sources',
    )
    const sourceOf = new Map(sources.map((source) => [source.id, source]))
    for (const row of rows) {
      const source = sourceOf.get(String(row.source))
      if (source) stale[row.value === 1 ? 'set' : 'clear']('source', source.name, source.region)
    }
  }

  await tail.open()
  await deps.postgres.listen(COMMIT_CHANNEL, () => pulse.ring())
  for (const channel of [ACCESS_CHANNEL, WALLS_CHANNEL])
    await deps.postgres.listen(channel, () => {
      bells += 1
      for (const socket of sockets()) void recheck(socket)
    })
  await tellSilence()
  return {
    /** Whether what is committed can be judged: that it cannot shows on a quiet night, too, when no figure is asked for. */
    tellJudging(isWorking: boolean) {
      stale[isWorking ? 'clear' : 'set']('store', 'judging')
    },
    async close() {
      for (const timer of timers) clearInterval(timer)
      pulse.close()
      // It would wait for every request that is under way; whoever stops the server says how long those have.
      void io.close()
    },
  }
}

function sightOf(viewer: Viewer): Sight {
  const { access, kind } = viewer
  const alerts = scopeFor(access, 'alerts.read')
  const figures = scopeFor(access, 'figures.read')
  const figuresKey = figures ? keyOf(figures) : ''
  return { alerts, figures, figuresKey, accessTag: accessTagOf(viewer), untilMs: access.untilMs, kind }
}

/** Nobody, or not yet somebody: who looks is let on no more. Anything else is a fault of ours, and may pass. */
const isRefusal = (error: unknown) =>
  error instanceof AppError && (error.code === 'unauthenticated' || error.code === 'second_factor_missing')

const keyOf = ({ grants, seesSmall }: Scope) => JSON.stringify([grants, seesSmall])

/** Remembers what is stale, of which region (`null`: everybody's matter), and tells each beginning and end once. */
function staleTeller(tell: (event: Stale, region: string | null) => void) {
  const since = new Map<string, { event: Stale; region: string | null }>()
  const keyFor = (what: Stale['what'], name: string, region: string | null) => `${what} ${region} ${name}`
  return {
    current: () => [...since.values()],
    set(what: Stale['what'], name: string, region: string | null = null) {
      const key = keyFor(what, name, region)
      if (since.has(key)) return
      const event = { what, name, since: toShanghaiIso(Date.now()) }
      since.set(key, { event, region })
      tell(event, region)
    },
    clear(what: Stale['what'], name: string, region: string | null = null) {
      if (since.delete(keyFor(what, name, region))) tell({ what, name, since: null }, region)
    },
  }
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}
