import { z } from 'zod'
import { put, read } from './api.ts'

export const SCHEME_FIELDS = ['region', 'sector', 'employer'] as const

const Mapping = z.object({ field: z.enum(SCHEME_FIELDS), theirs: z.string(), ours: z.string() })
/** What a source calls something, and what it is here. */
export type Mapping = z.infer<typeof Mapping>
const Mappings = z.object({ mappings: z.array(Mapping) })

const Unmapped = z.object({ field: z.enum(SCHEME_FIELDS), theirs: z.string(), rows: z.int() })
/** A code that the tables lack, and in how many rows that wait. */
export type Unmapped = z.infer<typeof Unmapped>

const at = (source: string) => `/v1/sources/${encodeURIComponent(source)}/mappings`

/** The tables by which the codes and names of a source are read. */
export const schemesApi = {
  known: async (source: string) => (await read(at(source), {}, Mappings)).mappings,
  /** Rows that wait because the tables lack a code of theirs. */
  waiting: async (source: string) =>
    (
      await read(
        '/v1/quarantine',
        { source, code: 'unmapped_code', limit: 1 },
        z.object({ counts: z.object({ waiting: z.int() }) }),
      )
    ).counts.waiting,
  unmapped: async (source: string) =>
    (await read(`${at(source)}/unmapped`, {}, z.object({ unmapped: z.array(Unmapped) }))).unmapped,
  /** In place of all tables of the source. */
  put: async (source: string, mappings: readonly Mapping[]) =>
    (await put(at(source), { mappings }, Mappings)).mappings,
}
