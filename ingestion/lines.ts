const SLAB_BYTES = 1024 * 1024

/** Characters that the receipt of a commit (µs, 16 digits until 2286) and an ordinal are given. */
const RECEIPT_WIDTH = 16
const ORDINAL_WIDTH = 7
/** Stands in a line until its commit is known; JSON allows blanks before a number. */
const PLACE_IN_COMMIT = `${'1'.padEnd(RECEIPT_WIDTH, '0')},${'0'.padStart(ORDINAL_WIDTH)}`

/** Bytes that lines are written into one after another: small requests share a block, large ones waste none. */
export class Slab {
  bytes = Buffer.alloc(0)
  used = 0

  /** A block that is full already. */
  static of(bytes: Uint8Array<ArrayBuffer>): Slab {
    const slab = new Slab()
    slab.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return slab
  }

  reserve(bytes: number): void {
    if (this.used + bytes <= this.bytes.length) return
    this.bytes = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, bytes))
    this.used = 0
  }
}

/** Lines as they go from thread to thread: their bytes, and where each ends. */
export type PackedLines = { bytes: Uint8Array<ArrayBuffer>; ends: Float64Array<ArrayBuffer> }

/**
 * Rows written out for the engine, one JSON array a line, side by side in a block of bytes: tens of thousands of rows wait
 * at a time, and what waits as objects and texts costs more in collection than in work. A line begins with the place of
 * its row in the commit that takes it, which is written over when that is known.
 */
export class Lines {
  readonly #slab: Slab
  #bytes: Buffer
  #start: number
  #ends: number[] = []

  /** What `pack` has packed. */
  static unpack({ bytes, ends }: PackedLines): Lines {
    const lines = new Lines(Slab.of(bytes))
    lines.#ends = [...ends]
    return lines
  }

  constructor(slab: Slab) {
    this.#slab = slab
    this.#bytes = slab.bytes
    this.#start = slab.used
  }

  /** Adds the rest of a line, after its place in the commit; answers which line it is. */
  add(rest: string): number {
    const text = `[${PLACE_IN_COMMIT},${rest}]\n`
    this.#makeRoom(text.length * 3)
    const start = this.#slab.used
    this.#slab.used += this.#bytes.write(text, start)
    return this.#ends.push(this.#slab.used - this.#start) - 1
  }

  setPlace(line: number, receivedMicros: number, ordinal: number): void {
    const place = `${receivedMicros},${String(ordinal).padStart(ORDINAL_WIDTH)}`
    this.#bytes.write(place, this.#startOf(line) + 1, 'latin1')
  }

  /** The lines from one to another, that one included, as they stand; each with its newline. */
  bytesOf(from: number, to: number): Buffer {
    return this.#bytes.subarray(this.#startOf(from), this.#startOf(to + 1))
  }

  /** Characters of a line that are known to be ASCII. */
  sliceOf(line: number, start: number, end: number): string {
    const at = this.#startOf(line)
    return this.#bytes.toString('latin1', at + start, at + end)
  }

  pack(): PackedLines {
    const end = this.#startOf(this.#ends.length)
    return {
      bytes: new Uint8Array(this.#bytes.subarray(this.#start, end)),
      ends: Float64Array.from(this.#ends),
    }
  }

  cellsOf(line: number): unknown[] {
    return JSON.parse(this.bytesOf(line, line).toString())
  }

  #startOf(line: number): number {
    return this.#start + (line === 0 ? 0 : (this.#ends[line - 1] ?? 0))
  }

  /** Lines must stand side by side: where the block is full, or others wrote into it meanwhile, they move on together. */
  #makeRoom(bytes: number): void {
    const slab = this.#slab
    const end = this.#startOf(this.#ends.length)
    if (this.#bytes === slab.bytes && end === slab.used && end + bytes <= slab.bytes.length) return
    const written = end - this.#start
    // Twice over, so that a long page is not moved again for every line.
    slab.reserve(2 * written + bytes)
    this.#bytes.copy(slab.bytes, slab.used, this.#start, end)
    this.#bytes = slab.bytes
    this.#start = slab.used
    slab.used += written
  }
}
