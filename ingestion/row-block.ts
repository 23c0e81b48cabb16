import { type RowFormat, setInt64 } from '#sql/row-binary.ts'

const SLAB_BYTES = 1024 * 1024

/** Bytes that rows are written into one after another: small requests share a slab, large ones waste none. */
export class Slab {
  bytes = Buffer.alloc(0)
  used = 0
  readonly #leastBytes: number

  constructor(leastBytes = SLAB_BYTES) {
    this.#leastBytes = leastBytes
  }

  /** A slab that is full already. */
  static of(bytes: Uint8Array<ArrayBuffer>): Slab {
    const slab = new Slab()
    slab.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return slab
  }

  reserve(bytes: number): void {
    if (this.used + bytes <= this.bytes.length) return
    this.bytes = Buffer.allocUnsafeSlow(Math.max(this.#leastBytes, bytes))
    this.used = 0
  }
}

/** A block as it goes from thread to thread: its bytes, and where each row ends. */
export type PackedBlock = { bytes: Uint8Array<ArrayBuffer>; ends: Float64Array<ArrayBuffer> }

/** How many bytes the place of a row in its commit takes: the receipt and the ordinal, which every row begins with. */
export const PLACE_BYTES = 8 + 4

/**
 * Rows as they are handed to the engine, side by side in a slab: tens of thousands of rows wait at a time, and what waits as
 * objects and texts costs more in collection than in work. A row begins with its place in the commit that takes it,
 * which is written over when that is known.
 */
export class RowBlock {
  readonly #slab: Slab
  #bytes: Buffer
  #start: number
  #ends: number[] = []
  /** Nobody else's rows lie in its slab. */
  #isAlone = false

  /** What `pack` has packed. */
  static unpack({ bytes, ends }: PackedBlock): RowBlock {
    const block = new RowBlock(Slab.of(bytes))
    block.#ends = [...ends]
    block.#isAlone = true
    return block
  }

  constructor(slab: Slab) {
    this.#slab = slab
    this.#bytes = slab.bytes
    this.#start = slab.used
  }

  /** Adds a row of these cells; answers which one it is. */
  add(format: RowFormat, cells: readonly unknown[]): number {
    const slab = this.#slab
    const end = this.#isLast() ? format.write(cells, slab.bytes, slab.used) : -1
    if (end >= 0) slab.used = end
    else {
      const row = format.encode(cells)
      this.#makeRoom(row.length)
      slab.bytes.set(row, slab.used)
      slab.used += row.length
    }
    return this.#ends.push(slab.used - this.#start) - 1
  }

  setPlace(row: number, receivedMicros: number, ordinal: number): void {
    const start = this.#startOf(row)
    setInt64(this.#bytes, start, receivedMicros)
    this.#bytes.writeUInt32LE(ordinal, start + 8)
  }

  /** The rows from one to another, that one included, as they stand. */
  bytesOf(from: number, to: number): Buffer {
    return this.#bytes.subarray(this.#startOf(from), this.#startOf(to + 1))
  }

  /** What a reader of rows makes of one. */
  read<T>(row: number, reader: (bytes: Buffer, start: number) => T): T {
    return reader(this.#bytes, this.#startOf(row))
  }

  /** All rows as they stand. */
  all(): Buffer {
    return this.#bytes.subarray(this.#start, this.#startOf(this.#ends.length))
  }

  pack(): PackedBlock {
    return { bytes: new Uint8Array(this.all()), ends: Float64Array.from(this.#ends) }
  }

  /** Where its bytes lie by themselves they are given back at once, and not when they are collected; it cannot be read any more. */
  release(): void {
    if (this.#isAlone) (this.#bytes.buffer as ArrayBuffer).transfer(0)
  }

  #startOf(row: number): number {
    return this.#start + (row === 0 ? 0 : (this.#ends[row - 1] ?? 0))
  }

  /** Whether what is written next into the slab stands beside these rows. */
  #isLast(): boolean {
    return this.#bytes === this.#slab.bytes && this.#startOf(this.#ends.length) === this.#slab.used
  }

  /** Rows must stand side by side: where the slab is full, or others wrote into it meanwhile, they move on together. */
  #makeRoom(bytes: number): void {
    const slab = this.#slab
    if (this.#isLast() && slab.used + bytes <= slab.bytes.length) return
    const end = this.#startOf(this.#ends.length)
    const written = end - this.#start
    // Twice over, so that a long page is not moved again for every row.
    slab.reserve(2 * written + bytes)
    this.#bytes.copy(slab.bytes, slab.used, this.#start, end)
    this.#bytes = slab.bytes
    this.#start = slab.used
    slab.used += written
  }
}
