import { halfWidth } from './text.ts'

/** What people put into a cell that has nothing to say: strokes, and words for nothing. */
const NOTHING = /^(?:[\p{Pd}─]+|[/\\]|无|空|暂无|n\/a|null)$/iu
/** What sends the reader to the line above, which by then may be another line. */
const AS_ABOVE = /^(?:同上|同前|〃|["“”])$/u
const NOT_KNOWN: ReadonlySet<string> = new Set(['不详', '待定', '不清楚'])
/** None of them is longer, or begins otherwise: nearly every text is known by this to be none. */
const CHARACTERS_MAX = 8
const BEGINS = /^[\s\p{Cf}\p{Pd}─/\\／＼无空暂nNｎＮ同〃"“”＂不待]/u

export type BlankMark = 'nothing' | 'asAbove' | 'notKnown'

/**
 * What a text that says nothing of its own means: that there is nothing (无, /, —, N/A), what stands above (同上, 〃), or that
 * nobody knows (不详, 待定). `null` where it says something. Taken for a name, one would make strangers one case, firm or household.
 */
export function blankMarkOf(text: string): BlankMark | null {
  if (text.length > CHARACTERS_MAX || !BEGINS.test(text)) return null
  const said = halfWidth(text).replace(/\s/g, '')
  if (NOTHING.test(said)) return 'nothing'
  if (AS_ABOVE.test(said)) return 'asAbove'
  return NOT_KNOWN.has(said) ? 'notKnown' : null
}
