import { ALSO_CALLED, type Labels } from './signal-values.ts'
import { halfWidth } from './text.ts'

const codes = new WeakMap<object, Map<string, string>>()

/**
 * The code that a text means among those of a closed field: the code itself, what it is called in either language, or another
 * name that can mean nothing else. Blanks, commas and a full stop say nothing. `null` where it is none of them.
 */
export function codeLabelled(labels: Labels, text: string): string | null {
  let known = codes.get(labels)
  if (!known) {
    const names = Object.entries(labels).flatMap(([code, { zh, en }]) =>
      [code, zh, en, ...(ALSO_CALLED.get(labels)?.[code] ?? [])].flatMap((name) =>
        // Most are written just so.
        [name, bareWord(name)].map((spelling) => [spelling, code] as const),
      ),
    )
    known = new Map(names)
    codes.set(labels, known)
  }
  return known.get(text) ?? known.get(bareWord(text)) ?? null
}

/** A word as it is compared: half-width, in lower case, without blanks, commas and full stops. */
export function bareWord(text: string): string {
  return halfWidth(text)
    .toLowerCase()
    .replace(/[\s、,。.]/g, '')
}
