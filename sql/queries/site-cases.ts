import { z } from 'zod'
import { namedQuery } from '../query.ts'

/** Params: `site` String. */
export const SITE_CASES = namedQuery(import.meta.url, z.object({ caseKey: z.string() }))
