import { maskTitle } from '#domain/person.ts'
import type { Kind } from '#domain/signal.ts'
import { storableText } from '#domain/text.ts'
import type { Postgres } from '#sql/postgres.ts'
import type { Mapping } from './formats/columns.ts'
import { fingerprintOf, fingerprintOfRead } from './formats/fingerprint.ts'

export type RememberedColumns = { titles: string[]; columns: Mapping; changedAt: Date }

/** How long what was looked up is trusted before it is looked up again. */
const TRUST_MS = 2_000

/** What a source has said about the columns of its files, by kind and by the fingerprint of the titles. */
export class ColumnMemory {
  readonly #postgres: Postgres
  readonly #cache = new Map<string, { mappings: ReadonlyMap<string, Mapping>; until: number }>()

  constructor(postgres: Postgres) {
    this.#postgres = postgres
  }

  async mappings(source: string, kind: Kind): Promise<ReadonlyMap<string, Mapping>> {
    const key = `${source} ${kind}`
    const cached = this.#cache.get(key)
    if (cached && cached.until > Date.now()) return cached.mappings
    const remembered = await this.list(source, kind)
    // The newest last, which is the one that holds.
    const mappings = new Map(
      remembered
        .toReversed()
        .flatMap(({ titles, columns }) =>
          [fingerprintOfRead(titles, columns), fingerprintOf(titles)].map((name) => [name, columns] as const),
        ),
    )
    if (this.#cache.size > 10_000) this.#cache.clear()
    this.#cache.set(key, { mappings, until: Date.now() + TRUST_MS })
    return mappings
  }

  async list(source: string, kind: Kind): Promise<RememberedColumns[]> {
    return await this.#postgres.query<RememberedColumns>(
      'SELECT titles, columns, "changedAt" FROM column_mappings WHERE source = $1 AND kind = $2 ORDER BY "changedAt" DESC, fingerprint',
      [source, kind],
    )
  }

  async put(source: string, kind: Kind, titles: readonly string[], columns: Mapping): Promise<void> {
    const storable = titles.map(kept)
    const said = Object.fromEntries(Object.entries(columns).map(([title, field]) => [kept(title), field]))
    await this.#postgres.query(
      `INSERT INTO column_mappings (source, kind, fingerprint, titles, columns) VALUES ($1,$2,$3,$4,$5)
       ON CONFLICT (source, kind, fingerprint) DO UPDATE SET titles = excluded.titles, columns = excluded.columns, "changedAt" = now()`,
      [source, kind, fingerprintOf(storable), JSON.stringify(storable), JSON.stringify(said)],
    )
    this.#cache.delete(`${source} ${kind}`)
  }
}

const kept = (title: string) => maskTitle(storableText(title))
