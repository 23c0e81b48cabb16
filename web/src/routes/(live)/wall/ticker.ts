import type { Alert, AlertChange, AlertLogEntry } from '#domain/alert.ts'

/** A line of the alert list: the alert as it is now, what last happened to it that matters, and when. */
export type TickerLine = { readonly alert: Alert; readonly change: AlertChange; readonly atMs: number }

/** Changes that are news. A value that moved inside its tier or a remark does not bring an alert back to the top. */
const NEWS: ReadonlySet<AlertChange> = new Set([
  'opened',
  'raised',
  'lowered',
  'moved',
  'resolved',
  'acknowledged',
])

/**
 * One line an alert: those that stand, then those that are over, which would else push one that waits off a screen that nobody
 * scrolls; of each the newest news first. Alerts whose news is older than the log kept here stand at their opening.
 */
export function tickerLines(entries: readonly AlertLogEntry[], active: readonly Alert[]): TickerLine[] {
  const now = new Map(active.map((alert) => [alert.id, alert]))
  const lines = new Map<string, TickerLine>()
  for (const { alert, change, at } of entries) {
    const isGone = !now.has(alert.id) && alert.state !== 'resolved'
    if (isGone || !NEWS.has(change) || lines.has(alert.id)) continue
    lines.set(alert.id, { alert: now.get(alert.id) ?? alert, change, atMs: Date.parse(at) })
  }
  for (const alert of active)
    if (!lines.has(alert.id))
      lines.set(alert.id, { alert, change: 'opened', atMs: Date.parse(alert.openedAt) })
  const isOver = ({ alert }: TickerLine) => Number(alert.state === 'resolved')
  return [...lines.values()].sort(
    (a, b) => isOver(a) - isOver(b) || b.atMs - a.atMs || (a.alert.id < b.alert.id ? -1 : 1),
  )
}
