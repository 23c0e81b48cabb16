import { hash, randomBytes, randomUUID } from 'node:crypto'
import { AppError } from '#domain/error.ts'
import type { Kind } from '#domain/signal.ts'
import type { Postgres } from '#sql/postgres.ts'
import { type IntakeRules, readIntakeRules } from './intake-rules.ts'

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

/** A source with what is asked of its rows beyond the schema. */
export type SendingSource = Source & { rules: IntakeRules }

export type NewSource = Omit<Source, 'id' | 'createdAt'>

/** How long a key that was looked up is trusted before it is looked up again. */
const TRUST_MS = 2_000

/** The registry of sources and their keys. A key is shown once, at creation; only its SHA-256 is kept. */
export class Sources {
  readonly #postgres: Postgres
  readonly #cache = new Map<string, { source: SendingSource | null; until: number }>()

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

  /** A source by its id, as it stands now, or `null`. */
  async find(id: string): Promise<SendingSource | null> {
    return await this.#read('id', id)
  }

  /** The registry for a sender who was let in by other means than a key, as a reporter's session: it is always `source`. */
  as(source: SendingSource): Sources {
    return new LetIn(this.#postgres, source)
  }

  /** The source of an `Authorization: Bearer` header. @throws AppError `unauthenticated` when there is none or it is unknown. */
  async authenticate(authorization: string | undefined): Promise<SendingSource> {
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

  /** What was looked up is looked up again: something about a source has changed. */
  forget(): void {
    this.#cache.clear()
  }

  async #lookUp(keyHash: string): Promise<SendingSource | null> {
    const cached = this.#cache.get(keyHash)
    if (cached && cached.until > Date.now()) return cached.source
    const source = await this.#read('"keyHash"', keyHash)
    if (this.#cache.size > 10_000) this.#cache.clear()
    this.#cache.set(keyHash, { source, until: Date.now() + TRUST_MS })
    return source
  }

  async #read(column: 'id' | '"keyHash"', value: string): Promise<SendingSource | null> {
    const [source] = await this.#postgres.query<Source>(
      `SELECT ${COLUMNS} FROM sources WHERE ${column} = $1`,
      [value],
    )
    return source ? { ...source, rules: await readIntakeRules(this.#postgres, source.id) } : null
  }
}

class LetIn extends Sources {
  readonly #source: SendingSource

  constructor(postgres: Postgres, source: SendingSource) {
    super(postgres)
    this.#source = source
  }

  override async authenticate(): Promise<SendingSource> {
    return this.#source
  }
}

const COLUMNS = 'id, name, kinds, region, "isSynthetic", "dueEvery", "graceHours", "createdAt"'
