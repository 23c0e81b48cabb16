import type { Context } from 'hono'
import type { AuditAction } from '#domain/audit.ts'
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

/** The source of the key, where one is sent; else the administrator of the session. @throws AppError. */
export async function whoFor(deps: WhoDeps, headers: Headers): Promise<Who> {
  const authorization = headers.get('authorization')
  if (authorization === null) return await administratorFor(deps, headers)
  const source = await deps.sources.authenticate(authorization)
  return { kind: 'source', name: source.id, source }
}
