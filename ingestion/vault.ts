import type { Identity } from '#domain/person.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { ERASURE_LOCK, IDENTITY_LOCK, type SealedIdentity } from '#sql/queries/identities.ts'
import { IDENTITIES_OLD_KEY } from '#sql/queries/identities-old-key.ts'
import { IDENTITIES_ON_DISK } from '#sql/queries/identities-on-disk.ts'
import { IDENTITIES_REMAINING } from '#sql/queries/identities-remaining.ts'
import { RECEIPT } from '#sql/row-binary.ts'
import { erasedSince } from './erasures.ts'
import type { IdentitySeal } from './identity-seal.ts'
import { type Draft, insertOf } from './observation.ts'
import { IDENTITIES, identityCells } from './sealer.ts'

/** The version that new records are sealed with, and how many records are still under an older one. */
export type KeyState = { current: number; remaining: number }

const CHANNEL = 'identity_key'

const SEALED_AGAIN = IDENTITIES.with({ saidAt: RECEIPT })
/** Records sealed again in one go: 15 ms of the main thread. */
const CHUNK_ROWS = 2_000
/** The characters that person keys (base64url) begin with, in the order of their bytes, and one after them all. */
const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'
const AFTER_ALL = '~'

/**
 * The write side of the identity vault: seals who the persons of a commit are, and rotates the key. Rotation has no
 * downtime: every record says which version it is under, new ones take the new version at once, and the old ones are
 * sealed again in the background, over any number of restarts.
 */
export class Vault {
  readonly #engine: Engine
  readonly #postgres: Postgres
  readonly #seal: IdentitySeal
  readonly #failed: (error: unknown) => void
  #current = 1
  #resealing: Promise<void> | null = null
  /** Whether sealing again was asked for since it last began: what came under an older key after that may lie behind it. */
  #isAsked = false
  #isClosed = false
  /** Records that did not open when all were last gone through, as it was told. */
  #unopened = 0

  /** `failed` is told of records that do not open, which stay as they are, and when sealing again broke off; it goes on at the next start or rotation. */
  constructor(engine: Engine, postgres: Postgres, seal: IdentitySeal, failed: (error: unknown) => void) {
    this.#engine = engine
    this.#postgres = postgres
    this.#seal = seal
    this.#failed = failed
  }

  /** Learns the current version, now and whenever any process changes it, and goes on with a rotation that was cut off. */
  async start(): Promise<void> {
    // What was sealed here under the old key after whoever rotated had gone through is sealed again by whoever hears of it.
    const heard = () => void this.#readCurrent().then(() => this.#reseal(), this.#failed)
    await this.#postgres.listen(CHANNEL, heard)
    await this.#readCurrent()
    this.#reseal()
  }

  /** The version of the key that persons are to be sealed under now. */
  get keyVersion(): number {
    return this.#current
  }

