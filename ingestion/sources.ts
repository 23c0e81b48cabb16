import { hash, randomBytes, randomUUID } from 'node:crypto'
import { AppError } from '#domain/error.ts'
import type { Kind } from '#domain/signal.ts'
import type { Postgres } from '#sql/postgres.ts'

/** Who sends signals. `region` bounds what it may send; `dueEvery` null is never due. */
export type Source = {
  id: string
  name: string
  kinds: Kind[]
  region: string
  isSynthetic: boolean
  dueEvery: 'day' | 'month' | null
  graceHours: number
  createdAt: Date
}

export type NewSource = Omit<Source, 'id' | 'createdAt'>

/** How long a key that was looked up is trusted before it is looked up again. */
const TRUST_MS = 2_000

/** The registry of sources and their keys. A key is shown once, at creation; only its SHA-256 is kept. */
export class Sources {
  readonly #postgres: Postgres
  readonly #cache = new Map<string, { source: Source | null; until: number }>()

  constructor(postgres: Postgres) {
    this.#postgres = postgres
  }

  async create(source: NewSource): Promise<{ id: string; key: string }> {
    const id = `src_${randomUUID().replaceAll('-', '').slice(0, 16)}`
    const key = `xr_${randomBytes(24).toString('base64url')}`
    await this.#postgres.query(
      'INSERT INTO sources (id, name, kinds, region, "keyHash", "isSynthetic", "dueEvery", "graceHours") VALUES ($1,$2,$3,$4,$5,$6,$7,$8)',
      [
        id,
        source.name,
        source.kinds,
        source.region,
        hash('sha256', key),
        source.isSynthetic,
        source.dueEvery,
        source.graceHours,
      ],
    )
    return { id, key }
  }

  async list(): Promise<Source[]> {
    return await this.#postgres.query<Source>(`SELECT ${COLUMNS} FROM sources ORDER BY "createdAt", id`)
  }

  async find(id: string): Promise<Source | null> {
    const [source] = await this.#postgres.query<Source>(`SELECT ${COLUMNS} FROM sources WHERE id = $1`, [id])
    return source ?? null
  }

  /** The source of an `Authorization: Bearer` header. @throws AppError `unauthenticated` when there is none or it is unknown. */
  async authenticate(authorization: string | undefined): Promise<Source> {
    const key = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1]
    if (!key)
      throw new AppError('unauthenticated', 'send the key of the source as "Authorization: Bearer <key>"')
    const keyHash = hash('sha256', key)
    const source = await this.#lookUp(keyHash)
    if (!source)
      throw new AppError(
        'unauthenticated',
        'this source key is not known; ask the administrator for a new one',
      )
    return source
  }

  async #lookUp(keyHash: string): Promise<Source | null> {
    const cached = this.#cache.get(keyHash)
    if (cached && cached.until > Date.now()) return cached.source
    const [source] = await this.#postgres.query<Source>(
      `SELECT ${COLUMNS} FROM sources WHERE "keyHash" = $1`,
      [keyHash],
    )
    if (this.#cache.size > 10_000) this.#cache.clear()
    this.#cache.set(keyHash, { source: source ?? null, until: Date.now() + TRUST_MS })
    return source ?? null
  }
}

const COLUMNS = 'id, name, kinds, region, "isSynthetic", "dueEvery", "graceHours", "createdAt"'
