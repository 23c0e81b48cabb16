import { randomUUID } from 'node:crypto'
import { AppError } from '#domain/error.ts'
import { isWithin } from '#domain/region.ts'
import type { ChangedDue, NewSource, Source } from '#domain/source.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import { type IntakeRules, readIntakeRules, readLocksOf } from './intake-rules.ts'
import type { Lock } from './locks.ts'
import { RowLimit } from './row-limit.ts'
import { createKey, findKey, hashOfKey, type KeptKey, type MadeKey } from './source-keys.ts'

/**
 * A source with what is asked of its rows beyond the schema. `key` is the key it came with, `null` where it was let in
 * otherwise; `kinds` and `region` are then those of the key. A narrowed key opens nothing but its own sending.
 */
export type SendingSource = Source & {
  rules: IntakeRules
  key: { id: string; isNarrowed: boolean; isRevoked: boolean; rowsPerMinute: number | null } | null
}

/** How long a key that was looked up is trusted before it is looked up again, should the bell of a change be missed. */
const TRUST_MS = 2_000
/** At most one note of use a key in this time. */
const USE_NOTED_MS = 60_000

/** Tells of an address whether one of some networks holds it. */
type InsideOf = (networks: readonly string[]) => (address: string) => boolean
type Known = { source: SendingSource; key: KeptKey; isAllowed: (address: string) => boolean }

/** The registry of sources, and the door for those who come with a key of one. */
export class Sources {
  readonly #postgres: Postgres
  readonly #insideOf: InsideOf
  readonly #cache = new Map<string, { known: Known | null; until: number }>()
  readonly #usedMs = new Map<string, number>()
  readonly #limits = new Map<string, RowLimit>()

  constructor(postgres: Postgres, insideOf: InsideOf) {
    this.#postgres = postgres
    this.#insideOf = insideOf
  }

