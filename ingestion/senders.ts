import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { AppError } from '#domain/error.ts'
import { maskIdentifiers } from '#domain/person.ts'
import { KINDS, Kind } from '#domain/signal.ts'
import type { KnownBatch } from './batches.ts'
import type { IngestionDeps } from './routes.ts'
import type { SendingSource } from './sources.ts'

export type Env = { Bindings: HttpBindings }

/** Says who sends what, or refuses. @throws AppError `unauthenticated`, `forbidden`, `not_found`. */
export type FindSender = (
  deps: IngestionDeps,
  c: Context<Env>,
) => Promise<{ kind: Kind; source: SendingSource }>

/** The source of the key. */
export const senderByKey: FindSender = async (deps, c) => {
  const kind = kindFor(c.req.param('kind') ?? '')
  return rejectOtherKinds(kind, await deps.sources.authenticate(c.req.header('authorization')))
}

/** The source of the address, for an administrator who sends in its name. */
export const senderByAddress: FindSender = async (deps, c) => {
  const kind = kindFor(c.req.param('kind') ?? '')
  return rejectOtherKinds(kind, await sourceForAdministrator(deps, c))
}

/** The source of the address, for who holds its key or is an administrator. @throws AppError. */
export async function sourceOfAddress(deps: IngestionDeps, c: Context<Env>): Promise<SendingSource> {
  if (c.req.header('authorization') === undefined) return await sourceForAdministrator(deps, c)
  const source = await deps.sources.authenticate(c.req.header('authorization'))
  if (source.id !== c.req.param('source'))
    throw new AppError('forbidden', 'this key belongs to another source; ask with the key of this one')
  return source
}

/** The batch of the address, for the source that sent it or an administrator. @throws AppError. */
export async function findBatch(deps: IngestionDeps, c: Context<Env>): Promise<KnownBatch> {
  const authorization = c.req.header('authorization')
  const isSource = authorization !== undefined
  if (!isSource) await deps.administrator(c.req.raw.headers)
  const source = isSource ? (await deps.sources.authenticate(authorization)).id : null
  const batch = await deps.batches.find(c.req.param('batch') ?? '', source)
  if (!batch)
    throw new AppError('not_found', isSource ? 'this source has no such batch' : 'there is no such batch')
  return batch
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
