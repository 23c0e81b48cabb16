import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { REFUSED_FACTOR } from '#domain/audit.ts'
import { AppError } from '#domain/error.ts'
import type { Postgres } from '#sql/postgres.ts'
import { addressOf } from '../http.ts'
import { type Act, appendAudit } from './audit.ts'

const WINDOW_MS = 60_000

/** Of one person and right: the first refusal, which is written down, and how many came after it. */
type Window = { act: Act; more: number; timer: NodeJS.Timeout }

/**
 * Writes down who was refused. Of one person and right the first is written at once, the others within a minute of it are
 * counted and written together: a page gone wrong fills no log.
 */
export class Refusals {
  readonly #postgres: Postgres
  readonly #failed: (error: unknown) => void
  readonly #windows = new Map<string, Window>()

  constructor(postgres: Postgres, failed: (error: unknown) => void) {
    this.#postgres = postgres
    this.#failed = failed
  }

  async note(act: Act): Promise<void> {
    const key = `${act.who?.id} ${act.subject}`
    const open = this.#windows.get(key)
    if (open) {
      open.more += 1
      return
    }
    this.#windows.set(key, { act, more: 0, timer: this.#closeLater(key) })
    await this.#append(act)
  }

  /** Writes down what was only counted so far. */
  async close(): Promise<void> {
    await Promise.all([...this.#windows.keys()].map((key) => this.#closeWindow(key)))
    for (const { timer } of this.#windows.values()) clearTimeout(timer)
  }

  #closeLater(key: string): NodeJS.Timeout {
    return setTimeout(() => void this.#closeWindow(key), WINDOW_MS).unref()
  }

  async #closeWindow(key: string): Promise<void> {
    const open = this.#windows.get(key)
    if (!open) return
    clearTimeout(open.timer)
    this.#windows.delete(key)
    if (open.more === 0) return
    try {
      await this.#append({ ...open.act, reason: `${open.act.reason} +${open.more}` })
    } catch (error) {
      this.#failed(error)
      const later = this.#windows.get(key)
      if (later) later.more += open.more
      else this.#windows.set(key, { ...open, timer: this.#closeLater(key) })
    }
  }

  #append(act: Act): Promise<void> {
    return this.#postgres.transaction((sql) => appendAudit(sql, act))
  }
}

/** How a page finds out who looks; who must enrol first is told so by it, and wanted nothing yet. */
const WHO_LOOKS = '/v1/me'

/**
 * Puts the writing down in front of the routes, so that a new one cannot be forgotten: before the 403 leaves it is written
 * who wanted what right, or had no second factor, by which route and for which place. Sources by their keys have receipts of
 * their own.
 */
export function auditRefusals(
  refusals: Refusals,
  whoIsRefused: (c: Context) => Promise<Act['who']>,
): MiddlewareHandler {
  return async (c, next) => {
    await next()
    const refusal = c.error
    if (!(refusal instanceof AppError) || c.req.header('authorization')) return
    const isPending = refusal.code === 'second_factor_missing'
    if (!isPending && refusal.code !== 'forbidden') return
    // The route as it is mounted: what stands in its place in the address may be anybody's value.
    const route = matchedRoutes(c).findLast(({ path }) => !path.includes('*'))?.path ?? ''
    if (isPending && route === WHO_LOOKS) return
    const who = await whoIsRefused(c)
    if (who === null) return
    const { right = isPending ? REFUSED_FACTOR : '', place = '' } = refusal.refused
    await refusals.note({
      who,
      action: right.startsWith('identity.') ? 'identity.refused' : 'refused',
      subject: right,
      reason: [c.req.method, route, place].filter(Boolean).join(' '),
      address: addressOf(c),
    })
  }
}
