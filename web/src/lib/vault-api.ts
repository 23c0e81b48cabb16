import { z } from 'zod'
import { BrokenLink, NamedEntry } from '#domain/audit.ts'
import { MergedFields } from '#domain/household.ts'
import { post, read } from './api.ts'

const Field = z.object({ value: z.string(), source: z.string(), observedAt: z.string() })

/** A person as found: masked by the server, so that nothing more has reached this machine. */
const Match = z.object({
  personKey: z.string(),
  idNumber: z.string(),
  name: z.string(),
  phone: z.string().nullable(),
  source: z.string(),
  observedAt: z.string(),
})
export type Match = z.infer<typeof Match>

/** A person in clear. `sources` and `villages` name what its fields and history speak of. */
const PersonRecord = z.object({
  personKey: z.string(),
  idNumber: Field,
  name: Field,
  phone: Field.nullable(),
  /** As merged from all that was said. */
  fields: MergedFields,
  history: z.array(
    z.object({
      observedAt: z.string(),
      status: z.enum(['employed', 'seeking', 'returned', 'withdrawn']),
      homeRegion: z.string(),
      workRegion: z.string(),
      sector: z.string(),
      employer: z.string(),
      source: z.string(),
    }),
  ),
  sources: z.record(z.string(), z.string()),
  villages: z
    .record(z.string(), z.string())
    .default({})
    .transform((names): ReadonlyMap<string, string> => new Map(Object.entries(names))),
})
export type PersonRecord = z.infer<typeof PersonRecord>

const RoleTitles = z.record(z.string(), z.object({ zh: z.string(), en: z.string() }))
export type RoleTitles = z.infer<typeof RoleTitles>

const KeyState = z.object({ current: z.int(), remaining: z.int() })
export type KeyState = z.infer<typeof KeyState>

/** The identity vault and the audit log. */
export const vaultApi = {
  search: (by: { idNumber: string } | { phone: string }, reason: string) =>
    post(
      '/v1/identities/search',
      { ...by, reason },
      z.object({ matches: z.array(Match), total: z.int(), onlyRejectedRows: z.int() }),
    ),
  open: (personKey: string, reason: string) =>
    post('/v1/identities/read', { personKey, reason }, PersonRecord),
  erase: (who: { personKey: string } | { idNumber: string }, reason: string) =>
    post('/v1/identities/erase', { ...who, reason }, z.object({ records: z.int(), rejectedRows: z.int() })),
  keyState: () => read('/v1/identities/key', {}, KeyState),
  rotate: (reason: string) => post('/v1/identities/key/rotate', { reason }, KeyState),
  audit: (query: Record<string, string | number | undefined>) =>
    read('/v1/audit', query, z.object({ entries: z.array(NamedEntry), roles: RoleTitles })),
  verify: () => read('/v1/audit/verify', {}, z.object({ entries: z.int(), broken: BrokenLink.nullable() })),
}
