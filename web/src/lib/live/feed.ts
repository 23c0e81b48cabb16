import type { Alert, AlertLogEntry } from '#domain/alert.ts'
import type { Snapshot, Watermark } from '#domain/live-events.ts'

/**
 * What a page knows of the alert log. `seq` is the last entry applied, `asOf` the log number of the last snapshot
 * (entries up to it are already in `alerts`), `behind` the number the server has told of but not sent.
 */
export type Feed = {
  readonly seq: number
  readonly asOf: number
  readonly behind: number | null
  readonly alerts: ReadonlyMap<string, Known>
  readonly ticker: readonly AlertLogEntry[]
}
/** An alert and the log number of its newest state; the highest number wins. */
type Known = { readonly seq: number; readonly alert: Alert }

/** Entries kept for the ticker: more than any wall shows. */
const TICKER_MAX = 60

export const emptyFeed: Feed = { seq: 0, asOf: 0, behind: null, alerts: new Map(), ticker: [] }

/**
 * Takes all unresolved alerts as of `snapshot.seq`. A page that knew nothing starts there; one that knew more than the
 * server has met another log (the store was reset) and starts over.
 */
export function applySnapshot(feed: Feed, snapshot: Snapshot): Feed {
  const isOtherLog = feed.seq > snapshot.seq
  const isFirst = feed.seq === 0
  return {
    seq: isFirst || isOtherLog ? snapshot.seq : feed.seq,
    asOf: snapshot.seq,
    behind: !isFirst && !isOtherLog && feed.seq < snapshot.seq ? snapshot.seq : null,
    alerts: new Map(snapshot.alerts.map((alert) => [alert.id, { seq: snapshot.seq, alert }])),
    ticker: isOtherLog ? [] : feed.ticker,
  }
}

/**
 * Takes one log entry. An entry already applied changes nothing. A jump in the numbers is applied, since the newest
 * state of an alert is right by itself, but `seq` stays before the gap and `behind` says how far to ask.
 */
export function applyEntry(feed: Feed, entry: AlertLogEntry): Feed {
  if (entry.seq <= feed.seq || feed.ticker.some(({ seq }) => seq === entry.seq))
    return advance(feed, entry.seq)
  return advance({ ...remember(feed, entry) }, entry.seq)
}

/** Takes entries asked for after a gap, complete up to `seq`, in the order of the log. */
export function applyLog(feed: Feed, entries: readonly AlertLogEntry[], seq: number): Feed {
  const known = entries.reduce(
    (so, entry) => (so.ticker.some((one) => one.seq === entry.seq) ? so : remember(so, entry)),
    feed,
  )
  const reached = Math.max(feed.seq, seq)
  return {
    ...known,
    seq: reached,
    behind: feed.behind !== null && feed.behind > reached ? feed.behind : null,
  }
}

/** Adds earlier entries to the ticker without touching what is known of the alerts. */
export function applyHistory(feed: Feed, entries: readonly AlertLogEntry[]): Feed {
  const fresh = entries.filter((entry) => !feed.ticker.some(({ seq }) => seq === entry.seq))
  return { ...feed, ticker: newestFirst([...feed.ticker, ...fresh]) }
}

/** Takes the server's word that everything up to its number has been sent. */
export function applyWatermark(feed: Feed, watermark: Watermark): Feed {
  return watermark.seq > feed.seq ? { ...feed, behind: Math.max(watermark.seq, feed.behind ?? 0) } : feed
}

/** The alerts that are not resolved: worst tier first is the caller's choice, here the newest change first. */
export function activeAlerts(feed: Feed): Alert[] {
  return [...feed.alerts.values()]
    .filter(({ alert }) => alert.state !== 'resolved')
    .sort((a, b) => newestFirstBy(a.alert.changedAt, b.alert.changedAt) || b.seq - a.seq)
    .map(({ alert }) => alert)
}

/** All are written with the same offset, so they stand as their characters do; comparing by language sorts 3,000 six times as long. */
const newestFirstBy = (a: string, b: string) => Number(a < b) - Number(a > b)

function advance(feed: Feed, seq: number): Feed {
  if (seq <= feed.seq) return feed
  if (seq === feed.seq + 1)
    return { ...feed, seq, behind: feed.behind !== null && feed.behind > seq ? feed.behind : null }
  return { ...feed, behind: Math.max(seq, feed.behind ?? 0) }
}

function remember(feed: Feed, entry: AlertLogEntry): Feed {
  const known = feed.alerts.get(entry.alert.id)
  const isNewer = entry.seq > Math.max(known?.seq ?? 0, feed.asOf)
  const alerts = isNewer
    ? new Map(feed.alerts).set(entry.alert.id, { seq: entry.seq, alert: entry.alert })
    : feed.alerts
  return { ...feed, alerts, ticker: newestFirst([...feed.ticker, entry]) }
}

function newestFirst(entries: AlertLogEntry[]): AlertLogEntry[] {
  return entries.sort((a, b) => b.seq - a.seq).slice(0, TICKER_MAX)
}
