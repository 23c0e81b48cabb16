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
    for (const hash of hashes) this.#look(hash, true)
  }

  mayHold(key: string): boolean {
    return this.#look(crc32(key), false)
  }

  /** Whether it may hold a key, which it does from now on: the sum of a key is not made twice. */
  add(key: string): boolean {
    return this.#look(crc32(key), true)
  }

  #look(hash: number, isToMark: boolean): boolean {
    const place = hash >>> this.#shift
    const word = this.#words[place >>> 5] ?? 0
    const bit = 1 << (place & 31)
    if (isToMark) this.#words[place >>> 5] = word | bit
    return (word & bit) !== 0
  }
}
