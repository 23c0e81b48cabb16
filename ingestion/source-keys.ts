import { hash, randomBytes, randomUUID } from 'node:crypto'
import { AppError } from '#domain/error.ts'
import type { Kind } from '#domain/signal.ts'
import type { SourceKey } from '#domain/source-key.ts'
import type { Sql } from '#sql/postgres.ts'

/** Rung when a key stops or is replaced: what was looked up is to be looked up again. */
export const KEYS_CHANNEL = 'source_keys'

/** A key as it is stored; times as they come from the database. */
export type KeptKey = Omit<SourceKey, (typeof TIMES)[number]> & {
  source: string
  createdAt: Date
  expiresAt: Date | null
  revokedAt: Date | null
  lastUsedAt: Date | null
}

/** What a new key may do. `expiresInDays` `null` is never. */
export type KeyTerms = Pick<SourceKey, 'kinds' | 'region' | 'allowedAddresses' | 'rowsPerMinute'> & {
  expiresInDays: number | null
}

/** Those of its terms that are to change. */
export type ChangedTerms = { [K in keyof KeyTerms]?: KeyTerms[K] | undefined }

/** A key at the moment it is made: the only time that `key` itself is told. */
export type MadeKey = { id: string; key: string }

const TIMES = ['createdAt', 'expiresAt', 'revokedAt', 'lastUsedAt'] as const
/** Characters of a key that are kept in clear: 30 of its 192 bits. */
const PREFIX_CHARACTERS = 8
const COLUMNS = `id, source, prefix, kinds, region, "allowedAddresses", "rowsPerMinute", "createdAt", "createdBy", "expiresAt",
  "replacedBy", "revokedAt", "revokedBy", "lastUsedAt"`

export const hashOfKey = (key: string): string => hash('sha256', key)

/** Keys of one source, or of all, the newest first. */
export async function listKeys(sql: Sql, source: string | null): Promise<KeptKey[]> {
  return await sql.query<KeptKey>(
    `SELECT ${COLUMNS} FROM source_keys WHERE $1::text IS NULL OR source = $1 ORDER BY "createdAt" DESC, id`,
    [source],
  )
}

/** A key by its id or its hash, or `null`. */
export async function findKey(sql: Sql, by: 'id' | 'keyHash', value: string): Promise<KeptKey | null> {
  return (
    (await sql.query<KeptKey>(`SELECT ${COLUMNS} FROM source_keys WHERE "${by}" = $1`, [value]))[0] ?? null
  )
}

/** Makes a key. @throws AppError `not_found` when there is no such source, `bad_request` when it may not send so much. */
export async function createKey(sql: Sql, source: string, terms: KeyTerms, by: string): Promise<MadeKey> {
  const { kinds, region, allowedAddresses, rowsPerMinute, expiresInDays } = terms
  await rejectWider(sql, source, terms)
  const made = newKey()
  await sql.query(
    `INSERT INTO source_keys (id, source, "keyHash", prefix, kinds, region, "allowedAddresses", "rowsPerMinute", "createdBy", "expiresAt")
     VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9, now() + make_interval(days => $10::int))`,
    [made.id, source, ...keptOf(made.key), kinds, region, allowedAddresses, rowsPerMinute, by, expiresInDays],
  )
  return made
}

/**
 * Changes what a key may do; what `terms` leave out stays. Days until it expires count from now. It holds everywhere within
 * two seconds. @throws AppError `not_found`; `bad_request` as for a new one; `conflict` when the key has ended.
 */
