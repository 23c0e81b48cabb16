/** The bytes of a text in GBK, as Chinese spreadsheets save it. The map is read off the decoder that Node brings. */
export function encodeGbk(text: string): Uint8Array {
  return Uint8Array.from(
    [...text].flatMap((character) => {
      const code = character.codePointAt(0) ?? 0
      if (code < 0x80) return [code]
      const pair = PAIRS.get(character)
      if (!pair) throw new Error(`${character} is not in GBK`)
      return pair
    }),
  )
}

const PAIRS = new Map<string, number[]>()
const decoder = new TextDecoder('gbk')
for (let lead = 0x81; lead <= 0xfe; lead++)
  for (let trail = 0x40; trail <= 0xfe; trail++)
    if (trail !== 0x7f) PAIRS.set(decoder.decode(Uint8Array.of(lead, trail)), [lead, trail])
