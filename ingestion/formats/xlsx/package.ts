import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { type Entry, fromBuffer, fromRandomAccessReader, RandomAccessReader, type ZipFile } from 'yauzl'
import { AppError } from '#domain/error.ts'
import { type ReadFile, SealBroken } from '../../sealed-files.ts'
import { LOCKED, notRead, otherFormatOf, otherZipOf, SAVE_AS } from '../other-format.ts'

const MIB = 1024 * 1024

/** An XLSX is a zip; one with more parts than this is none. */
const PARTS_MAX = 10_000
/** A part may unpack to this; a million rows of 25 columns are about 1 GiB. */
const PART_BYTES_MAX = 2048 * MIB
/** Sheets pack to a tenth, at most a fiftieth; only what was made to burst packs better than this. */
const RATIO_MAX = 200
/** Below this size a high ratio does no harm. */
const HARMLESS_BYTES = 16 * MIB

/** The parts of an XLSX file. Only the parts asked for are ever unpacked; macros, links and files inside files never are. */
export type Package = {
  has(name: string): boolean
  /** The unpacked bytes of a part as they come. @throws AppError `bad_request`, `too_large`. */
  stream(name: string, bytesMax?: number): Promise<AsyncIterable<Buffer>>
  /** The same of a part that is streamed again, so not counted as read. */
  peek(name: string): Promise<AsyncIterable<Buffer>>
  /** Compressed bytes read so far, over all parts. */
  bytesRead(): number
  close(): void
}

/** An XLSX in a file, which is read where its parts lie. */
export type StoredPackage = { bytes: number; read: ReadFile }

/**
 * Opens an XLSX held in memory or in a file.
 * @throws AppError `bad_request` (damaged, encrypted, another format), `unsupported_media` (.xls), `too_large` (bombs).
 */
export async function openPackage(content: Buffer | StoredPackage, head: Buffer): Promise<Package> {
  rejectOtherFormats(head)
  const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true }
  const zip = await (Buffer.isBuffer(content)
    ? promisify<Buffer, typeof options, ZipFile>(fromBuffer)(content, options)
    : promisify<RandomAccessReader, number, typeof options, ZipFile>(fromRandomAccessReader)(
        new StoredReader(content),
        content.bytes,
        options,
      )
  ).catch(damaged)
  try {
    if (zip.entryCount > PARTS_MAX)
      throw new AppError('too_large', `the file has more than ${PARTS_MAX} parts; ${SAVE_AS.en}`, {
        zh: `文件里的部件超过 ${PARTS_MAX} 个；${SAVE_AS.zh}`,
      })
    const entries = await readEntries(zip)
    const is = otherZipOf((name) => entries.has(name), [...entries.keys()])
    if (is) throw notRead(is)
    let bytesRead = 0
    const unpack = async (name: string, bytesMax: number, share: number) => {
      const entry = entries.get(name.toLowerCase())
      if (!entry)
        throw new AppError('bad_request', `the file lacks a part of an XLSX; ${SAVE_AS.en}`, {
          zh: `文件不完整；${SAVE_AS.zh}`,
        })
      rejectBomb(entry, bytesMax)
      const read = promisify<Entry, Readable>(zip.openReadStream.bind(zip))
      const ratio = (share * entry.compressedSize) / Math.max(1, entry.uncompressedSize)
      return counted(await read(entry).catch(damaged), (bytes) => {
        bytesRead += bytes * ratio
      })
    }
    return {
      has: (name) => entries.has(name.toLowerCase()),
      stream: (name, bytesMax = PART_BYTES_MAX) => unpack(name, bytesMax, 1),
      peek: (name) => unpack(name, PART_BYTES_MAX, 0),
      bytesRead: () => Math.round(bytesRead),
      close: () => zip.close(),
    }
  } catch (error) {
    zip.close()
    throw error
  }
}

function rejectOtherFormats(head: Buffer): void {
  if (head.subarray(0, 2).toString('latin1') === 'PK') return
  const is = otherFormatOf(head)
  if (is) throw is === LOCKED ? locked() : notRead(is)
  throw new AppError('bad_request', `the body is not an XLSX file; ${SAVE_AS.en}`, {
    zh: `这不是 XLSX 文件；${SAVE_AS.zh}`,
  })
}

const locked = () =>
  new AppError('bad_request', `${LOCKED.is.en}; ${LOCKED.remedy.en}`, {
    zh: `${LOCKED.is.zh}；${LOCKED.remedy.zh}`,
  })

function rejectBomb(entry: Entry, bytesMax: number): void {
  if (entry.isEncrypted()) throw locked()
  if (entry.uncompressedSize > bytesMax)
    throw new AppError(
      'too_large',
      'a part of the file is too large unpacked; send it as CSV, or in several files',
      { zh: '文件解开后太大，请改用 CSV，或拆成几个文件' },
    )
  if (
    entry.uncompressedSize > HARMLESS_BYTES &&
    entry.uncompressedSize / Math.max(1, entry.compressedSize) > RATIO_MAX
  )
    throw new AppError(
      'too_large',
      'a part of the file unpacks to far more than a sheet does; remove unused rows and columns, or send it as CSV',
      { zh: '文件解开后远大于一张表应有的大小，请删去没有用到的行和列，或改用 CSV' },
    )
}

function readEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  return new Promise<Map<string, Entry>>((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      const name = entry.fileName.toLowerCase()
      if (entries.has(name)) reject(new Error('two parts of one name'))
      entries.set(name, entry)
      zip.readEntry()
    })
    zip.once('end', () => resolve(entries))
    zip.once('error', reject)
    zip.readEntry()
  }).catch(damaged)
}

async function* counted(stream: Readable, read: (bytes: number) => void): AsyncGenerator<Buffer> {
  try {
    for await (const part of stream) {
      read(part.length)
      yield part
    }
  } catch (cause) {
    // What does not keep to the size it declares ends here too.
    damaged(cause)
  } finally {
    stream.destroy()
  }
}

/** What is read at once for the many small reads of a zip's directory. */
const BLOCK_BYTES = 64 * 1024

class StoredReader extends RandomAccessReader {
  readonly #file: StoredPackage
  #block = { at: 0, bytes: Buffer.alloc(0) }

  constructor(file: StoredPackage) {
    super()
    this.#file = file
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#file.read(start, end), { objectMode: false })
  }

  override read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null) => void,
  ): void {
    this.#blockWith(position, length).then((block) => {
      block.copy(into, offset, 0, length)
      done(null)
    }, done)
  }

  async #blockWith(position: number, length: number): Promise<Buffer> {
    const { at, bytes } = this.#block
    if (position < at || position + length > at + bytes.length) {
      const until = Math.min(this.#file.bytes, position + Math.max(length, BLOCK_BYTES))
      this.#block = { at: position, bytes: await buffer(this.#file.read(position, until)) }
    }
    return this.#block.bytes.subarray(position - this.#block.at)
  }
}

function damaged(cause: unknown): never {
  if (cause instanceof SealBroken) throw cause
  throw new AppError('bad_request', `the XLSX file is damaged or cut off; ${SAVE_AS.en} and send it again`, {
    cause,
    zh: `XLSX 文件已损坏或不完整；${SAVE_AS.zh}，再重新上传`,
  })
}
