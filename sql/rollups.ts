import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import type { Engine } from './engine.ts'
import { quoted } from './literal.ts'
import { Int } from './query.ts'
import { allEnded } from './serial.ts'

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

/** Few rows of a table, at hand: `structure` tells the columns as the engine does, a line is the JSON object of a row. */
export type FewRows = { readonly structure: string; readonly lines: readonly string[] }

/**
 * Adds one commit to every roll-up of a change table: its receipt in µs, or the change rows it brings, where they are few;
 * then the table is not read (measured with ten rows: 5 ms instead of 9) and need not hold them yet. Must be called once a commit.
 */
export async function rollUp(engine: Engine, changes: string, commit: number | FewRows): Promise<void> {
  const select = (rollup: Rollup) =>
    typeof commit === 'number' ? statement(rollup, during(commit)) : ofFew(rollup, commit)
  await allEnded(rollupsOf(changes).map((rollup) => add(engine, rollup, select(rollup))))
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
    if (held === older) await add(engine, rollup, statement(rollup, during(micros)))
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

function ofFew(rollup: Rollup, { structure, lines }: FewRows): string {
  const rows = `format(JSONEachRow, ${quoted(structure)}, ${quoted(lines.join('\n'))})`
  return statement(rollup, '1').replace(`FROM ${rollup.from}`, () => `FROM ${rows}`)
}

/** Columns are taken by position: a select names them in the order of its table. */
async function add(engine: Engine, rollup: Rollup, select: string): Promise<void> {
  await engine.command(
    `INSERT INTO ${rollup.table} ${select} SETTINGS max_threads = 1, max_insert_threads = 1`,
  )
}

async function rebuild(engine: Engine, rollup: Rollup): Promise<void> {
  await engine.command(`TRUNCATE TABLE ${rollup.table}`)
  await add(engine, rollup, statement(rollup, '1'))
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
