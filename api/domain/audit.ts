import { z } from 'zod'
import { maskIdentifiers, maskTitle } from './person.ts'
import { plainText } from './text.ts'

/** Why somebody looks at a person, a household or a row in clear, as it stands in the log: without a number or a name. */
export const LookReason = z
  .string('must say why, in at least 6 characters')
  .overwrite(plainText)
  .min(6, 'must say why, in at least 6 characters')
  .max(500, 'has at most 500 characters')
  .transform(maskIdentifiers)

/** Why somebody ends or changes what others rely on, as the audit log keeps it: without a number, but with the days it speaks of. */
export const ActReason = z
  .string('must say why, in 1 to 500 characters')
  .overwrite(plainText)
  .min(1, 'must say why, in 1 to 500 characters')
  .max(500, 'has at most 500 characters')
  .transform(maskTitle)

/** What stands in the place of the right where a refusal was for want of a second factor. */
export const REFUSED_FACTOR = 'secondFactor'

/**
 * Every act that the audit log knows. `identity.search` looks a person up and shows it masked, `identity.read` opens the
 * record, `identity.refused` and for all other rights `refused` is an attempt of somebody without the right that is the
 * subject, or without the `secondFactor` that the role asks for: by the route and for the region in the reason, `+12` for so
 * many more within the minute. `identity.rotate` makes a new key current.
 * `lock.put` closes a period or changes how it is closed, `lock.except` lets a source into it, `lock.delete` opens it again.
 * `batch.send` is a person who sends in a source's name, `export` any sheet but that of the log itself.
 */
export const AUDIT_ACTIONS = [
  'identity.search',
  'identity.read',
  'identity.erase',
  'identity.refused',
  'identity.rotate',
  'refused',
  'audit.export',
  'export',
  'household.read',
  'alert.acknowledge',
  'alert.comment',
  'batch.send',
  'columns.put',
  'source.create',
  'source.change',
  'unit.create',
  'unit.update',
  'unit.retire',
  'unit.duty',
  'unit.earlierReports',
  'unit.reporters',
  'batch.withdraw',
  'quarantine.read',
  'quarantine.correct',
  'quarantine.dismiss',
  'quarantine.replay',
  'lock.put',
  'lock.except',
  'lock.delete',
  'mappings.put',
  'key.create',
  'key.change',
  'key.rotate',
  'key.revoke',
  'wall.pair',
  'wall.rename',
  'wall.revoke',
  'role.put',
  'role.delete',
  'role.retire',
  'post.put',
  'smallCounts.put',
  'signIn.success',
  'signIn.failure',
  'signIn.locked',
  'signOut',
  'password.change',
  'password.reset',
  'secondFactor.enable',
  'secondFactor.disable',
  'secondFactor.newCodes',
  'secondFactor.reset',
  'session.revoke',
  'person.create',
  'person.update',
  'person.disable',
  'person.enable',
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

/** An entry as it is read. `subjectName`: what the subject is called today; `null` where it has no name, or is no longer there. */
export const NamedEntry = AuditEntry.extend({
  subjectName: z.object({ zh: z.string(), en: z.string() }).nullable(),
}).meta({ id: 'AuditEntry' })
export type NamedEntry = z.infer<typeof NamedEntry>

/**
 * The first place where the log is not what was written: an entry that was `altered`, one that is `missing`, or `cut` when
 * entries are gone from its end.
 */
export const BrokenLink = z.object({ seq: z.int(), kind: z.enum(['altered', 'missing', 'cut']) })
export type BrokenLink = z.infer<typeof BrokenLink>
