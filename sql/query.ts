import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Query } from './engine.ts'

/** The named query whose SQL stands beside its TypeScript file: `x.ts` reads `x.sql`. */
export function namedQuery<Row>(url: string, row: z.ZodType<Row>): Query<Row> {
  const path = fileURLToPath(url).replace(/\.ts$/, '.sql')
  return { name: basename(path, '.sql'), sql: readFileSync(path, 'utf8'), row }
}

/** A 64-bit integer, which arrives as a string, as a safe JavaScript integer. */
export const Int = z.union([z.string(), z.number()]).transform(Number).pipe(z.int())
/** A 64-bit integer kept exact whatever its size. */
export const BigInteger = z.union([z.string(), z.number()]).transform((value) => BigInt(value))
