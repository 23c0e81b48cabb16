import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AppError } from '#domain/error.ts'
import type { ReadFile } from '../sealed-files.ts'
import { encodingsOf, GZIP_DAMAGED_ZH, notReadable, notUtf8 } from './body.ts'

/** A gzip body that is read row by row may unpack to this. */
const UNPACKED_BYTES_MAX = 1024 * 1024 * 1024

export type SpooledFile = { read: ReadFile; isGzip: boolean }

/** The unpacked bytes of a spooled body as they come; `read` hears of every byte read off the file. */
async function* readPieces(file: SpooledFile, read: (bytes: number) => void = () => undefined) {
  const raw = told(file.read(), read)
  const stream = file.isGzip ? pipeline(Readable.from(raw), createGunzip(), () => undefined) : raw
  let bytes = 0
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > UNPACKED_BYTES_MAX)
        throw new AppError('too_large', 'the body unpacks to more than 1 GiB; send it in several requests', {
          zh: '文件解压后超过 1 GiB，请拆成几个文件分别上传',
        })
      yield part
    }
  } catch (cause) {
    if (cause instanceof AppError || (cause as NodeJS.ErrnoException).code === 'ENOENT') throw cause
    throw new AppError('bad_request', 'the gzip body is damaged or cut off; send it again', {
      cause,
      zh: GZIP_DAMAGED_ZH,
    })
  }
}

async function* told(parts: AsyncIterable<Buffer>, read: (bytes: number) => void) {
  for await (const part of parts) {
    read(part.length)
    yield part
  }
}

/** The texts of a CSV in pieces, in whichever of its encodings it is. The whole file is looked through first. @throws AppError `bad_request`. */
export async function* readCsvTexts(
  file: SpooledFile,
  read: (bytes: number) => void,
): AsyncGenerator<string> {
  const encoding = await encodingOf(file)
  yield* decoded(readPieces(file, read), encoding)
}

/** The lines of an NDJSON body that hold anything. @throws AppError `bad_request` when it is not UTF-8. */
export async function* readLines(file: SpooledFile, read: (bytes: number) => void): AsyncGenerator<string[]> {
  let rest = ''
  try {
    for await (const text of decoded(readPieces(file, read), 'utf-8')) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      // One line without an end is a row that is too large; what is over that says no more.
      if (rest.length > LINE_CHARACTERS_MAX) rest = rest.slice(0, LINE_CHARACTERS_MAX)
      yield lines
    }
  } catch (cause) {
    if (cause instanceof TypeError) throw notUtf8()
    throw cause
  }
  yield [rest]
}

const LINE_CHARACTERS_MAX = 1024 * 1024

async function encodingOf(file: SpooledFile): Promise<string> {
  let head: Uint8Array = Buffer.alloc(0)
  for await (const piece of readPieces(file)) {
    head = piece
    break
  }
  for (const encoding of encodingsOf(head))
    try {
      for await (const _ of decoded(readPieces(file), encoding));
      return encoding
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause
    }
  throw notReadable()
}

/** @throws TypeError when the bytes are not in the encoding. */
async function* decoded(pieces: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true })
  yield decoder.decode()
}
