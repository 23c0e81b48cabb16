const MIB = 1024 * 1024
/** What bodies held in memory may have together: parsed, they take about ten times as much. The largest one must fit. */
const HELD_BYTES_MAX = 128 * MIB
/** Bodies up to this are let in whatever the large ones take. */
const SMALL_BYTES = MIB

let heldBytes = 0

/** The bytes of one body in memory: `add` says whether there is room for so many more, `release` when its rows are taken. */
export type HeldBody = { add(bytes: number): boolean; release(): void }

/** Counts a body that is held in memory against the room for all of them. */
export function holdBody(): HeldBody {
  let own = 0
  let counted = 0
  return {
    add(bytes) {
      own += bytes
      if (own <= SMALL_BYTES) return true
      if (heldBytes > counted && heldBytes - counted + own > HELD_BYTES_MAX) return false
      heldBytes += own - counted
      counted = own
      return true
    },
    release() {
      heldBytes -= counted
      counted = 0
      own = 0
    },
  }
}