  /**
   * Stores who the persons of these observations are. Of one person the latest stays; who was erased since it was heard of is left
   * out: what counts is the same then as if it had been stored before the erasure. @throws AppError `store_away`.
   */
  async put(fresh: readonly Draft<'workers'>[], receivedMicros: number): Promise<void> {
    fresh.forEach(({ page, row }, ordinal) => {
      page.identities.setPlace(row, receivedMicros, ordinal)
    })
    await this.#postgres.withLock(ERASURE_LOCK, async () => {
      const sinceMs = fresh.reduce((oldest, { heardMs }) => Math.min(oldest, heardMs), receivedMicros / 1000)
      const isErased = await erasedSince(this.#postgres, sinceMs)
      const kept = isErased
        ? fresh.filter((one) => !isErased(one.historyKey, one.source, one.heardMs))
        : fresh
      if (kept.length === 0) return
      const insert = insertOf(kept, 'identities', IDENTITIES, receivedMicros)
      await this.#engine.insert({ table: 'identities_v1', ...insert })
    })
    if (fresh.some(({ page }) => page.keyVersion !== this.#current)) this.#reseal()
  }

  /** Makes a new version current; answers at once, while the records under older ones are sealed again. */
  async rotate(): Promise<KeyState> {
    await this.#postgres.withLock('identity-key', async () => {
      await this.#readCurrent()
      await this.#postgres.query(
        `INSERT INTO facts (name, value) VALUES ('identity-key', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
        [String(this.#current + 1)],
      )
      await this.#readCurrent()
    })
    await this.#postgres.query(`SELECT pg_notify('${CHANNEL}', '')`)
    this.#reseal()
    return await this.state()
  }

  async state(): Promise<KeyState> {
    await this.#readCurrent()
    return { current: this.#current, remaining: await this.#remaining() }
  }

  /** Stops sealing again after the chunk at hand. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#resealing
  }

  async #readCurrent(): Promise<void> {
    const [fact] = await this.#postgres.query<{ value: string }>(
      `SELECT value FROM facts WHERE name = 'identity-key'`,
    )
    this.#current = Number(fact?.value ?? 1)
  }

  async #remaining(query = IDENTITIES_REMAINING): Promise<number> {
    if (this.#current === 1) return 0
    const [row] = await this.#engine.query(query, { current: this.#current })
    return row?.n ?? 0
  }

  #reseal(): void {
    this.#isAsked = true
    this.#resealing ??= this.#resealWhileAsked()
  }

  async #resealWhileAsked(): Promise<void> {
    try {
      while (this.#isAsked && !this.#isClosed) {
        this.#isAsked = false
        await this.#resealAll()
      }
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#resealing = null
    }
  }

  async #resealAll(): Promise<void> {
    // Records that were sealed again before a crash lie there under the old key too until their parts merge.
    if ((await this.#remaining(IDENTITIES_ON_DISK)) === 0) return
    await this.#postgres.withLock('identity-reseal', async () => {
      let unopened = 0
      // Again until nothing else is left: records under the old version may still have been on their way.
      for (let left = await this.#remaining(); left > unopened; left = await this.#remaining()) {
        unopened = 0
        for (const prefix of prefixesFor(left)) {
          if (this.#isClosed) return
          unopened += await this.#postgres.withLock(IDENTITY_LOCK, () => this.#resealChunk(prefix))
        }
      }
      this.#tellUnopened(unopened)
      // The old records leave the disk when parts merge; a rotation is rare enough to merge all of them for it.
      await this.#engine.command('OPTIMIZE TABLE identities_v1 FINAL')
    })
  }

  /** Answers how many records did not open: one that was altered may not keep the others from the new key. */
  async #resealChunk(prefix: string): Promise<number> {
    const version = this.#current
    const range = { current: version, from: prefix, until: prefix + AFTER_ALL }
    const old = await this.#engine.query(IDENTITIES_OLD_KEY, range)
    const rows = old.flatMap((row) => {
      const { personKey, observedMs, receivedMicros, saidMicros, ordinal, source } = row
      const identity = this.#openIfWhole(row)
      if (!identity) return []
      const cells = identityCells(this.#seal, version, personKey, identity, observedMs, source)
      return Buffer.from(SEALED_AGAIN.encode([receivedMicros, ordinal, ...cells, saidMicros]))
    })
    const insert = { table: 'identities_v1', format: SEALED_AGAIN, rows }
    if (rows.length > 0) await this.#engine.insert(insert)
    return old.length - rows.length
  }

  #openIfWhole({ keyVersion, personKey, sealed }: SealedIdentity): Identity | null {
    try {
      return this.#seal.open(keyVersion, personKey, sealed)
    } catch {
      return null
    }
  }

  #tellUnopened(unopened: number): void {
    if (unopened > 0 && unopened !== this.#unopened)
      this.#failed(
        new Error(`${unopened} identity records do not open and stay under the old key: they were altered`),
      )
    this.#unopened = unopened
  }
}

/** Beginnings of person keys such that about `CHUNK_ROWS` records lie under each: keys are hashes, so evenly spread. */
function prefixesFor(records: number): string[] {
  let prefixes = ['']
  while (records / prefixes.length > CHUNK_ROWS)
    prefixes = prefixes.flatMap((prefix) => [...ALPHABET].map((character) => prefix + character))
  return prefixes
}
