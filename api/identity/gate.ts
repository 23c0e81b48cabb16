import { createHash } from 'node:crypto'
import { parse } from 'hono/utils/cookie'
import { AppError } from '#domain/error.ts'
import { RIGHTS, type Right } from '#domain/right.ts'
import type { Scope } from '#domain/scope.ts'
import type { Sql } from '#sql/postgres.ts'
import { type Access, accessOf, scopeFor, screenAccess } from './access.ts'
import type { Auth, Person } from './auth.ts'
import { cookieName } from './cookie.ts'
import { type KeptWall, WALL_COOKIE, wallOf } from './walls.ts'

/**
 * Who looks: a person, a screen that was paired (`device`), or the wall in the room, which needs no log-in while the server
 * is bound to loopback.
 */
export type Viewer = { access: Access } & (
  | { kind: 'person'; person: Person }
  | { kind: 'device'; wall: KeptWall }
  | { kind: 'wall' }
)

/** Decides who a request or a socket is and what it may see. Every route and the socket ask here and nowhere else. */
export type Gate = {
  /** Who it is, `null` for nobody. */
  find(headers: Headers): Promise<Viewer | null>
  /** @throws AppError `unauthenticated`. */
  viewer(headers: Headers): Promise<Viewer>
  /** Whoever looks, person or screen, with a right. @throws AppError `unauthenticated`, `forbidden`. */
  see(headers: Headers, right: Right): Promise<{ viewer: Viewer; scope: Scope }>
  /** A person with a right. @throws AppError `unauthenticated`, `forbidden`. */
  allow(headers: Headers, right: Right): Promise<{ person: Person; access: Access; scope: Scope }>
  /** A person, whatever they may do. @throws AppError `unauthenticated`. */
  person(headers: Headers): Promise<{ person: Person; access: Access }>
}

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i
/** The wall in the room: what a hall may see, and the files of whoever sits at the server itself. */
const WALL_ACCESS = screenAccess(['figures.read', 'figures.export', 'alerts.read'])
/** A screen elsewhere only looks, and at its own region. */
const deviceAccess = ({ region, side }: KeptWall) =>
  screenAccess(['figures.read', 'alerts.read'], {
    regions: region === '' ? [] : [region],
    side,
    sectors: [],
  })

export function createGate(auth: Auth, postgres: Sql, isLoopback: boolean): Gate {
  async function viewerOrNull(headers: Headers): Promise<Viewer | null> {
    const found = await auth.personFor(headers)
    if (found) {
      const { untilMs, ...person } = found
      return { kind: 'person', person, access: endingAt(untilMs, await accessOf(postgres, person.id)) }
    }
    const wallCookie = cookieName(WALL_COOKIE, headers, auth.settings.publicUrl)
    const token = parse(headers.get('cookie') ?? '', wallCookie)[wallCookie]
    const wall = token === undefined ? null : await wallOf(postgres, token)
    if (wall) return { kind: 'device', wall, access: deviceAccess(wall) }
    // A proxy in front means the reader may be anywhere, whatever address we are bound to.
    const isProxied = headers.has('x-forwarded-for') || headers.has('forwarded')
    // Another name in Host is a page elsewhere that had its name resolved to this machine.
    if (isLoopback && !isProxied && LOOPBACK_HOST.test(headers.get('host') ?? ''))
      return { kind: 'wall', access: WALL_ACCESS }
    return null
  }
  const gate: Gate = {
    find: viewerOrNull,
    async viewer(headers) {
      const viewer = await viewerOrNull(headers)
      if (!viewer) throw unauthenticated()
      return viewer
    },
    async see(headers, right) {
      const viewer = await gate.viewer(headers)
      return { viewer, scope: requireRight(viewer.access, right) }
    },
    async allow(headers, right) {
      const { person, access } = await gate.person(headers)
      return { person, access, scope: requireRight(access, right) }
    },
    async person(headers) {
      const viewer = await viewerOrNull(headers)
      if (viewer?.kind !== 'person') throw unauthenticated()
      return viewer
    },
  }
  return gate
}

/** A person may do what the posts give, and no longer than the log-in lasts. */
const endingAt = (untilMs: number, access: Access): Access => ({
  ...access,
  untilMs: Math.min(access.untilMs ?? untilMs, untilMs),
})

/** Names who looks and what they may do now: what they may see is the same while this is. */
export function accessTagOf(viewer: Viewer): string {
  const who = viewer.kind === 'person' ? viewer.person.id : viewer.kind
  return createHash('sha256')
    .update(JSON.stringify([who, viewer.access.posts]))
    .digest('base64url')
}

/** What the right holds for. @throws AppError `forbidden`. */
export function requireRight(access: Access, right: Right): Scope {
  const scope = scopeFor(access, right)
  if (!scope)
    throw new AppError(
      'forbidden',
      `this needs the right ${right} (${RIGHTS[right].zh}); ask whoever manages people for a post that has it`,
      { refused: { right } },
    )
  return scope
}

const unauthenticated = () => new AppError('unauthenticated', 'log in first')
