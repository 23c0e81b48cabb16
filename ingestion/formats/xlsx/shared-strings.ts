import { AppError } from '#domain/error.ts'
import type { Package } from './package.ts'
import { parseXml } from './xml.ts'

/** Text kept in memory for one file: a million rows with three own texts each are about 75 MiB. */
const TEXT_BYTES_MAX = 144 * 1024 * 1024
const BLOCK_BYTES = 4 * 1024 * 1024

/**
 * The texts that the cells of a sheet point to by number. Packed as UTF-8 into blocks outside the JavaScript heap: as
 * strings a million rows take over half a gigabyte.
 */
export class SharedStrings {
  readonly #blocks: Buffer[] = []
  #starts = new Float64Array(1024)
  #lengths = new Uint32Array(1024)
  #count = 0
  #used = BLOCK_BYTES
  #bytes = 0

  /** @throws AppError `too_large` when the texts do not fit. */
  add(text: string): void {
    const length = Buffer.byteLength(text)
    this.#bytes += length
    if (this.#bytes > TEXT_BYTES_MAX)
      throw new AppError(
        'too_large',
        'the workbook holds too much text to be read as XLSX; send the sheet as CSV',
        { zh: '工作簿里的文字太多，请另存为“CSV UTF-8”后重新上传' },
      )
    if (this.#count === this.#lengths.length) this.#grow()
    if (this.#used + length > (this.#blocks.at(-1)?.length ?? 0)) {
      this.#blocks.push(Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, length)))
      this.#used = 0
    }
    this.#blocks.at(-1)?.write(text, this.#used, 'utf8')
    this.#starts[this.#count] = (this.#blocks.length - 1) * 2 ** 32 + this.#used
    this.#lengths[this.#count] = length
    this.#used += length
    this.#count++
  }

  /** The text of a number, `null` when there is none. */
  at(index: number): string | null {
    const start = this.#starts[index]
    const length = this.#lengths[index]
    if (start === undefined || length === undefined || index >= this.#count) return null
    const offset = start % 2 ** 32
    return this.#blocks[Math.floor(start / 2 ** 32)]?.toString('utf8', offset, offset + length) ?? null
  }

  #grow(): void {
    const starts = new Float64Array(this.#starts.length * 2)
    starts.set(this.#starts)
    this.#starts = starts
    const lengths = new Uint32Array(this.#lengths.length * 2)
    lengths.set(this.#lengths)
    this.#lengths = lengths
  }
}

/** Reads the shared strings of a file; rich text as plain, the reading aids of East Asian texts (`rPh`) left out. */
export async function readSharedStrings(file: Package, part: string): Promise<SharedStrings> {
  const strings = new SharedStrings()
  let text = ''
  let isText = false
  let isPhonetic = false
  const steps = parseXml(await file.stream(part), {
    open(name) {
      if (name === 'si') text = ''
      else if (name === 't') isText = !isPhonetic
      else if (name === 'rPh') isPhonetic = true
    },
    text(piece) {
      if (isText) text += piece
    },
    close(name) {
      if (name === 'si') strings.add(text)
      else if (name === 't') isText = false
      else if (name === 'rPh') isPhonetic = false
    },
  })
  for await (const _ of steps);
  return strings
}
