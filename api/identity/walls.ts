import { hash, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { AppError } from '#domain/error.ts'
import { CODE_MS, newCode, type Wall } from '#domain/wall.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'

/** Holds the token of a paired wall. */
export const WALL_COOKIE = 'xiangrong.wall'
/** Rung when a wall is revoked: whoever serves it looks again. */
export const WALLS_CHANNEL = 'walls'

/** A wall as it is stored; times as they come from the database. */
export type KeptWall = Omit<Wall, 'pairedAt' | 'seenAt' | 'revokedAt'> & {
  pairedAt: Date
  seenAt: Date | null
  revokedAt: Date | null
}

/** What a screen is given that asks to be let in: a code to show, or, once that was typed in, the token of its wall. */
export type Asked =
  | { state: 'waiting'; code: string; expiresAt: Date; secret: string }
  | { state: 'paired'; token: string }

/** A screen makes a code every ten minutes: so many may wait behind one address (of IPv6, one network), and in all. */
const CODES_PER_ADDRESS_MAX = 30
const CODES_MAX = 1_000
const RETRY_S = 60
/** As long as browsers keep a cookie at most; every beat of the wall renews it. */
export const TOKEN_DAYS = 400
const COLUMNS =
  'id, name, board, region, side, "pairedAt", "pairedBy", "seenAt", address, version, "revokedAt", "revokedBy"'

/**
 * Lets a screen ask. `secret` is what it was given when it asked before: while its code holds it gets that one again, and
 * once the code was typed in the token, until the wall was first seen with it: an answer that got lost is asked for again.
 * @throws AppError `too_often` when too many wait at this address.
 */
export async function askIn(postgres: Postgres, secret: string | null, address: string): Promise<Asked> {
  return await postgres.transaction(async (sql) => {
    const known = secret === null ? null : await readAsked(sql, secret)
    if (known) return known
    await sql.query('DELETE FROM wall_pairings WHERE "expiresAt" <= now()')
    await rejectCrowd(sql, address)
    const fresh = randomBytes(32).toString('base64url')
    const code = newCode((n) => randomInt(n))
    const expiresAt = new Date(Date.now() + CODE_MS)
    await sql.query(
      'INSERT INTO wall_pairings ("secretHash", code, address, "expiresAt") VALUES ($1,$2,$3,$4)',
      [hash('sha256', fresh), code, address, expiresAt],
    )
    return { state: 'waiting', code, expiresAt, secret: fresh }
  })
}

async function readAsked(sql: Sql, secret: string): Promise<Asked | null> {
  const [asked] = await sql.query<{ code: string; expiresAt: Date; wall: string | null }>(
    'SELECT code, "expiresAt", wall FROM wall_pairings WHERE "secretHash" = $1 AND "expiresAt" > now()',
    [hash('sha256', secret)],
  )
  if (!asked) return null
  if (asked.wall === null) return { state: 'waiting', code: asked.code, expiresAt: asked.expiresAt, secret }
  const token = randomBytes(32).toString('base64url')
  const given = await sql.query(
    'UPDATE walls SET "tokenHash" = $2 WHERE id = $1 AND "seenAt" IS NULL AND "revokedAt" IS NULL RETURNING id',
    [asked.wall, hash('sha256', token)],
  )
  return given.length > 0 ? { state: 'paired', token } : null
}

/** @throws AppError `too_often`. */
async function rejectCrowd(sql: Sql, address: string): Promise<void> {
  const [waiting] = await sql.query<{ here: number | string; all: number | string }>(
    'SELECT count(*) FILTER (WHERE address = $1) AS here, count(*) AS all FROM wall_pairings WHERE wall IS NULL',
    [address],
  )
  if (Number(waiting?.here) >= CODES_PER_ADDRESS_MAX || Number(waiting?.all) >= CODES_MAX)
    throw new AppError('too_often', 'too many screens ask to be let in; this one asks again by itself', {
      retryAfterS: RETRY_S,
    })
}

/** Lets the screen in that shows a code. @throws AppError `not_found` when none does. */
export async function pairWall(
  sql: Sql,
  code: string,
  wall: Pick<Wall, 'name' | 'board' | 'region' | 'side'>,
  by: string,
): Promise<KeptWall> {
  const id = `wall_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  const [made] = await sql.query<KeptWall>(
    `INSERT INTO walls (id, name, board, region, side, "pairedBy") VALUES ($1,$2,$3,$4,$5,$6) RETURNING ${COLUMNS}`,
    [id, wall.name, wall.board, wall.region, wall.side, by],
  )
  const paired = await sql.query(
    'UPDATE wall_pairings SET wall = $2 WHERE code = $1 AND wall IS NULL AND "expiresAt" > now() RETURNING code',
    [code, id],
  )
  if (!made || paired.length === 0) throw noScreen()
  return made
}

export const noScreen = () =>
  new AppError('not_found', 'no screen shows this code now; type the one it shows, a code holds ten minutes')

/** The wall of a token, or `null` when it is unknown, was revoked, or was not seen for so long that its cookie is gone too. */
export async function wallOf(sql: Sql, token: string): Promise<KeptWall | null> {
  const [wall] = await sql.query<KeptWall>(
    `SELECT ${COLUMNS} FROM walls WHERE "tokenHash" = $1 AND "revokedAt" IS NULL
       AND coalesce("seenAt", "pairedAt") > now() - make_interval(days => $2::int)`,
    [hash('sha256', token), TOKEN_DAYS],
  )
  return wall ?? null
}

/** All walls, the newest first. */
export async function listWalls(sql: Sql): Promise<KeptWall[]> {
  return await sql.query<KeptWall>(`SELECT ${COLUMNS} FROM walls ORDER BY "pairedAt" DESC, id`)
}

/** A wall by its id, or `null`. */
export async function findWall(sql: Sql, id: string): Promise<KeptWall | null> {
  return (await sql.query<KeptWall>(`SELECT ${COLUMNS} FROM walls WHERE id = $1`, [id]))[0] ?? null
}

export async function noteSeen(sql: Sql, id: string, address: string, version: string): Promise<void> {
  await sql.query('UPDATE walls SET "seenAt" = now(), address = $2, version = $3 WHERE id = $1', [
    id,
    address,
    version,
  ])
}

export async function renameWall(sql: Sql, id: string, name: string): Promise<void> {
  await sql.query('UPDATE walls SET name = $2 WHERE id = $1', [id, name])
}

/** Shuts a wall out for good; one that was stays as it is. */
export async function revokeWall(sql: Sql, id: string, by: string): Promise<void> {
  await sql.query(
    'UPDATE walls SET "revokedAt" = now(), "revokedBy" = $2, "tokenHash" = NULL WHERE id = $1 AND "revokedAt" IS NULL',
    [id, by],
  )
  await sql.query(`SELECT pg_notify('${WALLS_CHANNEL}', '')`)
}
