import { createHash } from 'node:crypto'
import { link } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { AppError } from '#domain/error.ts'
import type { HeldBody } from '../memory-room.ts'
import type { FileSeal, ReadFile, SealedAs, SealedWriter } from '../sealed-files.ts'
import { notRead, otherFormatOf } from './other-format.ts'
import { paced } from './paced.ts'
import { PIECE_ROWS_MAX } from './raw-row.ts'

const gunzipAsync = promisify(gunzip)
const MIB = 1024 * 1024

/**
 * A body up to this goes through memory in one piece, the fastest way; a larger one, one of very many lines, or any that is to
 * wait, is spooled.
 */
const MEMORY_BYTES_MAX = 8 * MIB
/** A JSON body is parsed in one piece, so this is all it may have, unpacked. */
export const JSON_BYTES_MAX = 64 * MIB
/** What is read row by row may have this much on the wire. */
const WIRE_BYTES_MAX = 200 * MIB
/** Room on the disk is looked at each time so much was written. */
const LOOK_EVERY_BYTES = 16 * MIB

export type BodyType = 'json' | 'ndjson' | 'csv' | 'xlsx'

const TYPES: Readonly<Record<string, BodyType>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
  'text/tab-separated-values': 'csv',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  // The same with macros, which are never looked at.
  'application/vnd.ms-excel.sheet.macroenabled.12': 'xlsx',
  // What a browser or a mailer calls a file named .xls, whatever is in it: its content says.
  'application/vnd.ms-excel': 'xlsx',
}

/**
 * A request's headers and its bytes as they come: Node's own stream, as the web stream over it costs more than parsing.
 * `file`: where the same bytes lie already.
 */
export type Body = {
  header(name: string): string | undefined
  stream: AsyncIterable<Uint8Array>
  file?: Extract<Received, { kind: 'spooled' }>
}

/** Where a body that waits is put down, sealed: it may name people. */
export type FilePlace = { path: string; seal: FileSeal }
/** Where a body too large for memory is put down, and how room for it is asked for, there and in memory. */
export type Spool = FilePlace & { rejectWhenFull: () => Promise<void>; held: HeldBody }

/**
 * A body that was received: unpacked in memory, or as it came in a file. `hash` names its bytes as they were sent, packed or not;
 * `heardMs` is when they began to come.
 */
export type Received = { type: BodyType; bytes: number; hash: () => string; heardMs: number } & (
  | { kind: 'memory'; content: Buffer }
  | { kind: 'spooled'; path: string; isGzip: boolean; sealedAs?: SealedAs | undefined; read: ReadFile }
)

/**
 * Receives a body to its end. `isToWait` puts it in a file whatever its size.
 * @throws AppError `bad_request` (broken off, damaged), `too_large`, `unsupported_media`, `store_away` (no room on the
 * disk), `queue_full` (none in memory), `too_slow`.
 */
