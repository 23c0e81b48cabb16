import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import type { Engine } from './engine.ts'
import { Int } from './query.ts'

/**
 * The roll-ups, filled commit by commit by statements of ours. A materialized view would do the same by itself, but
 * after a kill nobody could say which views hold the last commit: the engine's own memory of tokens is written apart
 * from the data. Here every roll-up row counts the change rows behind it, so what it holds can be checked.
 */
const SELECTS = readdirSync(new URL('./rollups/', import.meta.url)).map((name) => {
  const select = readFileSync(new URL(`./rollups/${name}`, import.meta.url), 'utf8')
  return { table: basename(name, '.sql'), from: /FROM (\w+)/.exec(select)?.[1] ?? '', select }
})

const during = (micros: number) => `knownAt = fromUnixTimestamp64Micro(${BigInt(micros)})`
const before = (micros: number) => `knownAt < fromUnixTimestamp64Micro(${BigInt(micros)})`
const Count = z.object({ n: Int })

/** Adds one commit (its receipt in µs) of a change table to every roll-up of that table. Must be called once a commit. */
export async function rollUp(engine: Engine, changes: string, micros: number): Promise<void> {
  // All have ended before one failure is told: a repair must not look while a statement is still on its way.
  const ended = await Promise.allSettled(
    rollupsOf(changes).map((rollup) => add(engine, rollup, during(micros))),
  )
  for (const one of ended) if (one.status === 'rejected') throw one.reason
}

/**
 * Brings every roll-up of a change table to hold exactly the commits up to `micros`, whatever a crash left of that one.
 * A roll-up that holds neither all before it nor all with it is made anew.
 */
export async function repairRollups(engine: Engine, changes: string, micros: number): Promise<void> {
  for (const rollup of rollupsOf(changes)) {
    const held = await count(engine, `SELECT sum(changeRows) AS n FROM ${rollup.table}`)
    const older = await count(
      engine,
      `SELECT sum(changeRows) AS n FROM (${statement(rollup, before(micros))})`,
    )
    const newest = await count(
      engine,
      `SELECT sum(changeRows) AS n FROM (${statement(rollup, during(micros))})`,
    )
    if (held === older + newest) continue
    if (held === older) await add(engine, rollup, during(micros))
    else await rebuild(engine, rollup)
  }
}

/** Makes every roll-up of a change table anew from all its rows. */
export async function rebuildRollups(engine: Engine, changes: string): Promise<void> {
  for (const rollup of rollupsOf(changes)) await rebuild(engine, rollup)
}

type Rollup = (typeof SELECTS)[number]

const rollupsOf = (changes: string) => SELECTS.filter((rollup) => rollup.from === changes)
const statement = (rollup: Rollup, commits: string) => rollup.select.replace('{commits}', commits)

/** Columns are taken by position: a select names them in the order of its table. */
async function add(engine: Engine, rollup: Rollup, commits: string): Promise<void> {
  await engine.command(
    `INSERT INTO ${rollup.table} ${statement(rollup, commits)} SETTINGS max_threads = 1, max_insert_threads = 1`,
  )
}

async function rebuild(engine: Engine, rollup: Rollup): Promise<void> {
  await engine.command(`TRUNCATE TABLE ${rollup.table}`)
  await add(engine, rollup, '1')
}

async function count(engine: Engine, sql: string): Promise<number> {
  const [row] = await engine.query({
    name: 'roll-up count',
    sql,
    row: Count,
    unscoped: 'counting is the work of ingestion',
  })
  return row?.n ?? 0
}
