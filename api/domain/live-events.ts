import { z } from 'zod'
import { Alert, type AlertLogEntry } from './alert.ts'

/**
 * Socket.IO events on path `/live` (websocket only). The handshake carries `auth: {after: <last seq seen>}`.
 * On connect the server sends `snapshot`, then every log entry after the client's number, then what happens.
 * The log's sequence number is the truth: a client drops an entry whose `seq` it has already applied.
 * A page that shows nothing live asks for `only: 'access'`, and is told that alone. `accessTag` is that of `/v1/me` by which
 * the page was made: where it is another by now, `access` is the first event.
 */
export const Handshake = z.object({
  after: z.coerce.number().int().min(0).nullish(),
  only: z.literal('access').optional(),
  accessTag: z.string().optional(),
})
export type Handshake = z.infer<typeof Handshake>

/**
 * Last values of the measures that move, in the units of the catalogue; a missing id did not change. `hidden`: of those
 * that are `null` as they rest on too few people for whoever looks, below how many that is. May be dropped.
 */
export const Pulse = z.object({
  at: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  hidden: z.record(z.string(), z.int()).default({}),
  /** Signals received in the last minute, all kinds; `null` for who does not see everything. */
  rowsLastMinute: z.int().nullable(),
  /** When the last signal of any kind was committed; `null` on an empty store. */
  dataAt: z.string().nullable(),
  /** Kinds that changed since the last pulse: what a page should ask for again. */
  changed: z.array(z.enum(['workers', 'arrears', 'industry'])),
})
export type Pulse = z.infer<typeof Pulse>

/** All alerts that are not resolved, as of log number `seq`. */
export const Snapshot = z.object({ seq: z.int(), alerts: z.array(Alert) })
export type Snapshot = z.infer<typeof Snapshot>

/** Sent every few seconds: everything up to `seq` has been sent, so a quiet client knows it missed nothing. */
export const Watermark = z.object({ seq: z.int(), at: z.string() })
export type Watermark = z.infer<typeof Watermark>

/** Something stopped: a source, by its name, or the `store`. `since: null` says it is back. */
export const Stale = z.object({
  what: z.enum(['source', 'store']),
  name: z.string(),
  since: z.string().nullable(),
})
export type Stale = z.infer<typeof Stale>

/** What one may do has changed: ask for everything again. A new snapshot follows. */
export const AccessChanged = z.object({ at: z.string() })

export type ServerEvents = {
  snapshot: (snapshot: Snapshot) => void
  alert: (entry: AlertLogEntry) => void
  watermark: (watermark: Watermark) => void
  pulse: (pulse: Pulse) => void
  stale: (stale: Stale) => void
  access: (changed: z.infer<typeof AccessChanged>) => void
}