export async function changeKey(sql: Sql, source: string, id: string, terms: ChangedTerms): Promise<KeptKey> {
  const key = await findOf(sql, source, id)
  await rejectWider(sql, source, terms)
  const { expiresInDays, ...after } = { ...key, ...terms }
  const changed = await sql.query(
    `UPDATE source_keys SET kinds = $2, region = $3, "allowedAddresses" = $4, "rowsPerMinute" = $5,
       "expiresAt" = CASE WHEN $6::boolean THEN now() + make_interval(days => $7::int) ELSE "expiresAt" END
     WHERE id = $1 AND "revokedAt" IS NULL AND ("expiresAt" IS NULL OR "expiresAt" > now()) RETURNING id`,
    [
      ...[id, after.kinds, after.region, after.allowedAddresses, after.rowsPerMinute],
      ...[expiresInDays !== undefined, expiresInDays ?? null],
    ],
  )
  if (changed.length === 0) throw new AppError('conflict', 'this key has ended; make a new one instead')
  await ring(sql)
  return await findOf(sql, source, id)
}

/** @throws AppError `not_found` when there is no such source, `bad_request` when it may not send so much. */
async function rejectWider(sql: Sql, source: string, { kinds, region }: ChangedTerms): Promise<void> {
  const [of] = await sql.query<{ kinds: Kind[]; region: string }>(
    'SELECT kinds, region FROM sources WHERE id = $1',
    [source],
  )
  if (!of) throw new AppError('not_found', 'there is no such source')
  const other = kinds?.find((kind) => !of.kinds.includes(kind))
  if (other)
    throw new AppError('bad_request', `kinds: this source may not send ${other}, so its keys may not either`)
  if (region != null && !region.startsWith(of.region))
    throw new AppError('bad_request', `region: must lie in the region of the source (${of.region})`)
}

/**
 * Makes a key that may do what `id` may, for as long again; `id` itself ends after `overlapHours` (0: at once) where it would
 * have lasted longer. @throws AppError `not_found`; `conflict` when it has ended or was replaced already.
 */
export async function rotateKey(
  sql: Sql,
  source: string,
  id: string,
  overlapHours: number,
  by: string,
): Promise<MadeKey> {
  const made = newKey()
  const old = await sql.query(
    `UPDATE source_keys SET "replacedBy" = $3 WHERE source = $1 AND id = $2 AND "replacedBy" IS NULL AND "revokedAt" IS NULL
       AND ("expiresAt" IS NULL OR "expiresAt" > now()) RETURNING id`,
    [source, id, made.id],
  )
  if (old.length === 0) {
    await findOf(sql, source, id)
    throw new AppError('conflict', 'this key has ended or was replaced already; make a new key instead')
  }
  await sql.query(
    `INSERT INTO source_keys (id, source, "keyHash", prefix, kinds, region, "allowedAddresses", "rowsPerMinute", "createdBy", "expiresAt")
     SELECT $2, source, $3, $4, kinds, region, "allowedAddresses", "rowsPerMinute", $5, now() + ("expiresAt" - "createdAt")
     FROM source_keys WHERE id = $1`,
    [id, made.id, ...keptOf(made.key), by],
  )
  await sql.query(
    `UPDATE source_keys SET "expiresAt" = least("expiresAt", now() + make_interval(hours => $2::int)) WHERE id = $1`,
    [id, overlapHours],
  )
  await ring(sql)
  return made
}

/** Ends a key; one that was revoked stays as it is. @throws AppError `not_found`. */
export async function revokeKey(sql: Sql, source: string, id: string, by: string): Promise<KeptKey> {
  await sql.query(
    'UPDATE source_keys SET "revokedAt" = now(), "revokedBy" = $3 WHERE source = $1 AND id = $2 AND "revokedAt" IS NULL',
    [source, id, by],
  )
  await ring(sql)
  return await findOf(sql, source, id)
}

async function findOf(sql: Sql, source: string, id: string): Promise<KeptKey> {
  const key = await findKey(sql, 'id', id)
  if (key?.source !== source) throw new AppError('not_found', 'this source has no such key')
  return key
}

const ring = (sql: Sql) => sql.query(`SELECT pg_notify('${KEYS_CHANNEL}', '')`)

const newKey = (): MadeKey => ({
  id: `key_${randomUUID().replaceAll('-', '').slice(0, 16)}`,
  key: `xr_${randomBytes(24).toString('base64url')}`,
})

const keptOf = (key: string) => [hashOfKey(key), key.slice(0, PREFIX_CHARACTERS)]
