import { z } from 'zod'
import { Kind } from './signal.ts'
import { DAY_MS } from './time.ts'

/**
 * A key of a source as people see it; the key itself is shown once, when it is made. `prefix` is how it begins, '' for
 * keys from before that was kept. `kinds` and `region` narrow what the source may send, `null` where they do not;
 * `allowedAddresses` are CIDR blocks, none of them means from anywhere; `rowsPerMinute` `null` is no limit. `expiresAt`
 * `null` is never; `replacedBy` is the id of the key that takes over from it.
 */
export const SourceKey = z
  .object({
    id: z.string(),
    prefix: z.string(),
    kinds: z.array(Kind).nullable(),
    region: z.string().nullable(),
    allowedAddresses: z.array(z.string()),
    rowsPerMinute: z.int().nullable(),
    createdAt: z.string(),
    createdBy: z.string(),
    expiresAt: z.string().nullable(),
    replacedBy: z.string().nullable(),
    revokedAt: z.string().nullable(),
    revokedBy: z.string().nullable(),
    lastUsedAt: z.string().nullable(),
  })
  .meta({ id: 'SourceKey' })
export type SourceKey = z.infer<typeof SourceKey>

/** How long before a key expires people are told. */
const WARNING_MS = 14 * DAY_MS
/** A sender has moved to another key when that one was used so much later than this one. */
const MOVED_MS = DAY_MS

type Term = Pick<SourceKey, 'expiresAt' | 'revokedAt'>

/** Whether a key opens the door at `nowMs`. */
export function standingOf({ expiresAt, revokedAt }: Term, nowMs: number): 'active' | 'expired' | 'revoked' {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && Date.parse(expiresAt) <= nowMs ? 'expired' : 'active'
}

/**
 * The active key of a source that expires soonest, within 14 days, though its sender has not moved to one that lasts longer;
 * `null` when there is none. A key that was never used is not missed where another one lasts.
 */
export function keyToRenew<K extends Term & Pick<SourceKey, 'lastUsedAt'>>(
  keys: readonly K[],
  nowMs: number,
): K | null {
  const active = keys.filter((key) => standingOf(key, nowMs) === 'active')
  const lasting = active.filter((key) => endMs(key) > nowMs + WARNING_MS)
  const isLeft = (key: K) =>
    lasting.some(
      ({ lastUsedAt }) =>
        key.lastUsedAt === null ||
        (lastUsedAt !== null && Date.parse(lastUsedAt) - Date.parse(key.lastUsedAt) >= MOVED_MS),
    )
  return (
    active
      .filter((key) => endMs(key) <= nowMs + WARNING_MS && !isLeft(key))
      .sort((a, b) => endMs(a) - endMs(b))[0] ?? null
  )
}

const endMs = ({ expiresAt }: Term) => (expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt))
