import { z } from 'zod'
import { ActReason } from './audit.ts'
import { canonicalRegion } from './region.ts'
import { Kind } from './signal.ts'
import { parseInstant } from './time.ts'

const Region = z.string().transform((text, context) => {
  const code = canonicalRegion(text)
  if (code === null) context.addIssue({ code: 'custom', message: 'is not a region code of GB/T 2260' })
  return code ?? ''
})
const Instant = z.string().transform((text, context) => {
  const ms = parseInstant(text)
  if (ms === null)
    context.addIssue({ code: 'custom', message: 'must be a time like 2026-11-01T00:00:00+08:00 or a date' })
  return ms ?? 0
})
const LockId = z.object({
  kind: Kind.meta({ zh: '信号种类', en: 'Kind of signal', example: 'workers' }),
  region: Region.meta({ zh: '地区', en: 'Region', example: '520000' }),
})

/** A source that may still send into a closed period, and why. */
const Exception = z.object({ source: z.string().max(100), reason: ActReason })

/** How a period is closed: nothing of the kind and region subtree that speaks of before `before` is taken from then on. */
export const LockTerms = LockId.extend({
  before: Instant,
  reason: ActReason,
  exceptions: z.array(Exception).max(1_000).default([]),
})
export type LockTerms = z.infer<typeof LockTerms>

/** A closed period is named by its kind and region; why it is opened again stands in the audit log. */
export const OpenLock = LockId.extend({ reason: ActReason })
/** How many closed periods were opened: one, or none where nothing was closed. */
export const OpenedLocks = z.object({ removed: z.int() })

/** A closed period as it stands; `by` closed or last changed it at `since`, for `reason`. Times are ISO 8601. */
export const Lock = z
  .object({
    kind: Kind,
    region: z.string(),
    before: z.string(),
    reason: z.string(),
    by: z.string(),
    since: z.string(),
    exceptions: z.array(z.object({ source: z.string(), reason: z.string() })),
  })
  .meta({ id: 'Lock' })
export type Lock = z.infer<typeof Lock>
export const Locks = z.object({ locks: z.array(Lock) })
