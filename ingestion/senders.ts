import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { AppError } from '#domain/error.ts'
import { KINDS, Kind } from '#domain/signal.ts'
import type { KnownBatch } from './batches.ts'
import type { IngestionDeps } from './routes.ts'
import type { SendingSource, Sources } from './sources.ts'

export type Env = { Bindings: HttpBindings }

/** Says who sends what, or refuses. @throws AppError `unauthenticated`, `forbidden`, `not_found`. */
export type FindSender = (
  deps: IngestionDeps,
  c: Context<Env>,
) => Promise<{ kind: Kind; source: SendingSource }>

/** The source of the key. */
export const senderByKey: FindSender = async (deps, c) => {
  const kind = kindFor(c.req.param('kind') ?? '')
  return rejectOtherKinds(kind, await sourceByKey(deps.sources, c))
}

/** The source of the address, for an administrator who sends in its name. */
export const senderByAddress: FindSender = async (deps, c) => {
  const kind = kindFor(c.req.param('kind') ?? '')
  return rejectOtherKinds(kind, await sourceForAdministrator(deps, c))
}

/** The source of the key that a request carries, from where it may be used. @throws AppError. */
export async function sourceByKey(sources: Sources, c: Context): Promise<SendingSource> {
  return await sources.authenticate(c.req.header('authorization'), connectionAddress(c))
}

/** The source of the address, for who holds its key or is an administrator. @throws AppError. */
export async function sourceOfAddress(deps: IngestionDeps, c: Context<Env>): Promise<SendingSource> {
  if (c.req.header('authorization') === undefined) return await sourceForAdministrator(deps, c)
  const source = await sourceByKey(deps.sources, c)
  if (source.id !== c.req.param('source'))
    throw new AppError('forbidden', 'this key belongs to another source; ask with the key of this one')
  return source
}

/** The batch of the address, for the source that sent it or an administrator. @throws AppError. */
export async function findBatch(deps: IngestionDeps, c: Context<Env>): Promise<KnownBatch> {
  const isSource = c.req.header('authorization') !== undefined
  if (!isSource) await deps.administrator(c.req.raw.headers)
  const source = isSource ? await sourceByKey(deps.sources, c) : null
  const batch = await deps.batches.find(c.req.param('batch') ?? '', source?.id ?? null)
  if (!batch || (source?.key?.isNarrowed && batch.keyId !== source.key.id))
    throw new AppError('not_found', isSource ? 'this source has no such batch' : 'there is no such batch')
  return batch
}

export function kindFor(param: string): Kind {
  const kind = Kind.safeParse(param)
  if (!kind.success)
    throw new AppError(
      'not_found',
      `there is no kind ${param.slice(0, 30)}; the kinds are ${KINDS.join(', ')}`,
    )
  return kind.data
}

/** Of the peer; `undefined` when the connection has closed, or there is none: a report of a session is handed on inside the process. */
function connectionAddress(c: Context<Partial<Env>>): string | undefined {
  const incoming: { socket?: { remoteAddress?: string } } | undefined = c.env?.incoming
  return incoming?.socket?.remoteAddress
}

async function sourceForAdministrator(deps: IngestionDeps, c: Context<Env>): Promise<SendingSource> {
  await deps.administrator(c.req.raw.headers)
  const source = await deps.sources.find(c.req.param('source') ?? '')
  if (!source) throw new AppError('not_found', 'there is no such source')
  return source
}

function rejectOtherKinds(kind: Kind, source: SendingSource): { kind: Kind; source: SendingSource } {
  if (!source.kinds.includes(kind))
    throw new AppError(
      'forbidden',
      `this source may not send ${kind}; it may send ${source.kinds.join(', ')}`,
    )
  return { kind, source }
}