  /** Makes a source and its first key, which is narrowed by nothing and does not expire. */
  async create(source: NewSource, by: string): Promise<{ id: string; key: string }> {
    const id = `src_${randomUUID().replaceAll('-', '').slice(0, 16)}`
    const { name, kinds, region, isSynthetic, dueEvery, graceHours } = source
    return await this.#postgres.transaction(async (sql) => {
      await sql.query(
        'INSERT INTO sources (id, name, kinds, region, "isSynthetic", "dueEvery", "graceHours") VALUES ($1,$2,$3,$4,$5,$6,$7)',
        [id, name, kinds, region, isSynthetic, dueEvery, graceHours],
      )
      const { key }: MadeKey = await createKey(sql, id, WHOLE, by)
      return { id, key }
    })
  }

  /**
   * Changes when data are due of a source; what is `undefined` stays. What a retired unit sent as is due no more.
   * @throws AppError `not_found`, `conflict`.
   */
  async changeDue(sql: Sql, id: string, { dueEvery, graceHours }: ChangedDue): Promise<void> {
    const [retired] = await sql.query(
      'SELECT 1 FROM units WHERE "sourceId" = $1 AND "retiredAt" IS NOT NULL',
      [id],
    )
    if (retired && dueEvery)
      throw new AppError(
        'conflict',
        'dueEvery: the unit of this source is retired, so that it is due no more',
      )
    const changed = await sql.query(
      `UPDATE sources SET "dueEvery" = CASE WHEN $2 THEN $3 ELSE "dueEvery" END, "graceHours" = coalesce($4, "graceHours")
       WHERE id = $1 RETURNING id`,
      [id, dueEvery !== undefined, dueEvery ?? null, graceHours ?? null],
    )
    if (changed.length === 0) throw new AppError('not_found', 'there is no such source')
  }

  async list(): Promise<Source[]> {
    return await this.#postgres.query<Source>(`SELECT ${COLUMNS} FROM sources ORDER BY "createdAt", id`)
  }

  /** A source by its id, as it stands now, or `null`; as the key `keyId` narrows it, where one is given. */
  async find(id: string, keyId: string | null = null): Promise<SendingSource | null> {
    const [source] = await this.#postgres.query<Source>(`SELECT ${COLUMNS} FROM sources WHERE id = $1`, [id])
    if (!source) return null
    const key = keyId === null ? null : await findKey(this.#postgres, 'id', keyId)
    return { ...narrowed(source, key), rules: await readIntakeRules(this.#postgres, id) }
  }

  /** The closed periods that a source has no exception for, as they stand now. */
  async locksOf(id: string): Promise<readonly Lock[]> {
    return await readLocksOf(this.#postgres, id)
  }

  /** The registry for a sender who was let in by other means than a key, as a reporter's session: it is always `source`. */
  as(source: SendingSource): Sources {
    return new LetIn(this.#postgres, this.#insideOf, source)
  }

  /**
   * The source of an `Authorization: Bearer` header that comes from `address` (of the connection; `undefined` when it has
   * closed). @throws AppError `unauthenticated` when there is no key, or it is unknown, expired or revoked; `forbidden` from
   * an address the key is not allowed from.
   */
  async authenticate(authorization: string | undefined, address: string | undefined): Promise<SendingSource> {
    const key = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1]
    if (!key)
      throw new AppError('unauthenticated', 'send the key of the source as "Authorization: Bearer <key>"')
    const known = await this.#lookUp(hashOfKey(key))
    if (!known)
      throw new AppError(
        'unauthenticated',
        'this source key is not known; ask the administrator for a new one',
      )
    rejectEnded(known.key, Date.now())
    rejectOtherAddresses(known, address)
    await this.#noteUse(known.key, Date.now())
    return known.source
  }

  /** @throws AppError `too_often` while the rows a minute of the source's key are used up. */
  rejectTooOften(source: SendingSource): void {
    const waitS = this.#limitFor(source)?.waitS(Date.now()) ?? 0
    if (waitS > 0)
      throw new AppError(
        'too_often',
        `this key may send ${source.key?.rowsPerMinute} rows a minute; send the same again after ${waitS} s`,
        { retryAfterS: waitS },
      )
  }

  /** Rows were read that the source's key brought. */
  spend(source: SendingSource, rows: number): void {
    this.#limitFor(source)?.spend(rows, Date.now())
  }

  /** What was looked up is looked up again: something about a source or its keys has changed. */
  forget(): void {
    this.#cache.clear()
  }

  async #lookUp(keyHash: string): Promise<Known | null> {
    const cached = this.#cache.get(keyHash)
    if (cached && cached.until > Date.now()) return cached.known
    const key = await findKey(this.#postgres, 'keyHash', keyHash)
    const source = key && (await this.find(key.source, key.id))
    const { allowedAddresses: allowed } = key ?? { allowedAddresses: [] }
    const isAllowed = allowed.length === 0 ? () => true : this.#insideOf(allowed)
    const known = source && { source, key, isAllowed }
    if (this.#cache.size > 10_000) this.#cache.clear()
    this.#cache.set(keyHash, { known, until: Date.now() + TRUST_MS })
    return known
  }

  async #noteUse({ id, lastUsedAt }: KeptKey, nowMs: number): Promise<void> {
    const usedMs = Math.max(this.#usedMs.get(id) ?? 0, lastUsedAt?.getTime() ?? 0)
    if (nowMs - usedMs < USE_NOTED_MS) return
    this.#usedMs.set(id, nowMs)
    await this.#postgres.query('UPDATE source_keys SET "lastUsedAt" = now() WHERE id = $1', [id])
  }

  #limitFor({ key }: SendingSource): RowLimit | null {
    if (key === null || key.rowsPerMinute === null) return null
    const known = this.#limits.get(key.id)
    if (known?.rowsPerMinute === key.rowsPerMinute) return known
    const limit = new RowLimit(key.rowsPerMinute, Date.now())
    this.#limits.set(key.id, limit)
    return limit
  }
}

class LetIn extends Sources {
  readonly #source: SendingSource

  constructor(postgres: Postgres, insideOf: InsideOf, source: SendingSource) {
    super(postgres, insideOf)
    this.#source = source
  }

  override async authenticate(): Promise<SendingSource> {
    return this.#source
  }
}

const COLUMNS = 'id, name, kinds, region, "isSynthetic", "dueEvery", "graceHours", "createdAt"'
const WHOLE = { kinds: null, region: null, allowedAddresses: [], rowsPerMinute: null, expiresInDays: null }

/** A source as one of its keys may send. */
function narrowed(source: Source, key: KeptKey | null): Source & Pick<SendingSource, 'key'> {
  if (key === null) return { ...source, key: null }
  const { id, kinds, region, rowsPerMinute, revokedAt } = key
  return {
    ...source,
    kinds: source.kinds.filter((kind) => kinds?.includes(kind) ?? true),
    region: region !== null && isWithin(region, source.region) ? region : source.region,
    key: { id, rowsPerMinute, isNarrowed: kinds !== null || region !== null, isRevoked: revokedAt !== null },
  }
}

/** @throws AppError `unauthenticated`. */
function rejectEnded({ expiresAt, revokedAt }: KeptKey, nowMs: number): void {
  if (revokedAt !== null)
    throw new AppError(
      'unauthenticated',
      `this source key was revoked at ${toShanghaiIso(revokedAt.getTime())}; ask the administrator for a new one`,
    )
  if (expiresAt !== null && expiresAt.getTime() <= nowMs)
    throw new AppError(
      'unauthenticated',
      `this source key expired at ${toShanghaiIso(expiresAt.getTime())}; use the one that replaced it, or ask the administrator for a new one`,
    )
}

/** @throws AppError `forbidden`. */
function rejectOtherAddresses({ isAllowed }: Known, address: string | undefined): void {
  if (!isAllowed(address ?? ''))
    throw new AppError(
      'forbidden',
      `this key may not be used from ${address ?? 'an unknown address'}; send from an allowed address, or ask the administrator to allow this one`,
    )
}
