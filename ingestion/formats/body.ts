import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { AppError } from '#domain/error.ts'
import type { Kind } from '#domain/signal.ts'
import { readCsv } from './csv.ts'
import { readJson, readNdjson } from './json.ts'
import type { RawRow } from './raw-row.ts'

const gunzipAsync = promisify(gunzip)

/** A body larger than this, unpacked, is refused: send it in parts. */
const BODY_BYTES_MAX = 64 * 1024 * 1024

const tooLarge = () =>
  new AppError(
    'too_large',
    `the body is larger than ${BODY_BYTES_MAX / 1024 / 1024} MiB (unpacked); send it in several requests`,
  )

/** A request's headers and its bytes as they come: Node's own stream, as the web stream over it costs more than parsing. */
export type Body = { header(name: string): string | undefined; stream: AsyncIterable<Uint8Array> }

/**
 * The rows of a request body.
 * @throws AppError `bad_request` (cannot be read), `too_large`, `unsupported_media`; the message names the remedy.
 */
export async function readRows(body: Body, kind: Kind): Promise<{ rows: RawRow[]; bytes: Uint8Array }> {
  const type = (body.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const read = READERS[type]
  if (!read)
    throw new AppError(
      'unsupported_media',
      `Content-Type ${type || '(none)'} is not read here; use ${Object.keys(READERS).join(', ')}`,
    )
  const bytes = await readBytes(body)
  return { rows: read(decode(bytes, type === 'text/csv'), kind), bytes }
}

const READERS: Record<string, (text: string, kind: Kind) => RawRow[]> = {
  'application/json': readJson,
  'application/x-ndjson': readNdjson,
  'text/csv': readCsv,
}

async function readBytes(body: Body): Promise<Uint8Array> {
  const encoding = body.header('content-encoding')?.trim().toLowerCase() ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw new AppError('unsupported_media', `Content-Encoding ${encoding} is not read here; use gzip or none`)
  const bytes = await readRaw(body)
  if (encoding === 'identity') return bytes
  try {
    return await gunzipAsync(bytes, { maxOutputLength: BODY_BYTES_MAX })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    throw new AppError('bad_request', 'the gzip body is damaged or cut off; send it again', { cause })
  }
}

async function readRaw(body: Body): Promise<Uint8Array> {
  if (Number(body.header('content-length') ?? 0) > BODY_BYTES_MAX) throw tooLarge()
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for await (const part of body.stream) {
      size += part.byteLength
      if (size > BODY_BYTES_MAX) throw tooLarge()
      parts.push(part)
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('bad_request', 'the body broke off before its end; send it again', { cause })
  }
  return Buffer.concat(parts)
}

/** UTF-8 text; a CSV may also be GB18030, which Chinese spreadsheets save by default. */
function decode(bytes: Uint8Array, isCsv: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    if (!isCsv) throw new AppError('bad_request', 'the body is not UTF-8; save and send it in UTF-8')
  }
  try {
    return new TextDecoder('gb18030', { fatal: true }).decode(bytes)
  } catch {
    throw new AppError(
      'bad_request',
      'the CSV is neither UTF-8 nor GB18030; save it as "CSV UTF-8" and send it again',
    )
  }
}