export async function receiveBody(body: Body, spool: Spool, isToWait: boolean): Promise<Received> {
  const heardMs = body.file?.heardMs ?? Date.now()
  const { type, isGzip } = readHeaders(body)
  const wireBytesMax = type === 'json' ? JSON_BYTES_MAX : WIRE_BYTES_MAX
  if (Number(body.header('content-length') ?? 0) > wireBytesMax) throw tooLarge(type)
  const memoryBytesMax = isToWait ? -1 : type === 'json' ? JSON_BYTES_MAX : MEMORY_BYTES_MAX
  if (body.file && body.file.bytes > memoryBytesMax && (await nameAgain(body.file.path, spool.path))) {
    const file = { ...body.file, path: spool.path }
    return { ...file, read: spool.seal.readerOf(file) }
  }
  const parts: Uint8Array[] = []
  const hash = createHash('sha256')
  let bytes = 0
  let file: SealedWriter | null = null
  let hasNoRoom = false
  try {
    for await (const part of paced(body.stream)) {
      bytes += part.byteLength
      if (bytes > wireBytesMax) throw tooLarge(type)
      if (file) {
        hash.update(part)
        await file.write(part)
        if (bytes % LOOK_EVERY_BYTES < part.byteLength) await spool.rejectWhenFull()
        continue
      }
      if (hasNoRoom) continue
      parts.push(part)
      const fits = spool.held.add(part.byteLength)
      if (fits && bytes <= memoryBytesMax) continue
      if (!fits && type === 'json') {
        // Read to its end all the same: who is cut off while sending does not see why.
        hasNoRoom = true
        parts.length = 0
        spool.held.release()
        continue
      }
      file = await putDown(parts.splice(0), spool, hash)
      spool.held.release()
    }
    await file?.end()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw (cause as NodeJS.ErrnoException).code === 'ENOSPC'
      ? new AppError('store_away', 'the disk is full; send again later', {
          cause,
          retryAfterS: 30,
          zh: '服务器磁盘已满，请稍后重新上传',
        })
      : new AppError('bad_request', 'the body broke off before its end; send it again', {
          cause,
          zh: '文件没有传完就断了，请重新上传',
        })
  } finally {
    await file?.close()
  }
  const spooled = ({ sealedAs }: SealedWriter) => {
    const digest = hash.digest('hex')
    const read = spool.seal.readerOf({ path: spool.path, bytes, sealedAs })
    return {
      kind: 'spooled',
      type,
      bytes,
      path: spool.path,
      isGzip,
      sealedAs,
      read,
      hash: () => digest,
      heardMs,
    } as const
  }
  if (hasNoRoom) throw noRoom()
  if (file) return spooled(file)
  const packed = Buffer.concat(parts)
  const content = isGzip ? await unpack(packed, type) : packed
  const fits = !isGzip || spool.held.add(content?.length ?? 0)
  if (!fits && (type === 'json' || type === 'xlsx')) throw noRoom()
  const isPiece = type === 'json' || type === 'xlsx' || (content !== null && !hasTooManyLines(content))
  if (content !== null && fits && isPiece)
    return {
      kind: 'memory',
      type,
      bytes,
      content,
      heardMs,
      hash: body.file?.hash ?? (() => hash.update(packed).digest('hex')),
    }
  const down = await putDown([packed], spool, hash)
  await down.end().finally(() => down.close())
  spool.held.release()
  return spooled(down)
}

