import { z } from 'zod'

/**
 * Every act that the audit log knows. `identity.search` looks a person up and shows it masked, `identity.read` opens the
 * record, `identity.refused` is an attempt of somebody without the right, `identity.rotate` makes a new key current.
 */
export const AUDIT_ACTIONS = [
  'identity.search',
  'identity.read',
  'identity.erase',
  'identity.refused',
  'identity.rotate',
  'audit.export',
  'batch.withdraw',
  'quarantine.correct',
  'quarantine.dismiss',
  'quarantine.replay',
  'lock.put',
  'lock.delete',
  'mappings.put',
  'role.put',
  'post.put',
  'smallCounts.put',
  'signIn.success',
  'signIn.failure',
] as const
export const AuditAction = z.enum(AUDIT_ACTIONS)
export type AuditAction = z.infer<typeof AuditAction>

/**
 * One entry. `seq` counts from 1 without a gap; `who` had the given id and name then, '' when nobody known; `subject` is a
 * person key, `phone:` and a phone key, or an id: never a name or a number; `address` is where the request came from.
 */
export const AuditEntry = z.object({
  seq: z.int(),
  at: z.string(),
  whoId: z.string(),
  whoName: z.string(),
  action: AuditAction,
  subject: z.string(),
  reason: z.string(),
  address: z.string(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/**
 * The first place where the log is not what was written: an entry that was `altered`, one that is `missing`, or `cut` when
 * entries are gone from its end.
 */
export const BrokenLink = z.object({ seq: z.int(), kind: z.enum(['altered', 'missing', 'cut']) })
export type BrokenLink = z.infer<typeof BrokenLink>
