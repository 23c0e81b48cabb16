import { setImmediate } from 'node:timers/promises'
import { AppError } from '#domain/error.ts'
import type { Fault } from '#domain/reason.ts'
import type { KINDS, Kind } from '#domain/signal.ts'
import { insertFirstChanges, removeChanges } from '#sql/changes.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { commitQueriesFor } from '#sql/queries/history.ts'
import { NEWEST_RECEIPTS } from '#sql/queries/newest-receipts.ts'
import { UNCOUNTED_WITHDRAWAL } from '#sql/queries/uncounted-withdrawal.ts'
import { WITHDRAWAL } from '#sql/queries/withdrawal.ts'
import { repairRollups, rollUp } from '#sql/rollups.ts'
import { allEnded, Serial } from '#sql/serial.ts'
import { ChangeRows, changesFor } from './changes.ts'
import { ClosedPeriods } from './closed-periods.ts'
import { OBSERVATIONS } from './draft.ts'
import { KnownKeys } from './known-keys.ts'
import { type Draft, insertOf, type Observation } from './observation.ts'
import { isIn, pick, refusedIn, type Verdict, withoutRefused } from './pick.ts'
import { PointPlaces } from './point-places.ts'
import { observationOf, observationOfDraft } from './state.ts'
import { countWithdrawal, historiesOf, markWithdrawn } from './withdraw.ts'

/** Rows that one commit should bring: while they are counted, as many are stored. */
const COMMIT_ROWS = 30_000
/**
 * Keys looked up in one statement, and rows that one commit should bring where looking up is dear. One look costs little more than a
 * smaller one where the store is large (measured with ten million workers: 5,000 keys 0.45 s, 25,000 0.85 s, 60,000 1.04 s).
 */
const KEYS_PER_QUERY = 60_000
/** A look-up that takes longer costs more than storing and counting what it is for, and nearly the same for twice as many rows. */
const DEAR_LOOK_MS = 600
/** Subjects in a commit from which on the engine derives what first observations count for; below, one insert is quicker. */
const IN_ENGINE_MIN = 1_000
/** Room for the subjects of a province: 2^28 bits (32 MiB) tell 17 million people apart in 94 of 100 cases. */
const KEY_BITS = { workers: 28, arrears: 24, industry: 24 } as const satisfies Record<Kind, number>
const NONE: ReadonlySet<number> = new Set()
const FIRST: ReadonlySet<number> = new Set([0])
const ANY_WITHDRAWN = 'SELECT toUInt32(count()) FROM withdrawn_batches_v1'

/** A new observation: a draft, or, after a crash, what the store holds of one. */
type Fresh<K extends Kind> = Draft<K> | Observation<K>
/**
 * What must be in the store before the fresh drafts of a commit are; their ordinals are their places in the list. When it fails nothing is committed; what it wrote may
 * stay without a commit, and is written again when the sender sends again.
 */
export type BeforeStoring<K extends Kind> = (
  fresh: readonly Draft<K>[],
  receivedMicros: number,
) => Promise<void>

/** A commit whose observations are in ClickHouse and that is still to be counted. */
type Stored<K extends Kind> = {
  /** The new observations by history, in the order of receipt. */
  groups: Map<string, Fresh<K>[]>
  known: Map<string, Observation<K>[]>
  micros: number
  verdicts: Verdict[]
}

/**
 * Commits observations of one kind. The insert into the observations table is the commit; what is counted from it
 * follows before anyone is answered. Storing and counting are two stations of one line: while one commit is counted the
 * next is stored, so both cores work. A commit left uncounted by a crash or a failure is counted by `recover`, which
 * looks at what of it is there already.
 */
export class Committer<K extends Kind> {
  readonly kind: K
  readonly #engine: Engine
  readonly #postgres: Postgres
  readonly #isShared: boolean
  readonly #beforeStoring: BeforeStoring<K> | null
  /** Of reports: who may speak for a point. */
  readonly #places: PointPlaces | null
  readonly #closed: ClosedPeriods<K>
  readonly #storing = new Serial()
  readonly #counting = new Serial()
  /** Receipt of the newest commit stored by this process, µs: the next one is later. */
  #lastMicros = 0
  /** Something may be stored and not counted; nothing more is stored until that is mended. */
  #isDirty = true
  /** Some batch may have been withdrawn, by another process too. */
  #hasWithdrawn = true
  /** How long the look-up of the newest commit took. */
  #lookMs = 0
  /** Until it is filled, and where others write too, every subject may be known. */
  #knownKeys: KnownKeys | null = null

