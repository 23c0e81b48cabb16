import {
  type Duty,
  judgePunctuality,
  PUNCTUALITY_DAYS,
  type Punctuality,
  punctualityReachMs,
} from '#domain/duty.ts'
import { isOwed } from '#domain/earlier-report.ts'
import { INSTANT_SUFFIX } from '#domain/organisation.ts'
import { DAY_MS, periodStart, shanghaiDay } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import { DAY_RECEIPTS } from '#sql/queries/day-receipts.ts'
import { INSTANT_REPORTS } from '#sql/queries/instant-reports.ts'
import { PERIOD_RECEIPTS } from '#sql/queries/period-receipts.ts'
import { readHeard, silenceBegins } from '../measures/silent.ts'

/** What a source owes. `isPeriodic`: its reports name their period; else what it observed in a period counts as its report. */
export type Reporting = {
  readonly sourceId: string
  readonly dueEvery: 'day' | 'month' | null
  readonly graceHours: number
  readonly dueDays: number | null
  readonly createdAt: Date
  readonly isPeriodic: boolean
  /** When the report of each period was received before the unit came here, ms; `null`: never. It owes since the first. */
  readonly earlier: ReadonlyMap<string, number | null>
}

/** How a source stands: newest observation and receipt (ms, `null` = never), silence (ms, `null` = not silent), punctuality. */
export type Standing = {
  readonly dataMs: number | null
  readonly receivedMs: number | null
  readonly silentMs: number | null
  readonly punctuality: Punctuality
  /** Major events told in the days over which punctuality is judged. */
  readonly instantReports: number
}

/** How each of some sources stands at `nowMs`, by its id. */
export async function readStandings(
  engine: Engine,
  sources: readonly Reporting[],
  nowMs: number,
): Promise<Map<string, Standing>> {
  const graceHours = Math.max(0, ...sources.map((source) => source.graceHours))
  const fromMs = nowMs - punctualityReachMs(graceHours)
  const [heard, periods, days, instants] = await Promise.all([
    readHeard(engine, nowMs),
    engine.query(PERIOD_RECEIPTS, {
      fromMs,
      fromMonth: shanghaiDay(fromMs).slice(0, 7),
      instantSuffix: INSTANT_SUFFIX,
    }),
    engine.query(DAY_RECEIPTS, { fromMs }),
    engine.query(INSTANT_REPORTS, { fromMs: nowMs - PUNCTUALITY_DAYS * DAY_MS }),
  ])
  const instantsOf = new Map(instants.map((row) => [row.source, row.reportCount]))
  const periodMs = new Map(periods.map((row) => [`${row.source} ${row.period}`, row.firstMs]))
  const daysOf = Map.groupBy(days, (row) => row.source)
  const standingOf = (source: Reporting): Standing => {
    const last = heard.receiptOf(source.sourceId)
    const silentMs = silenceBegins(source, heard.heardMs({ ...source, id: source.sourceId }))
    const receivedHere = source.isPeriodic
      ? (startMs: number) => periodMs.get(`${source.sourceId} ${periodText(source, startMs)}`) ?? null
      : firstSince(daysOf.get(source.sourceId) ?? [])
    return {
      dataMs: last?.newestMs ?? null,
      receivedMs: last?.receivedMs ?? null,
      silentMs: silentMs !== null && nowMs > silentMs ? silentMs : null,
      punctuality: judgePunctuality(
        dutyOf(source),
        (startMs) => first(receivedHere(startMs), source.earlier.get(periodText(source, startMs)) ?? null),
        nowMs,
      ),
      instantReports: instantsOf.get(source.sourceId) ?? 0,
    }
  }
  return new Map(sources.map((source) => [source.sourceId, standingOf(source)]))
}

function dutyOf(source: Reporting): Duty {
  const { dueEvery: every, dueDays, graceHours, createdAt, earlier } = source
  const owed = [...earlier.keys()].filter((period) => isOwed(every, period))
  const sinceMs = Math.min(createdAt.getTime(), ...owed.map(periodStart))
  return { every, dueDays, graceHours, sinceMs }
}

const first = (a: number | null, b: number | null) => (a === null || b === null ? (a ?? b) : Math.min(a, b))

function periodText({ dueEvery }: Reporting, startMs: number): string {
  return shanghaiDay(startMs).slice(0, dueEvery === 'month' ? 7 : 10)
}

/** When something observed on or after an instant first came: what was told later holds for the period as well. */
function firstSince(days: readonly { day: string; firstMs: number }[]): (startMs: number) => number | null {
  const firsts: { day: string; firstMs: number }[] = []
  for (const { day, firstMs } of days.toReversed())
    firsts.unshift({ day, firstMs: Math.min(firstMs, firsts[0]?.firstMs ?? firstMs) })
  return (startMs) => {
    const start = shanghaiDay(startMs)
    return firsts.find(({ day }) => day >= start)?.firstMs ?? null
  }
}
