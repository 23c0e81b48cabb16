import { Alert } from '#domain/alert.ts'
import type { Rule } from '#domain/rule.ts'
import { employerAcrossOf, employerSiteOf } from '#domain/site.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { EMPLOYER_SITES } from '#sql/queries/employer-sites.ts'
import { NEWEST_RECEIPTS } from '#sql/queries/newest-receipts.ts'
import type { OpenCase } from '#sql/queries/open-by-case.ts'
import type { Open } from '#sql/queries/open-by-site.ts'
import { OPEN_SITES } from '#sql/queries/open-sites.ts'
import { TOUCHED_CASES } from '#sql/queries/touched-cases.ts'
import { acrossNamesOf } from './across.ts'
import { advance, type Transition } from './advance.ts'
import { evaluate, type Finding, leastOf } from './evaluate.ts'
import { group } from './group.ts'
import { appendLog } from './log.ts'
import { notifyReason } from './notify-reason.ts'
import { once } from './once.ts'
import { openByCase, openBySite } from './open.ts'
import { readRules } from './rules.ts'
import { suppress } from './suppress.ts'

/** The bell that ingestion rings after each commit, and the one it rings beside it where there may be something to judge. */
export const COMMIT_CHANNEL = 'committed'
export const ARREARS_CHANNEL = 'committed_arrears'

/** Cases judged and written together, whole sites of them: what a large upload touches does not fit into memory at once. */
const CASES_PER_PAGE = 2_000
/** Sites or cases asked for in one statement. */
const KEYS_PER_QUERY = 2_000

function partsOf(keys: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(keys.length / KEYS_PER_QUERY) }, (_, i) =>
    keys.slice(i * KEYS_PER_QUERY, (i + 1) * KEYS_PER_QUERY),
  )
}

/** Does work that makes much garbage with as little memory as may be. */
type Sparingly = <T>(work: () => Promise<T>) => Promise<T>

/**
 * How far a round has come: of what was committed after `after` up to `until` (receipts, µs) the sites up to `afterSite` are
 * judged, and what was committed since up to `ahead` where it was little.
 */
type Place = { after: number; until: number; afterSite: string; ahead: number }

/** The fact that everything open has been judged since alerts match by case. */
const OPEN_BY_CASES = 'open-alerts-by-case'

/** How long after a failed round the same place is tried again, at most once in that time however often the bell rings. */
const RETRY_MS = 1_000

/**
 * Judges what has been committed since the last time and writes what changed. The mark of how far it came moves in the
 * same transaction as the last alerts and their log, so a crash at any instant neither loses an alert nor doubles one.
 * One judge at a time over all processes. Answers how many transitions were written.
 */
