import type { Point } from '../../../lib/geo.ts'

/** Height of a name with the air around it, in pixels. */
const LINE_HEIGHT = 18

/** Names that fit beside each other, earlier ones first; a name that would lie on another one is left to the table. */
export function fittingNames<T extends { label: Point; text: string }>(
  names: readonly T[],
  characterWidth: number,
): T[] {
  const kept: T[] = []
  const widthOf = ({ text }: T) => text.length * characterWidth
  for (const name of names) {
    const isFree = kept.every((other) => {
      const apart = (widthOf(name) + widthOf(other)) / 2 + 4
      return (
        Math.abs(name.label[0] - other.label[0]) > apart ||
        Math.abs(name.label[1] - other.label[1]) > LINE_HEIGHT
      )
    })
    if (isFree) kept.push(name)
  }
  return kept
}
