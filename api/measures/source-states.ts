import { DAY_MS } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { dueMs, isSilent, readDueSources, readHeard } from './silent.ts'

const RECENT_DAYS = 30
/** A batch of the source itself: not the trial of a file, nor what became of rejected rows when somebody mended them. */
const IS_SENT = `mode = 'commit' AND NOT EXISTS (SELECT 1 FROM rejected_rows r WHERE r."into" = b.id)`

/** How a source has been sending, up to an instant. Milliseconds; `null` where there was nothing. */
export type SourceState = {
  /** When the newest batch that it sent came, whatever became of it. */
  lastReceivedMs: number | null
  newestObservedMs: number | null
  /** When its next data are due; `null` when it is never due. Past it by more than the grace it is silent. */
  dueMs: number | null
  isSilent: boolean
  /** Its batches of the last 30 days that were to be committed, and their rows; those of mended rows it did not send. */
  last30Days: { batches: number; received: number; rejected: number; rejectedShare: number | null }
}

/** Counts beyond 32 bits arrive as text. */
type Sent = { source: string; lastReceivedMs: string | null } & Record<
  'batches' | 'received' | 'rejected',
  string
>

/** The state of every source at `atMs`, by its id. */
export async function readSourceStates(
  engine: Engine,
  postgres: Postgres,
  atMs: number,
): Promise<Map<string, SourceState>> {
  const [heard, sources] = await Promise.all([readHeard(engine, atMs), readDueSources(postgres)])
  const batches = await postgres.query<Sent>(
    `SELECT s.id AS source, last.ms AS "lastReceivedMs", recent.batches, recent.received, recent.rejected
     FROM sources s,
       LATERAL (SELECT (SELECT extract(epoch FROM "receivedAt") * 1000 FROM batches b WHERE source = s.id AND ${IS_SENT}
                        ORDER BY "receivedAt" DESC LIMIT 1) AS ms) last,
       LATERAL (SELECT count(*) AS batches, coalesce(sum(received), 0) AS received, coalesce(sum(rejected), 0) AS rejected
                FROM batches b WHERE source = s.id AND ${IS_SENT} AND "receivedAt" > $1) recent`,
    [new Date(atMs - RECENT_DAYS * DAY_MS)],
  )
  const recent = new Map(batches.map((row) => [row.source, row]))
  const stateOf = (source: (typeof sources)[number]): SourceState => {
    const sent = recent.get(source.id)
    const heardMs = heard.heardMs(source)
    const received = Number(sent?.received ?? 0)
    const rejected = Number(sent?.rejected ?? 0)
    return {
      lastReceivedMs: sent?.lastReceivedMs ? Math.floor(Number(sent.lastReceivedMs)) : null,
      newestObservedMs: heard.receiptOf(source.id)?.newestMs ?? null,
      dueMs: dueMs(source, heardMs),
      isSilent: isSilent(source, heardMs, atMs),
      last30Days: {
        batches: Number(sent?.batches ?? 0),
        received,
        rejected,
        rejectedShare: received === 0 ? null : rejected / received,
      },
    }
  }
  return new Map(sources.map((source) => [source.id, stateOf(source)]))
}