export class Dispatcher {
  readonly #engine: Engine
  readonly #postgres: Postgres
  readonly #counted: (reason: string) => void
  readonly #failed: (error: unknown) => void
  readonly #worked: () => void
  readonly #sparingly: Sparingly
  #running: Promise<void> | null = null
  #isRung = false
  #retry: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(deps: {
    engine: Engine
    postgres: Postgres
    counted: (reason: string) => void
    failed: (error: unknown) => void
    /** Told after each round that did not fail. */
    worked?: () => void
    /** How a round of many cases is done: what a large file touched is judged long after the file was taken. */
    sparingly?: Sparingly
  }) {
    this.#engine = deps.engine
    this.#postgres = deps.postgres
    this.#counted = deps.counted
    this.#failed = deps.failed
    this.#worked = deps.worked ?? (() => undefined)
    this.#sparingly = deps.sparingly ?? ((work) => work())
  }

  /** Arrears were committed. Rings while a round runs lead to one more round after it. */
  ring(): void {
    this.#isRung = true
    if (!this.#isClosed) this.#running ??= this.#loop()
  }

  /** Lets the running round finish; rings after this are ignored. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
  }

  async #loop(): Promise<void> {
    while (this.#isRung && !this.#isClosed) {
      this.#isRung = false
      try {
        await this.round(Date.now())
        this.#worked()
      } catch (error) {
        // The mark has not moved, so nothing is lost: the next bell, or this one again shortly, starts from the same place.
        this.#failed(error)
        clearTimeout(this.#retry)
        this.#retry = setTimeout(() => this.ring(), RETRY_MS).unref()
      }
    }
    this.#running = null
  }

  /**
   * One round of judging, page by page: who acknowledges, and what is committed meanwhile, waits for one page and not for all
   * that a large file touched. Public for scenario tests, which pass their own clock.
   */
  async round(nowMs: number): Promise<number> {
    let written = 0
    for (let place: Place | null = { after: -1, until: 0, afterSite: '', ahead: 0 }; place; ) {
      const from: Place = place
      const page = await this.#postgres.withLock('evaluate', () => this.#page(from, nowMs))
      written += page.written
      place = page.next
    }
    return written
  }

  /** Judges the page of a round that begins at a place, and what was committed since the page before it. */
  async #page(place: Place, nowMs: number): Promise<{ written: number; next: Place | null }> {
    const [mark] = await this.#postgres.query<{ knownAtMicros: number | string }>(
      `SELECT "knownAtMicros" FROM evaluated WHERE kind = 'arrears'`,
    )
    const after = Number(mark?.knownAtMicros ?? 0)
    const receipts = await this.#engine.query(NEWEST_RECEIPTS)
    const newest = receipts.find((receipt) => receipt.kind === 'arrears')?.knownAtMicros ?? 0
    // Where another process has judged all of it between two pages, a new round begins.
    const at = place.after === after ? place : { after, until: newest, afterSite: '', ahead: newest }
    if (at.until <= after) return { written: 0, next: null }
    const rules = await readRules(this.#postgres)
    const touched = await this.#touched(after, at.until, at.afterSite)
    const isLast = touched.length < CASES_PER_PAGE
    const work = async () => {
      const written = await this.#judgeTouched(rules, touched, isLast ? at.until : null, nowMs)
      if (isLast || newest <= at.ahead) return written
      const fresh = await this.#touched(at.ahead, newest, '')
      // Few: their turn comes again, and changes nothing then. Many are a large file, too.
      if (fresh.length >= CASES_PER_PAGE) return written
      return written + (await this.#judgeTouched(rules, fresh, null, nowMs))
    }
    const written = isLast ? await work() : await this.#sparingly(work)
    const afterSite = touched.at(-1)?.site ?? ''
    return { written, next: isLast ? null : { ...at, afterSite, ahead: newest } }
  }

  #touched(after: number, until: number, afterSite: string) {
    return this.#engine.query(TOUCHED_CASES, { after, until, afterSite, rows: CASES_PER_PAGE })
  }

  /** `until` as `#write`. Answers how many transitions were written. */
  async #judgeTouched(
    rules: readonly Rule[],
    touched: readonly { site: string; caseKey: string }[],
    until: number | null,
    nowMs: number,
  ): Promise<number> {
    const keys = [...new Set(touched.map((row) => row.caseKey))]
    const sites = new Set(touched.map((row) => row.site))
    const findings = await this.#judge(rules, sites, keys)
    const transitions = await this.#advanceAll(rules, findings, [...sites, ...keys], nowMs)
    await this.#write(transitions, until, nowMs)
    return transitions.length
  }

  /**
   * Judges what is open again where it was written before alerts said which of their places are of which sector, so that all
   * that is open reaches people by its cases. Once over the life of an installation; what did not change is not written.
   * Answers how many transitions were written.
   */
  async judgeOpenAgain(nowMs: number): Promise<number> {
    return await once(this.#postgres, OPEN_BY_CASES, async (done) => {
      const open = await this.#postgres.query<{ group: string }>(
        `SELECT DISTINCT "group" FROM alerts WHERE state <> 'resolved' AND NOT body ? 'bySector' ORDER BY "group"`,
      )
      const rules = await readRules(this.#postgres)
      let written = 0
      for (const part of partsOf(open.map(({ group }) => group))) {
        const findings = await this.#judge(rules, new Set(part), part, part)
        const transitions = await this.#advanceAll(rules, findings, part, nowMs)
        await this.#write(transitions, null, nowMs)
        written += transitions.length
      }
      await done(this.#postgres)
      return written
    })
  }

  /**
   * What the rules find at the sites, at the present sites of the cases, and at the other sites of their employers, with
   * which they add up; of cases that reach no tier, only what is said of those `among`. All are judged before any alert moves.
   */
  async #judge(
    rules: readonly Rule[],
    sites: ReadonlySet<string>,
    keys: readonly string[],
    among: readonly string[] = [],
  ): Promise<Finding[]> {
    const all = new Set(sites)
    for (const part of partsOf(keys))
      for (const { site } of await this.#engine.query(OPEN_SITES, { keys: part })) all.add(site)
    const codes = [...all].flatMap((one) => (employerSiteOf(one) ?? employerAcrossOf(one))?.code ?? [])
    for (const part of partsOf([...new Set(codes)]))
      for (const { site } of await this.#engine.query(EMPLOYER_SITES, { codes: part })) all.add(site)
    let open: Open[] = []
    let cases: OpenCase[] = []
    for (const part of partsOf([...all])) {
      const ask = { sites: part, keys: [...among], ...leastOf(rules) }
      const [bySite, byCase] = await Promise.all([
        openBySite(this.#engine, part),
        openByCase(this.#engine, ask),
      ])
      open = open.concat(bySite)
      cases = cases.concat(byCase)
    }
    return evaluate(rules, open, cases)
  }

  async #advanceAll(
    rules: readonly Rule[],
    findings: readonly Finding[],
    touched: readonly string[],
    nowMs: number,
  ): Promise<Transition[]> {
    const keyOf = (rule: string, name: string) => `${rule} ${name}`
    const found = new Map(findings.map((finding) => [keyOf(finding.rule.id, finding.group), finding]))
    const names = [...touched, ...findings.map((finding) => finding.group)]
    const groups = [...new Set(names.flatMap((name) => [name, ...acrossNamesOf(name)]))]
    const rows = await this.#postgres.query<{ body: unknown }>(
      `SELECT body FROM alerts WHERE state <> 'resolved' AND "group" = ANY($1::text[])`,
      [groups],
    )
    const open = new Map(
      rows
        .map((row) => Alert.parse(row.body))
        .map((alert): [string, Alert] => [keyOf(alert.rule, alert.group), alert]),
    )
    // A commit that is being counted meanwhile may have moved a case to a site we did not look at. Before an alert is
    // called over, its case or site is looked at once more.
    const gone = [...open].filter(([key]) => !found.has(key)).map(([, alert]) => alert.group)
    if (gone.length > 0)
      for (const finding of await this.#judge(rules, new Set(gone), gone, gone)) {
        const key = keyOf(finding.rule.id, finding.group)
        if (open.has(key) && !found.has(key)) found.set(key, finding)
      }
    return [...new Set([...found.keys(), ...open.keys()])]
      .map((key) => advance(open.get(key) ?? null, found.get(key) ?? null, nowMs))
      .filter((transition) => transition !== null)
  }

  /** `until` is how far everything is judged now, `null` before the last page: judged again, its alerts stay as they are. */
  async #write(transitions: readonly Transition[], until: number | null, nowMs: number): Promise<void> {
    await this.#postgres.transaction(async (sql) => {
      await appendLog(
        sql,
        transitions.map(({ change, alert }) => ({ change, alert, by: null, note: null })),
        nowMs,
      )
      if (until === null) return
      await sql.query(
        `INSERT INTO evaluated (kind, "knownAtMicros") VALUES ('arrears', $1) ON CONFLICT (kind) DO UPDATE SET "knownAtMicros" = excluded."knownAtMicros"`,
        [until],
      )
    })
    for (const incident of group(transitions))
      for (const transition of incident.transitions)
        this.#counted(notifyReason(transition, suppress(transition, incident)).reason)
  }
}
