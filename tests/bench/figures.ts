/** The value below which a share of the samples lies; samples in any order. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5)

export const rate = (rows: number, ms: number): string =>
  `${Math.round((rows / ms) * 1000).toLocaleString('en')} rows/s`
