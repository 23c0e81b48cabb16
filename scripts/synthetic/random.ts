/**
 * Seeded random numbers (sfc32): the same seed parts give the same draws on every machine. Not for secrets.
 * A generator forks by naming its parts, `randomFor(seed, 'workers', county, index)`, so that any person or case can be
 * drawn again alone, without drawing those before it.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #count = 1

  constructor(a: number, b: number, c: number) {
    this.#a = a | 0
    this.#b = b | 0
    this.#c = c | 0
    for (let round = 0; round < 12; round++) this.uniform()
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    const sum = (this.#a + this.#b + this.#count++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return (sum >>> 0) / 4_294_967_296
  }

  between(from: number, until: number): number {
    return from + this.uniform() * (until - from)
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return Math.floor(this.uniform() * count)
  }

  chance(share: number): boolean {
    return this.uniform() < share
  }

  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** Normal by Box and Muller. */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.uniform())
  }

  lognormal(median: number, sigma: number): number {
    return median * Math.exp(this.normal(0, sigma))
  }

  /** Poisson: Knuth's product for small means, the rounded normal above 40. */
  poisson(mean: number): number {
    if (mean > 40) return Math.max(0, Math.round(this.normal(mean, Math.sqrt(mean))))
    const limit = Math.exp(-mean)
    let count = 0
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count++
    return count
  }
}

/** Cumulative weights over a list, so that a draw is one binary search. */
export class Weighted<T> {
  readonly total: number
  #items: T[] = []
  #upTo: number[] = []

  constructor(entries: Iterable<readonly [T, number]>) {
    let total = 0
    for (const [item, weight] of entries) {
      if (weight <= 0) continue
      total += weight
      this.#items.push(item)
      this.#upTo.push(total)
    }
    if (total === 0) throw new RangeError('Weighted needs at least one positive weight')
    this.total = total
  }

  draw(random: Random): T {
    const target = random.uniform() * this.total
    let low = 0
    let high = this.#upTo.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#upTo[middle] ?? 0) <= target) low = middle + 1
      else high = middle
    }
    return this.#items[low] as T
  }
}

/** The weights of a record as a drawable list. */
export function weightedOf<K extends string>(weights: Readonly<Record<K, number>>): Weighted<K> {
  return new Weighted(Object.entries(weights) as [K, number][])
}

/** A 32-bit hash of a text, salted (FNV-1a with a final mix). */
export function hashText(text: string, salt = 0): number {
  let hash = 0x811c9dc5 ^ salt
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}

/** The stream named by its parts: a seed, a purpose and, optionally, a place in that purpose. */
export function randomFor(seed: number, purpose: string, index = 0): Random {
  return new Random(seed, hashText(purpose), Math.imul(index + 1, 0x9e3779b1))
}
