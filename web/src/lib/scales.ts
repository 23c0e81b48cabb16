import { quantileSorted } from 'd3-array'

/** Classes of a choropleth: six can be told apart at eight metres, and every class then holds about twenty counties. */
const CLASSES = 6

/**
 * Lower limits of the second and later classes: quantiles of the values, rounded to numbers a person would choose.
 * Fewer limits come back where values repeat; none for fewer than two different values.
 */
export function limitsFor(values: readonly number[], classes = CLASSES): number[] {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  const [least, most] = [sorted[0], sorted.at(-1)]
  if (least === undefined || most === undefined || least === most) return []
  const exact = Array.from({ length: classes - 1 }, (_, i) => quantileSorted(sorted, (i + 1) / classes) ?? 0)
  const limits = exact.map((limit, i) =>
    roundWithin(limit, [(exact[i + 1] ?? most) - limit, limit - (exact[i - 1] ?? least)]),
  )
  return limits.filter(
    (limit, i) => limit > least && limit <= most && limits.slice(0, i).every((lower) => lower < limit),
  )
}

/** The class of a value, from 0; a value on a limit belongs above it. */
export function classOf(value: number, limits: readonly number[]): number {
  const above = limits.findIndex((limit) => value < limit)
  return above === -1 ? limits.length : above
}

/**
 * The colour of a class out of `count` classes as an index of a ramp of `CLASSES` colours, so that few classes still
 * reach from the first to the last colour.
 */
export function rampIndex(at: number, count: number): number {
  return count <= 1 ? 2 : Math.round((at * (CLASSES - 1)) / (count - 1))
}

/** Rounded as coarsely as its neighbours allow: by no more than half the way to the nearer one, so that none is passed. */
function roundWithin(value: number, gaps: readonly number[]): number {
  const nearer = Math.min(...gaps.filter((gap) => gap > 0))
  if (nearer === Number.POSITIVE_INFINITY) return value
  const step = niceStep(nearer)
  return Number((Math.round(value / step) * step).toPrecision(12))
}

/** The largest of 1, 2 or 5 times a power of ten that is not above `at`. */
export function niceStep(at: number): number {
  const power = 10 ** Math.floor(Math.log10(at))
  const lead = at / power
  return power * (lead >= 5 ? 5 : lead >= 2 ? 2 : 1)
}

/** Round axis values from 0 (or below, for negative data) up to or over `most`: about `count` steps. */
export function ticksTo(most: number, count: number): number[] {
  if (!(most > 0)) return [0, 1]
  const step =
    [1, 2, 5, 10]
      .map((lead) => lead * 10 ** Math.floor(Math.log10(most / count)))
      .find((one) => one >= most / count) ?? most
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, i) =>
    Number((i * step).toPrecision(12)),
  )
}
