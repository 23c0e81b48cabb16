import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { AppError } from '#domain/error.ts'
import { maskIdentifiers } from '#domain/person.ts'
import type { Right } from '#domain/right.ts'
import { KINDS, Kind } from '#domain/signal.ts'
import type { KnownBatch } from './batches.ts'
import type { FileOwner } from './kept-files.ts'
import type { IngestionDeps } from './routes.ts'
import type { SendingSource } from './sources.ts'
import { batchFor, sourceByKey, sourceWithin, whoFor, wholeFor } from './who.ts'

/** `reason`: why a person asks, for the audit log. */
export type Env = { Bindings: HttpBindings; Variables: { reason: string } }

/** What is sent, for which source, and whose files it may name. */
type Sender = { kind: Kind; source: SendingSource; owner: FileOwner }

/** Says who sends what, or refuses. @throws AppError `unauthenticated`, `forbidden`, `not_found`. */
export type FindSender = (deps: IngestionDeps, c: Context<Env>) => Promise<Sender>

/** The source of the key. */
export const senderByKey: FindSender = async (deps, c) => {
  const kind = kindFor(c.req.param('kind') ?? '')
  const source = rejectOtherKinds(kind, await sourceByKey(deps.sources, c))
  return { kind, source, owner: { source: source.id, sender: `key ${source.key?.id ?? ''}` } }
}

/** The source of the address, for a person who sends in its name. */
export const senderByAddress: FindSender = async (deps, c) => {
  const kind = kindFor(c.req.param('kind') ?? '')
  const { person, scope } = await deps.allow(c.req.raw.headers, 'batches.send')
  const source = rejectOtherKinds(kind, await sourceWithin(deps, scope, c.req.param('source') ?? ''))
  return { kind, source, owner: { source: source.id, sender: `person ${person.id}` } }
}

/** The source of the address, for who holds its key or may see sources. @throws AppError. */
export async function sourceOfAddress(deps: IngestionDeps, c: Context<Env>): Promise<SendingSource> {
  const id = c.req.param('source') ?? ''
  const who = await wholeFor(deps, c, 'sources.read')
  if (who.kind === 'person') return await sourceWithin(deps, who.scope, id)
  if (who.source.id !== id)
    throw new AppError('forbidden', 'this key belongs to another source; ask with the key of this one')
  return who.source
}

/** The batch of the address, for the source that sent it or a person with the right. @throws AppError. */
export async function findBatch(deps: IngestionDeps, c: Context<Env>, right: Right): Promise<KnownBatch> {
  const who = await whoFor(deps, c, right)
  return await batchFor(deps, who, c.req.param('batch') ?? '')
}

export function kindFor(param: string): Kind {
  const kind = Kind.safeParse(param)
  if (!kind.success)
    throw new AppError(
      'not_found',
      `there is no kind ${maskIdentifiers(param.slice(0, 30))}; the kinds are ${KINDS.join(', ')}`,
    )
  return kind.data
}

function rejectOtherKinds(kind: Kind, source: SendingSource): SendingSource {
  if (!source.kinds.includes(kind))
    throw new AppError(
      'forbidden',
      `this ${source.key?.isNarrowed ? 'key' : 'source'} may not send ${kind}; it may send ${source.kinds.join(', ')}`,
    )
  return source
}
