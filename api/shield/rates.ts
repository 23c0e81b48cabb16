import type { MiddlewareHandler } from 'hono'
import { AppError } from '#domain/error.ts'
import { addressOf } from '../http.ts'
import type { Auth } from '../identity/auth.ts'
import type { Buckets } from './buckets.ts'

/** Far above what pages and offices need, below what keeps others from being served. */
export const RATES = {
  address: { perSecond: 500, burst: 5_000 },
  person: { perSecond: 100, burst: 2_000 },
  /** Wrong passwords and codes from one address that is not known by a log-in; that an account is shut comes on top. */
  guesses: { perSecond: 0.5, burst: 30 },
}

/** Refuses an address that asks too often. A source whose key was taken has a limit of its own and is not counted here. */
export function limitAddresses(buckets: Buckets): MiddlewareHandler {
  return async (c, next) => {
    const key = networkOf(addressOf(c))
    rejectWhenEmpty(buckets, key, 'this address')
    await next()
    const isSending = c.req.method === 'POST' && c.req.path.startsWith('/v1/signals/')
    if (isSending && c.res.status !== 401) buckets.giveBack(key)
  }
}

/** The same log-ins, for people who do not ask too often. @throws AppError `too_often` from `personFor`. */
export function limitPeople(auth: Auth, buckets: Buckets): Auth {
  return {
    ...auth,
    async personFor(headers) {
      const person = await auth.personFor(headers)
      if (person) rejectWhenEmpty(buckets, person.id, 'this person')
      return person
    },
  }
}

export function rejectWhenEmpty(buckets: Buckets, key: string, who: string): void {
  const retryAfterS = buckets.take(key)
  if (retryAfterS !== null)
    throw new AppError('too_often', `too many requests from ${who}; wait as long as Retry-After says`, {
      retryAfterS,
    })
}

/** One customer of a provider has a whole /64 of IPv6. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length
  return [...groups, ...Array(Math.max(0, missing)).fill('0'), ...(tail ?? '').split(':')]
    .slice(0, 4)
    .join(':')
}
