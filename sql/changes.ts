import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import type { Engine } from './engine.ts'
import { Int } from './query.ts'

/**
 * Change rows that the engine derives by itself. Most observations of a large upload are the first and only of their
 * subject, and what such a one counts for is a plain projection of it: derived where it lies, nothing is written out,
 * sent and parsed a second time (measured: 4 µs a row less). Everything else comes from `ingestion/changes.ts`.
 */
const FIRST = new Map(
  readdirSync(new URL('./changes/', import.meta.url)).map((name) => [
    basename(name, '.sql'),
    readFileSync(new URL(`./changes/${name}`, import.meta.url), 'utf8'),
  ]),
)

const during = (column: string, micros: number) => `${column} = fromUnixTimestamp64Micro(${BigInt(micros)})`

/**
 * Adds to a change table what the observations of one commit (its receipt in µs) count for, each as the first of its
 * subject, but for those with the given ordinals.
 */
export async function insertFirstChanges(
  engine: Engine,
  changes: string,
  micros: number,
  exceptOrdinals: readonly number[],
): Promise<void> {
  const except =
    exceptOrdinals.length > 0 ? ` AND ordinal NOT IN (${exceptOrdinals.map(BigInt).join(',')})` : ''
  const select = FIRST.get(changes) ?? ''
  await engine.command(
    `INSERT INTO ${changes} ${select.replace('{commit}', `${during('receivedAt', micros)}${except}`)}`,
  )
}

/** Removes what a broken-off commit has left in a change table, so that it can be counted from the beginning. */
export async function removeChanges(engine: Engine, changes: string, micros: number): Promise<void> {
  const where = during('knownAt', micros)
  const [held] = await engine.query({
    name: 'changes of a commit',
    sql: `SELECT count() AS n FROM ${changes} WHERE ${where}`,
    row: z.object({ n: Int }),
    unscoped: 'counting is the work of ingestion',
  })
  if ((held?.n ?? 0) > 0)
    await engine.command(`ALTER TABLE ${changes} DELETE WHERE ${where} SETTINGS mutations_sync = 2`)
}
