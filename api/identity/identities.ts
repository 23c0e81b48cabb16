import { AppError } from '#domain/error.ts'
import { mergeFields } from '#domain/merge.ts'
import {
  type Identity,
  idNumbersInJson,
  isMistyped,
  maskIdNumber,
  maskName,
  maskPhone,
  normalIdNumber,
} from '#domain/person.ts'
import { plainText } from '#domain/text.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import {
  ERASURE_LOCK,
  IDENTITIES,
  IDENTITY_LOCK,
  QUARANTINE_LOCK,
  type SealedIdentity,
} from '#sql/queries/identities.ts'
import { PERSON_HISTORY } from '#sql/queries/person-history.ts'
import { PERSON_OBSERVATIONS } from '#sql/queries/person-observations.ts'
import { PERSONS_BY_PHONE } from '#sql/queries/persons-by-phone.ts'
import { readVillageNames } from '../regions.ts'

/** What the vault's read side needs of the installation's keys; ingestion owns them. */
export type IdentityKeys = {
  personKey(idNumber: string): string
  phoneKey(phone: string): string
  open(keyVersion: number, personKey: string, sealed: string): Identity
  /** What was sent for a rejected row, as JSON. */
  unseal(sealed: string): string
}

/**
 * What is erased of a person: everything where `sources` is `null`, else the rejected rows of these alone. `idNumber` where it is
 * known to who asks, as nothing tells it of a person without a record.
 */
type Erasure = { idNumber: string | null; sources: readonly string[] | null }

/** Rejected rows that are looked through at a time. */
const ROWS_PER_PAGE = 1_000

/** The read side of the identity vault, and erasure. Nothing here asks who may: the routes do, and write the audit log. */
export class Identities {
  readonly #engine: Engine
  readonly #postgres: Postgres
  readonly #keys: IdentityKeys

  constructor(engine: Engine, postgres: Postgres, keys: IdentityKeys) {
    this.#engine = engine
    this.#postgres = postgres
    this.#keys = keys
  }

  /** The persons of these keys, masked; those without a record are left out. */
  async masked(personKeys: readonly string[]) {
    const rows = await this.#engine.query(IDENTITIES, { keys: personKeys })
    return personKeys.flatMap((personKey) => {
      const own = rows.filter((row) => row.personKey === personKey)
      const record = this.#recordOf(own)
      if (!record) return []
      const { idNumber, name, phone } = record
      return {
        personKey,
        idNumber: maskIdNumber(idNumber.value),
        name: maskName(name.value),
        phone: phone && maskPhone(phone.value),
        source: name.source,
        observedAt: name.observedAt,
      }
    })
  }

  /** The persons whose phone, as known now, has this key. */
  async personsByPhone(phoneKey: string): Promise<string[]> {
    const found = await this.#engine.query(PERSONS_BY_PHONE, { phoneKey })
    const keys = found.map((row) => row.personKey)
    if (keys.length === 0) return []
    const rows = await this.#engine.query(IDENTITIES, { keys })
    return rows.filter((row) => row.hasPhone && row.phoneKey === phoneKey).map((row) => row.personKey)
  }

