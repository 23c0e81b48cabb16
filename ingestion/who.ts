import type { Context } from 'hono'
import type { AuditAction } from '#domain/audit.ts'
import { AppError } from '#domain/error.ts'
import { sourceByKey } from './senders.ts'
import type { SendingSource, Sources } from './sources.ts'

/** Who acts: a source by its key, or a person who is logged in as an administrator. `name` is how it is written down. */
export type Who =
  | { kind: 'source'; name: string; source: SendingSource }
  | { kind: 'administrator'; name: string; id: string }

/** What routes for both need. `administrator` throws AppError `unauthenticated` or `forbidden`. */
export type WhoDeps = {
  sources: Sources
  administrator: (headers: Headers) => Promise<{ id: string; username: string }>
  /** Writes an act down for those who look after what was done. */
  audited: (c: Context, who: Who, action: AuditAction, subject: string, reason: string) => Promise<void>
}

/** The administrator of a session. @throws AppError. */
export async function administratorFor(deps: WhoDeps, headers: Headers): Promise<Who> {
  const { id, username } = await deps.administrator(headers)
  return { kind: 'administrator', name: username, id }
}

/**
 * The source of the key, where one is sent; else the administrator of the session. @throws AppError; `forbidden` for a key that
 * is narrowed, as what is asked here is about all that the source ever sent.
 */
export async function whoFor(deps: WhoDeps, c: Context): Promise<Who> {
  if (c.req.header('authorization') === undefined) return await administratorFor(deps, c.req.raw.headers)
  const source = await sourceByKey(deps.sources, c)
  if (source.key?.isNarrowed)
    throw new AppError('forbidden', 'this key is narrowed to a part of its source; use one that is not')
  return { kind: 'source', name: source.id, source }
}
