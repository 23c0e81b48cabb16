import { z } from 'zod'
import type { Dimension, MeasureId } from './measure.ts'
import { Side } from './right.ts'

/** What a wall shows. There is one board today; a wall is bound to the one it was given. */
export const BOARDS = ['province'] as const
export const Board = z.enum(BOARDS, 'must be province')

/** What each board asks for: its measures, and what each is split by. Its screens may ask for nothing else. */
export const BOARD_MEASURES: Record<
  z.infer<typeof Board>,
  Readonly<Partial<Record<MeasureId, readonly Dimension[]>>>
> = {
  province: {
    'workers.count': ['sector'],
    'workers.outOfProvince': ['home.city', 'work.province'],
    'arrears.owed': ['work.province', 'work.city', 'work.county'],
    'arrears.workers': [],
    'arrears.openCases': [],
    'arrears.newCases': [],
    'arrears.recovered': [],
    'industry.wagePaidShare': [],
    'sources.silent': [],
  },
}

/**
 * A screen that was let in, as people see it. It shows what lies in `region` ('' everywhere) by `side`. `seenAt` is when it
 * last said that it stands, `null` before the first time; `version` is the release of the pages it shows.
 */
export const Wall = z
  .object({
    id: z.string(),
    name: z.string(),
    board: Board,
    region: z.string(),
    side: Side,
    pairedAt: z.string(),
    pairedBy: z.string(),
    seenAt: z.string().nullable(),
    address: z.string(),
    version: z.string(),
    revokedAt: z.string().nullable(),
    revokedBy: z.string().nullable(),
  })
  .meta({ id: 'Wall' })
export type Wall = z.infer<typeof Wall>

/** No character of a code can be taken for another, as read from afar: no 0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V. */
const ALPHABET = '3479ACDEFHJKMNPQRTWXY'
const CHARACTERS = 8

/** How long a code holds, and how often a screen that shows one looks whether it was typed in. */
export const CODE_MS = 10 * 60_000
export const LOOK_MS = 1_000
/** How often a wall says that it stands. */
export const BEAT_MS = 60_000

/** A code as it is shown, 'ACDE-3479'. `pick(n)` gives a random whole number from 0 to below n. */
export function newCode(pick: (n: number) => number): string {
  const text = Array.from({ length: CHARACTERS }, () => ALPHABET[pick(ALPHABET.length)]).join('')
  return `${text.slice(0, 4)}-${text.slice(4)}`
}

/** The code that somebody typed, however they spaced and wrote it; `null` when it can be none. */
export function canonicalCode(typed: string): string | null {
  const text = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
  const isCode = text.length === CHARACTERS && [...text].every((one) => ALPHABET.includes(one))
  return isCode ? `${text.slice(0, 4)}-${text.slice(4)}` : null
}
