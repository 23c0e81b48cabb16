import { z } from 'zod'
import type { Kind } from '#domain/signal.ts'
import { SourceKey } from '#domain/source-key.ts'
import { patch, post, read } from './api.ts'

const Made = z.object({ id: z.string(), key: z.string() })
export type MadeKey = z.infer<typeof Made>

/** What a key may do; `null` and none is whatever the source may. Without days it goes on as long as it would: for a new one, for ever. */
export type KeyTerms = {
  kinds: Kind[] | null
  region: string | null
  expiresInDays?: number | null
  allowedAddresses: string[]
  rowsPerMinute: number | null
}

const at = (source: string) => `/v1/sources/${encodeURIComponent(source)}/keys`

/** The keys of a source. A key itself comes back once, from `make` and `rotate`. */
export const sourceKeysApi = {
  list: (source: string) => read(at(source), {}, z.object({ keys: z.array(SourceKey) })),
  make: (source: string, terms: KeyTerms) => post(at(source), terms, Made),
  change: (source: string, id: string, terms: KeyTerms) =>
    patch(`${at(source)}/${encodeURIComponent(id)}`, terms, SourceKey),
  rotate: (source: string, id: string, overlapHours: number) =>
    post(`${at(source)}/${encodeURIComponent(id)}/rotate`, { overlapHours }, Made),
  revoke: (source: string, id: string, reason: string) =>
    post(`${at(source)}/${encodeURIComponent(id)}/revoke`, { reason }, SourceKey),
}
