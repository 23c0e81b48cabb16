import { crc32 } from 'node:zlib'

/**
 * Which subjects may have a history already: one bit for each hash of a key, so `false` is certain and `true` is not.
 * Looking up thousands of random keys reads most of a table, and most rows of a first upload are of people nobody has
 * ever reported: for them the question need not be asked. Only for a process that is alone in writing its store.
 */
export class KnownKeys {
  readonly #words: Uint32Array
  readonly #shift: number

  /** `bits`: 2^bits places, 5 to 32; with n keys a new one is taken for a known one in about n / 2^bits cases. */
  constructor(bits: number) {
    this.#words = new Uint32Array(2 ** (bits - 5))
    this.#shift = 32 - bits
  }

  /** Marks keys by their CRC-32, as the store computes it. */
  addHashes(hashes: Uint32Array): void {
    for (const hash of hashes) this.#mark(hash)
  }

  add(key: string): void {
    this.#mark(crc32(key))
  }

  mayHold(key: string): boolean {
    const place = crc32(key) >>> this.#shift
    return ((this.#words[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0
  }

  #mark(hash: number): void {
    const place = hash >>> this.#shift
    this.#words[place >>> 5] = (this.#words[place >>> 5] ?? 0) | (1 << (place & 31))
  }
}
