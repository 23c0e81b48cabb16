import type { Kind } from '#domain/signal.ts'
import { acceptRows } from '../../ingestion/accept.ts'
import type { BodyType } from '../../ingestion/formats/body.ts'
import type { RawRow } from '../../ingestion/formats/raw-row.ts'
import { openRows } from '../../ingestion/formats/rows.ts'
import { deriveKeys } from '../../ingestion/secret.ts'

const SOURCE = { id: 's', name: 's', kinds: ['workers', 'arrears', 'industry'], region: '43' }
const SENDER = {
  source: 's',
  batch: 'b',
  keys: deriveKeys('0123456789abcdef0123456789abcdef'),
  sealer: null,
}

/** What a source of the province has of these rows. */
export const judge = (kind: Kind, rows: readonly RawRow[]) => acceptRows(kind, rows, SOURCE as never, SENDER)

/** What a ledger is read as, without a server: columns, rows, and what is wrong with them, also as "row path code". */
export async function readLedger(content: Uint8Array, type: BodyType, kind: Kind) {
  const body = {
    kind: 'memory',
    type,
    bytes: content.length,
    heardMs: 0,
    hash: () => '',
    content: Buffer.from(content),
  } as const
  const reading = await openRows(body, { kind, sheet: null, given: null, remembered: new Map() })
  try {
    const rows: RawRow[] = []
    for await (const chunk of reading.chunks) rows.push(...chunk)
    const { rejected } = judge(kind, rows)
    const faults = rejected.flatMap(({ row, faults }) =>
      faults.map(({ path, code }) => `${row} ${path} ${code}`),
    )
    return { columns: reading.table?.columns ?? null, rows, rejected, faults }
  } finally {
    await reading.close()
  }
}
