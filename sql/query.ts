import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Query } from './engine.ts'
import type { Placement } from './within.ts'

/**
 * The named query whose SQL stands beside its TypeScript file: `x.ts` reads `x.sql`. It is `placed`, and asked within a
 * scope only, or says why it is `unscoped`.
 */
export function namedQuery<Row, Reach extends { unscoped: string } | { placed: Placement }>(
  url: string,
  row: z.ZodType<Row>,
  reach: Reach,
): Omit<Query<Row>, 'unscoped'> & Reach {
  const path = fileURLToPath(url).replace(/\.ts$/, '.sql')
  return { name: basename(path, '.sql'), sql: readFileSync(path, 'utf8'), row, ...reach }
}

/** A 64-bit integer, which arrives as a string, as a safe JavaScript integer. */
export const Int = z.union([z.string(), z.number()]).transform(Number).pipe(z.int())
/** A 64-bit integer kept exact whatever its size. */
export const BigInteger = z.union([z.string(), z.number()]).transform((value) => BigInt(value))