  /**
   * A person in clear, each field with its source and time, how the person stands as merged from all that was said, and
   * what was observed; with the names of the sources and villages it speaks of.
   * @throws AppError `not_found` when there is no record, or it was erased.
   */
  async open(personKey: string) {
    const record = this.#recordOf(await this.#engine.query(IDENTITIES, { keys: [personKey] }))
    if (!record) throw new AppError('not_found', 'there is no identity record of this person')
    const fields = mergeFields(await this.#engine.query(PERSON_HISTORY, { persons: [personKey] }))
    const observations = await this.#engine.query(PERSON_OBSERVATIONS, { personKey })
    const sources = await this.#postgres.query<{ id: string; name: string }>('SELECT id, name FROM sources')
    const places = [fields.homeRegion?.value, ...observations.map((one) => one.homeRegion)]
    const nameOf = new Map(sources.map(({ id, name }) => [id, name]))
    return {
      personKey,
      ...record,
      fields,
      history: observations.map(({ observedMs, receivedMs, ...observation }) => ({
        observedAt: toShanghaiIso(observedMs),
        receivedAt: toShanghaiIso(receivedMs),
        ...observation,
      })),
      sources: Object.fromEntries(
        [
          ...new Set([
            record.name.source,
            record.phone?.source,
            ...Object.values(fields).map((field) => field.source),
            ...observations.map((one) => one.source),
          ]),
        ]
          .filter((id) => id !== undefined)
          .map((id) => [id, nameOf.get(id) ?? id]),
      ),
      villages: await readVillageNames(places.filter((code) => typeof code === 'string')),
    }
  }

  /**
   * Deletes a person's sealed record from the disk, whatever it was replaced by or not, and the rejected rows that name it.
   * What was counted stays counted: observations know the person by its key only. What was received before and is taken later counts
   * too and brings no record back; a signal received afterwards is accepted as any other and stores a new record. Of rejected rows without a number that could be anybody's, those go that
   * have the person's name and the number mistyped; one whose name is another too is found once it is corrected, not before.
   */
  async erase(
    personKey: string,
    { idNumber, sources }: Erasure,
  ): Promise<{ records: number; rejectedRows: number }> {
    if (!/^[\w-]{22}$/.test(personKey)) throw new AppError('bad_request', 'this is not a person key')
    // First, so that nothing is stored meanwhile that is not deleted below.
    await this.#postgres.withLock(ERASURE_LOCK, () =>
      this.#postgres.query(
        `INSERT INTO erasures ("personKey", source, "erasedAt") SELECT $1, source, $3 FROM unnest($2::text[]) AS source
         ON CONFLICT ("personKey", source) DO UPDATE SET "erasedAt" = greatest(erasures."erasedAt", excluded."erasedAt")`,
        [personKey, sources ?? [''], new Date()],
      ),
    )
    // Neither a row that is being replayed nor a record that is being sealed again comes back after it.
    return await this.#postgres.withLock(QUARANTINE_LOCK, () =>
      this.#postgres.withLock(IDENTITY_LOCK, () => this.#eraseAlone(personKey, { idNumber, sources })),
    )
  }

  async #eraseAlone(personKey: string, { idNumber, sources }: Erasure) {
    const records = sources === null ? await this.#engine.query(IDENTITIES, { keys: [personKey] }) : []
    const [newest] = records
    const identity = (newest && this.#openIfWhole(newest)) ?? (idNumber ? { idNumber, name: null } : null)
    const unclaimed = identity ? await this.#unclaimedRowsOf(identity, sources) : []
    if (sources === null)
      await this.#engine.command(
        `ALTER TABLE identities_v1 DELETE WHERE personKey = '${personKey}' SETTINGS mutations_sync = 2`,
      )
    const rejected = await this.#postgres.query(
      `DELETE FROM rejected_rows r USING batches b WHERE b.id = r.batch AND ($4::text[] IS NULL OR b.source = ANY($4))
         AND (strpos(r."personKey", $1) > 0 OR (r.batch, r.row) IN (SELECT * FROM unnest($2::text[], $3::int[]))) RETURNING r.row`,
      [personKey, unclaimed.map(({ batch }) => batch), unclaimed.map(({ row }) => row), sources],
    )
    return { records: newest ? 1 : 0, rejectedRows: rejected.length }
  }

  /** The sources, with their regions ('' where there is none any more), whose rejected rows tell of a person, and how many do. */
  async rejectedRowsOf(personKey: string): Promise<{ source: string; region: string; rows: number }[]> {
    return await this.#postgres.query(
      `SELECT b.source, coalesce(s.region, '') AS region, count(*)::int AS rows
       FROM rejected_rows r JOIN batches b ON b.id = r.batch LEFT JOIN sources s ON s.id = b.source
       WHERE strpos(r."personKey", $1) > 0 GROUP BY b.source, s.region ORDER BY b.source`,
      [personKey],
    )
  }

  /**
   * Rejected rows of nobody yet that have a person's number where it was not seen when they came, or have it mistyped under the
   * same name. All of them are opened for it.
   */
  async #unclaimedRowsOf(
    { idNumber, name }: { idNumber: string; name: string | null },
    sources: readonly string[] | null,
  ): Promise<{ batch: string; row: number }[]> {
    const found: { batch: string; row: number }[] = []
    for (let [batch, row] = ['', 0]; ; ) {
      const rows = await this.#postgres.query<{ batch: string; row: number; sealed: string }>(
        `SELECT r.batch, r.row, r.sealed FROM rejected_rows r JOIN batches b ON b.id = r.batch
         WHERE b.kind = 'workers' AND r."personKey" = '' AND (r.batch, r.row) > ($1, $2::int)
           AND ($3::text[] IS NULL OR b.source = ANY($3))
         ORDER BY r.batch, r.row LIMIT ${ROWS_PER_PAGE}`,
        [batch, row, sources],
      )
      for (const one of rows) {
        const json = this.#keys.unseal(one.sealed)
        const sent: { name?: unknown; idNumber?: unknown } | null = JSON.parse(json)
        const isOfName = name !== null && typeof sent?.name === 'string' && bare(sent.name) === bare(name)
        const isOfNumber = isOfName && isMistyped(normalIdNumber(String(sent?.idNumber ?? '')), idNumber)
        if (isOfNumber || idNumbersInJson(json).includes(idNumber))
          found.push({ batch: one.batch, row: one.row })
      }
      const last = rows.at(-1)
      if (!last || rows.length < ROWS_PER_PAGE) return found
      ;({ batch, row } = last)
    }
  }

  #recordOf(rows: readonly SealedIdentity[]) {
    const [newest] = rows
    if (!newest) return null
    const withPhone = rows.find((row) => row.hasPhone)
    const { idNumber, name } = this.#open(newest)
    return {
      idNumber: fieldOf(idNumber, newest),
      name: fieldOf(name, newest),
      phone: withPhone ? fieldOf(this.#open(withPhone).phone, withPhone) : null,
    }
  }

  /** `null` where a record was altered: nothing can be looked for by it, and it is erased all the same. */
  #openIfWhole(record: SealedIdentity): Identity | null {
    try {
      return this.#open(record)
    } catch {
      return null
    }
  }

  #open({ keyVersion, personKey, sealed }: SealedIdentity): Identity {
    try {
      return this.#keys.open(keyVersion, personKey, sealed)
    } catch (cause) {
      throw new Error('an identity record does not open: it was altered, or the SECRET was changed', {
        cause,
      })
    }
  }
}

const bare = (name: string) => plainText(name).replace(/\s/g, '')

const fieldOf = (value: string, { source, observedMs }: SealedIdentity) => ({
  value,
  source,
  observedAt: toShanghaiIso(observedMs),
})
