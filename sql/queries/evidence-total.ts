import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'
import { PLACED } from './case-evidence.ts'

/** Params: `cases` Array(String): history keys. */
export const EVIDENCE_TOTAL = namedQuery(import.meta.url, z.object({ total: Int }), PLACED)
