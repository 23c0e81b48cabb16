import type { Context } from 'hono'
import type { AuditAction } from '#domain/audit.ts'
import { AppError } from '#domain/error.ts'
import type { Right } from '#domain/right.ts'
import { holdsRegion, type Scope } from '#domain/scope.ts'
import type { Sql } from '#sql/postgres.ts'
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
  /** Writes an act down for those who look after what was done, in the transaction of `sql` where it is one with what it tells of. */
  audited: (
    c: Context,
    who: Who | Omit<Who & { kind: 'person' }, 'scope'>,
    action: AuditAction,
    subject: string,
    reason: string,
    sql?: Sql,
  ) => Promise<void>
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

/** The source of the key that a request carries, from where it may be used. @throws AppError. */
export async function sourceByKey(sources: Sources, c: Context): Promise<SendingSource> {
  return await sources.authenticate(c.req.header('authorization'), connectionAddress(c))
}

/** The source of the key, where one is sent; else the person of the session, who must have a right. @throws AppError. */
export async function whoFor(deps: WhoDeps, c: Context, right: Right): Promise<Who> {
  if (c.req.header('authorization') === undefined) return await personFor(deps, c.req.raw.headers, right)
  const source = await sourceByKey(deps.sources, c)
  return { kind: 'source', name: source.id, source }
}

/** As `whoFor`, where all that a source ever sent is asked for. @throws AppError `forbidden` for a key that is narrowed. */
export async function wholeFor(deps: WhoDeps, c: Context, right: Right): Promise<Who> {
  const who = await whoFor(deps, c, right)
  if (who.kind === 'source' && who.source.key?.isNarrowed)
    throw new AppError('forbidden', 'this key is narrowed to a part of its source; use one that is not')
  return who
}

/** A source that this person's right holds for. @throws AppError `not_found`, also for one of elsewhere. */
export async function sourceWithin(deps: WhoDeps, scope: Scope, id: string): Promise<SendingSource> {
  const source = await deps.sources.find(id)
  if (!source || !holdsRegion(scope, source.region))
    throw new AppError('not_found', 'there is no such source')
  return source
}

/**
 * A batch, for the source that sent it or a person whose right holds for its source; a narrowed key has only those that were
 * sent with it. @throws AppError `not_found`.
 */
export async function batchFor(
  deps: { batches: Batches; sources: Sources },
  who: Who,
  id: string,
): Promise<KnownBatch> {
  const batch = await deps.batches.find(id, who.kind === 'source' ? who.source.id : null)
  const isTheirs =
    batch !== null &&
    (who.kind === 'source'
      ? !who.source.key?.isNarrowed || batch.keyId === who.source.key.id
      : await isWithinScope(deps.sources, who.scope, batch.source))
  if (isTheirs) return batch
  throw new AppError(
    'not_found',
    who.kind === 'source' ? 'this source has no such batch' : 'there is no such batch',
  )
}

/** Whether a right holds for a source; one that is gone is seen by those who see everywhere. */
export async function isWithinScope(sources: Sources, scope: Scope, id: string): Promise<boolean> {
  return holdsRegion(scope, (await sources.find(id))?.region ?? '')
}

/**
 * Where a request came from as the server found it, by the word of a proxy that is trusted; else its peer. `undefined` when the
 * connection has closed, or there is none: a report of a session is handed on inside the process.
 */
function connectionAddress(c: Context): string | undefined {
  const found: string | undefined = c.get('address')
  const env: { incoming?: { socket?: { remoteAddress?: string } } } | undefined = c.env
  return found ?? env?.incoming?.socket?.remoteAddress
}