  /** `isShared`: other processes may commit to the same stores, so commits take turns over all of them. */
  constructor(
    kind: K,
    engine: Engine,
    postgres: Postgres,
    isShared: boolean,
    beforeStoring: BeforeStoring<K> | null = null,
  ) {
    this.kind = kind
    this.#engine = engine
    this.#postgres = postgres
    this.#isShared = isShared
    this.#beforeStoring = beforeStoring
    this.#closed = new ClosedPeriods(kind, postgres)
    this.#places = kind === 'industry' ? new PointPlaces(engine, postgres) : null
  }

  /** Rows that the next commit should bring, if as many wait. */
  get rowsAtOnce(): number {
    return this.#lookMs > DEAR_LOOK_MS ? KEYS_PER_QUERY : COMMIT_ROWS
  }

  /**
   * Commits the drafts of several requests as one; of those in `whole` all or, where one is refused, none. `stored` resolves
   * when the next commit may begin, `counted` with the verdicts when everything is in ClickHouse and counted; it rejects
   * with AppError `store_away` when the store fails.
   */
  commit(
    requests: readonly (readonly Draft<K>[])[],
    whole: ReadonlySet<number> = NONE,
  ): { stored: Promise<void>; counted: Promise<Verdict[]> } {
    if (this.#isShared) {
      const counted = this.#postgres.withLock(`commit:${this.kind}`, async () => {
        await this.#recover()
        return await this.#count(await this.#store(requests, whole))
      })
      return { stored: ended(counted), counted }
    }
    const stored = this.#storing.run(async () => {
      if (this.#isDirty) await this.#counting.run(() => this.#recover())
      return await this.#store(requests, whole)
    })
    const counted = stored.then((commit) =>
      this.#counting.run(async () => {
        // A turn later: the next commit asks the engine for what it must know before this one works out its changes.
        await setImmediate()
        return await this.#count(commit)
      }),
    )
    return { stored: ended(stored), counted }
  }

  /** Those of these drafts that a commit would refuse. */
  async refusedOf(drafts: readonly Draft<K>[]): Promise<Verdict['refused']> {
    const mayBe = this.#places !== null || (await this.#closed.read()).length > 0
    return mayBe ? (await this.judge(drafts)).refused : undefined
  }

  /** What a commit of these drafts would count, without committing; `isWhole`: none where one is refused. */
  async judge(drafts: readonly Draft<K>[], isWhole = false): Promise<Verdict> {
    if (this.#places && (this.#isShared || this.#isDirty)) await this.recover()
    const keys = drafts.map((draft) => draft.historyKey)
    const known = await this.#history(keys.filter((key) => this.#knownKeys?.mayHold(key) ?? true))
    const { verdicts } = await this.#pick([drafts], isWhole ? FIRST : NONE, known)
    return verdicts[0] ?? { accepted: 0, unchanged: 0 }
  }

  /** Resolves when what began before is counted: a rule that was changed before holds for all that is counted from then on. */
  settled(): Promise<void> {
    return this.#inTurn(async () => undefined)
  }

  /**
   * Takes a batch back: from the answered receipt (µs) on everything counts as if it had never been stored. A batch that
   * was withdrawn before stays as it is. Takes its turn in both stations, so no commit is half stored or half counted; in it
   * `rejectClosed` says whether it still may.
   * @throws AppError `store_away`; asked again, it goes on where it broke off; what `rejectClosed` throws.
   */
  withdraw(
    batch: string,
    source: string,
    rejectClosed: () => Promise<void> = async () => undefined,
  ): Promise<{ receivedMicros: number; histories: number }> {
    return this.#inTurn(async () => {
      if (this.#isShared || this.#isDirty) await this.#recover()
      const [before] = await this.#engine.query(WITHDRAWAL, { batch })
      if (before) return { ...before, histories: (await historiesOf(this.#engine, this.kind, batch)).length }
      await rejectClosed()
      const receivedMicros = Math.max(Date.now() * 1000, this.#lastMicros + 1)
      this.#lastMicros = receivedMicros
      // Until it is counted: the mark may be written although its insert failed.
      this.#isDirty = true
      await markWithdrawn(this.#engine, this.kind, { batch, source, receivedMicros })
      this.#hasWithdrawn = true
      const withdrawn = { batch, source, receivedMicros }
      const histories = await countWithdrawal(this.#engine, this.kind, withdrawn, false)
      await this.#places?.refresh()
      this.#isDirty = false
      return { receivedMicros, histories }
    })
  }

  /**
   * Counts what a process before stored and did not count. Safe at any time; done before the first commit. Takes its turn in both
   * stations: a commit that is stored meanwhile would be counted here and by itself.
   */
  recover(): Promise<void> {
    return this.#inTurn(() => this.#recover())
  }

  /** Work that no commit may be stored or counted beside, of any process. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#isShared
      ? this.#postgres.withLock(`commit:${this.kind}`, work)
      : this.#storing.run(() => this.#counting.run(work))
  }

  async #recover(): Promise<void> {
    this.#isDirty = true
    for (;;) {
      const rows = await this.#engine.query(commitQueriesFor(this.kind).uncounted)
      const micros = rows[0]?.receivedMicros
      const [withdrawn] = await this.#engine.query(UNCOUNTED_WITHDRAWAL, { kind: this.kind })
      if (withdrawn && !(micros !== undefined && micros < withdrawn.receivedMicros)) {
        await countWithdrawal(this.#engine, this.kind, withdrawn, true)
        continue
      }
      if (micros === undefined) break
      const fresh = rows.map((row) => observationOf(this.kind, row))
      const known = await this.#history(
        fresh.map((observation) => observation.historyKey),
        micros,
      )
      await this.#insertCounts(pick([fresh], known).groups, known, micros, true)
    }
    // A clock that was set back must not put a new commit before one that was judged already.
    const receipts = await this.#engine.query(NEWEST_RECEIPTS)
    const newest = receipts.find((receipt) => receipt.kind === this.kind)?.knownAtMicros ?? 0
    this.#lastMicros = Math.max(this.#lastMicros, newest)
    await this.#places?.refresh()
    if (!this.#isShared && !this.#knownKeys) await this.#fillKnownKeys()
    this.#hasWithdrawn = this.#isShared || (await this.#engine.numbers(ANY_WITHDRAWN))[0] !== 0
    this.#isDirty = false
  }

  async #fillKnownKeys(): Promise<void> {
    const knownKeys = new KnownKeys(KEY_BITS[this.kind])
    knownKeys.addHashes(
      await this.#engine.numbers(`SELECT CRC32(historyKey) FROM ${this.kind}_observations_v1`),
    )
    this.#knownKeys = knownKeys
  }

  async #store(requests: readonly (readonly Draft<K>[])[], whole: ReadonlySet<number>): Promise<Stored<K>> {
    const keys: string[] = []
    for (const drafts of requests)
      for (const { historyKey } of drafts) if (this.#knownKeys?.add(historyKey) ?? true) keys.push(historyKey)
    const beganMs = performance.now()
    const known = await this.#history(keys)
    this.#lookMs = performance.now() - beganMs
    const { fresh, groups, verdicts } = await this.#pick(requests, whole, known)
    const micros = Math.max(Date.now() * 1000, this.#lastMicros + 1)
    if (fresh.length === 0) return { groups, known, micros, verdicts }
    this.#lastMicros = micros
    fresh.forEach(({ page, row }, ordinal) => {
      page.observations.setPlace(row, micros, ordinal)
    })
    await this.#beforeStoring?.(fresh, micros)
    try {
      await this.#engine.insert({
        table: `${this.kind}_observations_v1`,
        ...insertOf(fresh, 'observations', OBSERVATIONS[this.kind], micros),
      })
    } catch (error) {
      // A failed insert may still have happened; the next commit looks.
      this.#isDirty = true
      throw error
    }
    this.#places?.keep(fresh, micros)
    return { groups, known, micros, verdicts }
  }

  /** `pick` of what each request may bring, with what it may not in the verdicts. */
  async #pick(
    requests: readonly (readonly Draft<K>[])[],
    whole: ReadonlySet<number>,
    known: ReadonlyMap<string, Observation<K>[]>,
  ) {
    const closed = await this.#closed.refusedOf(requests, known)
    const open = withoutRefused(requests, whole, closed)
    const isKnown = (draft: Draft<K>) => isIn(known.get(draft.historyKey), draft)
    const elsewhere = (await this.#places?.refusedOf(open, whole, isKnown)) ?? new Map<Draft<K>, Fault>()
    const picked = pick(withoutRefused(open, whole, elsewhere), known)
    const faults = new Map([...closed, ...elsewhere])
    if (faults.size === 0) return picked
    const verdicts = picked.verdicts.map((verdict, i): Verdict => {
      const refused = refusedIn(requests[i] ?? [], faults)
      return refused.size === 0 ? verdict : { ...verdict, refused }
    })
    return { ...picked, verdicts }
  }

  /** What is known of the keys; where a receipt (µs) is given, what was received before it. */
  async #history(
    keys: readonly string[],
    beforeMicros: number | null = null,
  ): Promise<Map<string, Observation<K>[]>> {
    const queries = commitQueriesFor(this.kind)
    const known = new Map<string, Observation<K>[]>()
    const unique = [...new Set(keys)]
    for (let i = 0; i < unique.length; i += KEYS_PER_QUERY) {
      const some = unique.slice(i, i + KEYS_PER_QUERY)
      const rows =
        beforeMicros === null && !this.#hasWithdrawn
          ? await this.#engine.query(queries.wholeHistory, { keys: some })
          : await this.#engine.query(queries.history, {
              keys: some,
              before: beforeMicros ?? Number.MAX_SAFE_INTEGER,
            })
      for (const row of rows) {
        const observation = observationOf(this.kind, row)
        const history = known.get(observation.historyKey)
        if (history) history.push(observation)
        else known.set(observation.historyKey, [observation])
      }
    }
    return known
  }

  async #count({ groups, known, micros, verdicts }: Stored<K>): Promise<Verdict[]> {
    if (groups.size === 0) return verdicts
    // A receipt must never overtake an uncounted commit: it would pass for counted. `recover` counts both, in order.
    if (this.#isDirty)
      throw new AppError('store_away', 'an earlier commit could not be counted yet; send again', {
        retryAfterS: 2,
      })
    try {
      await this.#insertCounts(groups, known, micros, false)
    } catch (error) {
      this.#isDirty = true
      throw error
    }
    return verdicts
  }

  async #insertCounts(
    groups: ReadonlyMap<string, Fresh<K>[]>,
    known: ReadonlyMap<string, Observation<K>[]>,
    micros: number,
    isAgain: boolean,
  ): Promise<void> {
    const table = `${this.kind}_changes_v1`
    if (isAgain) await removeChanges(this.#engine, table, micros)
    const isFirst = (historyKey: string, fresh: readonly unknown[]) =>
      groups.size >= IN_ENGINE_MIN && fresh.length === 1 && !known.has(historyKey)
    const changes = new ChangeRows(this.kind, micros)
    const written: number[] = []
    let firsts = 0
    const receipts = new Map<string, { observations: number; newestMs: number }>()
    for (const [historyKey, fresh] of groups) {
      if (isFirst(historyKey, fresh)) firsts++
      else {
        const observed = fresh.map((one) => ('state' in one ? one : observationOfDraft(one)))
        for (const change of changesFor(this.kind, known.get(historyKey) ?? [], observed))
          changes.add(historyKey, change)
        for (const { ordinal } of observed) written.push(ordinal)
      }
      for (const { source, observedAt } of fresh) {
        const receipt = receipts.get(source)
        if (!receipt) receipts.set(source, { observations: 1, newestMs: observedAt })
        else {
          receipt.observations++
          receipt.newestMs = Math.max(receipt.newestMs, observedAt)
        }
      }
    }
    const few = firsts === 0 && !isAgain ? changes.few() : null
    if (few) {
      // Much of what is told again is what was told before: nothing changes then.
      if (few.lines.length > 0)
        await allEnded([changes.insert(this.#engine), rollUp(this.#engine, table, few)])
    } else {
      if (firsts > 0) await insertFirstChanges(this.#engine, table, micros, written)
      await changes.insert(this.#engine)
      await (isAgain ? repairRollups : rollUp)(this.#engine, table, micros)
    }
    // Last, because it is the mark that everything up to this receipt is counted.
    await this.#engine.insert({
      table: 'source_receipts_v1',
      columns: ['source', 'kind', 'receivedAt', 'newestAt', 'observations'],
      lines: [...receipts].map(([source, { newestMs, observations }]) =>
        JSON.stringify([source, this.kind, micros, newestMs, observations]),
      ),
    })
  }
}

/** Resolves when a promise has ended, whichever way. */
const ended = (promise: Promise<unknown>): Promise<void> =>
  promise.then(
    () => undefined,
    () => undefined,
  )

/** One committer a kind. */
export type Committers = { [K in Kind]: Committer<K> }

/** `putIdentities` keeps who the fresh workers are. */
export function createCommitters(
  engine: Engine,
  postgres: Postgres,
  isShared: boolean,
  putIdentities: BeforeStoring<'workers'> | null = null,
): Committers {
  const make = <K extends Kind>(kind: K, before: BeforeStoring<K> | null = null) =>
    new Committer(kind, engine, postgres, isShared, before)
  return {
    workers: make('workers', putIdentities),
    arrears: make('arrears'),
    industry: make('industry'),
  } satisfies Record<(typeof KINDS)[number], unknown>
}
