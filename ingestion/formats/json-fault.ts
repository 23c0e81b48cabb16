/**
 * Where a text stops being JSON: the place, from 0, of the first character or word that cannot stand there; its length where it ends
 * too soon. The parser itself tells that of some faults only.
 */
export function jsonFaultAt(text: string): number {
  const open: ('{' | '[')[] = []
  let next: 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'more' = 'value'
  let at = 0
  const take = (token: RegExp): boolean => {
    token.lastIndex = at
    const isThere = token.test(text)
    if (isThere) at = token.lastIndex
    return isThere
  }
  const skip = (character: string): boolean => {
    if (text[at] !== character) return false
    at++
    return true
  }
  /** A string; one with a fault is taken up to it. */
  const takeString = (): boolean => {
    if (!skip('"')) return false
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === QUOTE) return skip('"')
      if (code < FIRST_PRINTED) return false
      if (code === BACKSLASH && take(ESCAPE)) at--
      else if (code === BACKSLASH) return false
    }
    return false
  }
  for (;;) {
    take(BLANKS)
    if (next === 'colon') {
      if (!skip(':')) return at
      next = 'value'
    } else if (next === 'more') {
      const inside = open.at(-1)
      if (inside !== undefined && skip(',')) next = inside === '{' ? 'name' : 'value'
      else if (inside !== undefined && skip(inside === '{' ? '}' : ']')) open.pop()
      else return at
    } else if (next === 'name or end' && skip('}')) {
      open.pop()
      next = 'more'
    } else if (next === 'name' || next === 'name or end') {
      if (!takeString()) return at
      next = 'colon'
    } else if (next === 'value or end' && skip(']')) {
      open.pop()
      next = 'more'
    } else if (skip('{')) {
      open.push('{')
      next = 'name or end'
    } else if (skip('[')) {
      open.push('[')
      next = 'value or end'
    } else if (takeString() || take(NUMBER) || take(WORD)) next = 'more'
    else return at
  }
}

const BLANKS = /[ \t\r\n]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y
const [QUOTE, BACKSLASH, FIRST_PRINTED] = [34, 92, 32]
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /(?:true|false|null)(?![a-z])/y