function readHeaders(body: Body): { type: BodyType; isGzip: boolean } {
  const named = (body.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const type = TYPES[named]
  if (!type)
    throw new AppError(
      'unsupported_media',
      `Content-Type ${named || '(none)'} is not read here; use ${Object.keys(TYPES).join(', ')}`,
      { zh: '不能读这种文件，请另存为“Excel 工作簿 (.xlsx)”或“CSV UTF-8”后重新上传' },
    )
  const encoding = body.header('content-encoding')?.trim().toLowerCase() ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw new AppError(
      'unsupported_media',
      `Content-Encoding ${encoding} is not read here; use gzip or none`,
      {
        zh: '不能读这种压缩，请用 gzip，或不压缩',
      },
    )
  return { type, isGzip: encoding === 'gzip' }
}

/**
 * Gives a file a second name, by which it stays when the first is removed; whether that could be. Where the file system knows
 * no such names it is copied.
 */
const nameAgain = (path: string, second: string): Promise<boolean> =>
  link(path, second).then(
    () => true,
    () => false,
  )

async function putDown(
  parts: readonly Uint8Array[],
  spool: Spool,
  hash: { update(part: Uint8Array): unknown },
) {
  await spool.rejectWhenFull()
  const file = await spool.seal.create(spool.path)
  try {
    for (const part of parts) {
      hash.update(part)
      await file.write(part)
    }
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** The unpacked body; `null` when it is too large for memory and can be read row by row. */
async function unpack(packed: Buffer, type: BodyType): Promise<Buffer | null> {
  try {
    return await gunzipAsync(packed, { maxOutputLength: JSON_BYTES_MAX })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE')
      throw new AppError('bad_request', 'the gzip body is damaged or cut off; send it again', {
        cause,
        zh: GZIP_DAMAGED_ZH,
      })
    if (type === 'json' || type === 'xlsx') throw tooLarge(type)
    return null
  }
}

/** Whether its lines may be more rows than one piece has: these are read from a file, a chunk at a time. */
function hasTooManyLines(content: Buffer): boolean {
  if (content.length <= PIECE_ROWS_MAX) return false
  return LINE_ENDS.some((end) => {
    let lines = 0
    for (let at = content.indexOf(end); at >= 0; at = content.indexOf(end, at + 1))
      if (++lines > PIECE_ROWS_MAX) return true
    return false
  })
}

const LINE_ENDS = [10, 13]

export const GZIP_DAMAGED_ZH = '压缩文件已损坏或不完整，请重新压缩后上传'

const noRoom = () =>
  new AppError('queue_full', 'too many large bodies are being taken; send again', {
    retryAfterS: 5,
    zh: '同时上传的大文件太多，请稍等再重新上传',
  })

const tooLarge = (type: BodyType) =>
  new AppError(
    'too_large',
    type === 'json'
      ? `a JSON body may have ${JSON_BYTES_MAX / MIB} MiB (unpacked); send it as NDJSON, which may have ${WIRE_BYTES_MAX / MIB} MiB, or in several requests`
      : `the body is larger than ${WIRE_BYTES_MAX / MIB} MiB; send it in several requests`,
    {
      zh:
        type === 'json'
          ? `JSON 解开后不能超过 ${JSON_BYTES_MAX / MIB} MiB，请改用 NDJSON，或拆成几个文件`
          : `文件超过 ${WIRE_BYTES_MAX / MIB} MiB，请拆成几个文件分别上传`,
    },
  )

/** UTF-8 text; a CSV may also be in what spreadsheets save. @throws AppError `bad_request`. */
export function decode(bytes: Uint8Array, isCsv: boolean): string {
  for (const encoding of isCsv ? encodingsOf(bytes) : ['utf-8'])
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes)
    } catch {}
  throw isCsv ? notReadable() : notUtf8()
}

/** A file of UTF-16 shows it in its first lines. */
const HEAD_BYTES = 64 * 1024

/**
 * What a CSV that begins so may be encoded in, the likeliest first: UTF-8 or GB18030, which Chinese spreadsheets save by default,
 * or UTF-16 by its mark, which is their "Unicode text". @throws AppError `bad_request` for UTF-16 without that mark.
 */
export function encodingsOf(bytes: Uint8Array): readonly string[] {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD_BYTES))
  const is = otherFormatOf(head)
  if (is) throw notRead(is)
  if (head.subarray(0, 4).toString('latin1') === 'PK\x03\x04')
    throw new AppError(
      'bad_request',
      'this is a workbook, not a CSV; send it as an XLSX, or save it as "CSV UTF-8" and send that',
      { zh: '这是工作簿，不是 CSV；请按 Excel 工作簿 (.xlsx) 上传，或另存为“CSV UTF-8”后重新上传' },
    )
  const mark = head.subarray(0, 2).toString('hex')
  if (mark === 'fffe') return ['utf-16le']
  if (mark === 'feff') return ['utf-16be']
  if (head.includes('\n\0') || head.includes('\0\n'))
    throw new AppError(
      'bad_request',
      'the CSV is UTF-16 without the mark that says so; save it as "CSV UTF-8" and send it again',
      { zh: 'CSV 像是 UTF-16 编码，但开头没有标记（BOM），无法确认；请另存为“CSV UTF-8”后重新上传' },
    )
  return ['utf-8', 'gb18030']
}

export const notUtf8 = () =>
  new AppError('bad_request', 'the body is not UTF-8; save and send it in UTF-8', {
    zh: '文件编码不是 UTF-8，请另存为 UTF-8 后重新上传',
  })
export const notReadable = () =>
  new AppError(
    'bad_request',
    'the CSV is neither UTF-8 nor GB18030, nor whole as UTF-16; save it as "CSV UTF-8" and send it again',
    { zh: 'CSV 的编码既不是 UTF-8、GB18030，也不是完整的 UTF-16；请另存为“CSV UTF-8”后重新上传' },
  )
