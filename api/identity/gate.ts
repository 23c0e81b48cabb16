import { parse } from 'hono/utils/cookie'
import { AppError } from '#domain/error.ts'
import type { Sql } from '#sql/postgres.ts'
import type { Auth, Person } from './auth.ts'
import { type KeptWall, WALL_COOKIE, wallOf } from './walls.ts'

/**
 * Who looks: a person, a screen that was paired (`device`), or the wall in the room, which needs no log-in while the server
 * is bound to loopback.
 */
export type Viewer =
  | { kind: 'person'; person: Person }
  | { kind: 'device'; wall: KeptWall }
  | { kind: 'wall' }

/** Decides who a request or a socket is. Every route and the socket ask here and nowhere else. */
export type Gate = {
  /** @throws AppError `unauthenticated`. */
  viewer(headers: Headers): Promise<Viewer>
  /** @throws AppError `unauthenticated`, `forbidden`. */
  administrator(headers: Headers): Promise<Person>
  /** @throws AppError `unauthenticated`. */
  person(headers: Headers): Promise<Person>
}

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

export function createGate(auth: Auth, postgres: Sql, isLoopback: boolean): Gate {
  const unauthenticated = () => new AppError('unauthenticated', 'log in first')
  const person = async (headers: Headers) => {
    const found = await auth.personFor(headers)
    if (!found) throw unauthenticated()
    return found
  }
  return {
    person,
    async viewer(headers) {
      const found = await auth.personFor(headers)
      if (found) return { kind: 'person', person: found }
      const token = parse(headers.get('cookie') ?? '', WALL_COOKIE)[WALL_COOKIE]
      const wall = token === undefined ? null : await wallOf(postgres, token)
      if (wall) return { kind: 'device', wall }
      // A proxy in front means the reader may be anywhere, whatever address we are bound to.
      const isProxied = headers.has('x-forwarded-for') || headers.has('forwarded')
      // Another name in Host is a page elsewhere that had its name resolved to this machine.
      if (isLoopback && !isProxied && LOOPBACK_HOST.test(headers.get('host') ?? '')) return { kind: 'wall' }
      throw unauthenticated()
    },
    async administrator(headers) {
      const found = await person(headers)
      if (found.role !== 'administrator') throw new AppError('forbidden', 'only an administrator may do this')
      return found
    },
  }
}
