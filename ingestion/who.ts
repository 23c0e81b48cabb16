import type { Context } from 'hono'
import type { AuditAction } from '#domain/audit.ts'
import { AppError } from '#domain/error.ts'
import type { Right } from '#domain/right.ts'
import { holdsRegion, type Scope } from '#domain/scope.ts'
import type { Batches, KnownBatch } from './batches.ts'
import type { SendingSource, Sources } from './sources.ts'

/** Who acts: a source by its key, or a person with the right that was asked for. `name` is how it is written down. */
export type Who =
  | { kind: 'source'; name: string; source: SendingSource }
  | { kind: 'person'; name: string; id: string; scope: Scope }

/** What routes for both need. `allow` throws AppError `unauthenticated` or `forbidden`. */
export type WhoDeps = {
  sources: Sources
  allow: (
    headers: Headers,
    right: Right,
  ) => Promise<{ person: { id: string; username: string }; scope: Scope }>
  /** Writes an act down for those who look after what was done. */
  audited: (c: Context, who: Who, action: AuditAction, subject: string, reason: string) => Promise<void>
}

/** The person of a session, who must have a right. @throws AppError. */
export async function personFor(
  deps: WhoDeps,
  headers: Headers,
  right: Right,
): Promise<Who & { kind: 'person' }> {
  const { person, scope } = await deps.allow(headers, right)
  return { kind: 'person', name: person.username, id: person.id, scope }
}

/** The source of the key, where one is sent; else the person of the session, who must have a right. @throws AppError. */
export async function whoFor(deps: WhoDeps, headers: Headers, right: Right): Promise<Who> {
  const authorization = headers.get('authorization')
  if (authorization === null) return await personFor(deps, headers, right)
  const source = await deps.sources.authenticate(authorization)
  return { kind: 'source', name: source.id, source }
}

/** A source that this person's right holds for. @throws AppError `not_found`, also for one of elsewhere. */
export async function sourceWithin(deps: WhoDeps, scope: Scope, id: string): Promise<SendingSource> {
  const source = await deps.sources.find(id)
  if (!source || !holdsRegion(scope, source.region))
    throw new AppError('not_found', 'there is no such source')
  return source
}

/** A batch, for the source that sent it or a person whose right holds for its source. @throws AppError `not_found`. */
export async function batchFor(
  deps: { batches: Batches; sources: Sources },
  who: Who,
  id: string,
): Promise<KnownBatch> {
  const batch = await deps.batches.find(id, who.kind === 'source' ? who.source.id : null)
  if (batch && (who.kind === 'source' || (await isWithinScope(deps.sources, who.scope, batch.source))))
    return batch
  throw new AppError(
    'not_found',
    who.kind === 'source' ? 'this source has no such batch' : 'there is no such batch',
  )
}

/** Whether a right holds for a source; one that is gone is seen by those who see everywhere. */
export async function isWithinScope(sources: Sources, scope: Scope, id: string): Promise<boolean> {
  return holdsRegion(scope, (await sources.find(id))?.region ?? '')
}
