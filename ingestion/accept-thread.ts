import { move, transferableSymbol, valueSymbol, workerData } from 'piscina'
import { AppError, type ErrorCode } from '#domain/error.ts'
import type { Kind } from '#domain/signal.ts'
import type { RawRows, SourceScope } from './accept.ts'
import { acceptorFor, type Request } from './acceptor.ts'
import type { TableHead } from './formats/table.ts'
import { type PackedDrafts, packDrafts } from './observation.ts'
import { rowsJson } from './row-json.ts'

/** A body to go through. */
export type AcceptTask = {
  kind: Kind
  /** Rows that were read already as JSON: values nested deeply do not survive being cloned. */
  body: Exclude<RawRows, { rows: unknown }> | { rows: string }
  scope: SourceScope
  request: Request
}

/** What came of it, with the bytes of the body (`null` of rows), or why the body as a whole cannot be read. */
export type AcceptResult =
  | { drafts: PackedDrafts | null; rejected: string; table: TableHead | null; content: ArrayBuffer | null }
  | { fault: { code: ErrorCode; message: string; zh: string | null } }

const { secret } = workerData as { secret: string }
const acceptHere = acceptorFor(secret)

/** Runs on a thread of its own, see `AcceptPool`. */
export default function accept({ kind, body, scope, request }: AcceptTask): unknown {
  try {
    const rows = received(body)
    const { drafts, rejected, table } = acceptHere(kind, rows, scope, request)
    const packed = packDrafts(drafts)
    const content = 'rows' in rows ? null : (rows.content.buffer as ArrayBuffer)
    return moved({ drafts: packed, rejected: rowsJson(rejected), table, content }, packed, content)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { code, message, zh } = error
    return { fault: { code, message, zh } } satisfies AcceptResult
  }
}

/** What came over: a Buffer arrives as a plain array of bytes. */
function received(body: AcceptTask['body']): RawRows {
  if ('rows' in body) return { rows: JSON.parse(body.rows), table: null }
  const { buffer, byteOffset, byteLength } = body.content
  return { ...body, content: Buffer.from(buffer, byteOffset, byteLength) }
}

/** The bytes of the drafts and of the body change hands and are not copied. */
function moved(result: AcceptResult, packed: PackedDrafts | null, content: ArrayBuffer | null): unknown {
  const bytes = packed
    ? [
        packed.observedAt,
        packed.observations.bytes,
        packed.observations.ends,
        packed.identities.bytes,
        packed.identities.ends,
      ]
    : []
  const buffers = [...bytes.map(({ buffer }) => buffer), ...(content ? [content] : [])]
  return move({ [transferableSymbol]: buffers, [valueSymbol]: result })
}
