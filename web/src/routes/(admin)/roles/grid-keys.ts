/** For `{@attach}` on a table of boxes to tick: arrows, Home and End move the focus, with Ctrl as far as they go. */
export function gridKeys(table: HTMLElement): () => void {
  const gone = new AbortController()
  const step = (event: KeyboardEvent) => {
    const box = event.target
    if (!(box instanceof HTMLInputElement)) return
    const rows = [...table.querySelectorAll('tbody tr')]
      .map((row) => [...row.querySelectorAll('input')])
      .filter((row) => row.length > 0)
    const y = rows.findIndex((row) => row.includes(box))
    const x = rows[y]?.indexOf(box) ?? -1
    if (x < 0) return
    const right = (rows[y]?.length ?? 1) - 1
    const bottom = rows.length - 1
    const isFar = event.ctrlKey || event.metaKey
    const moves: Record<string, [number, number]> = {
      ArrowUp: [x, isFar ? 0 : y - 1],
      ArrowDown: [x, isFar ? bottom : y + 1],
      ArrowLeft: [isFar ? 0 : x - 1, y],
      ArrowRight: [isFar ? right : x + 1, y],
      Home: [0, isFar ? 0 : y],
      End: [right, isFar ? bottom : y],
    }
    const to = moves[event.key]
    if (!to) return
    event.preventDefault()
    rows[to[1]]?.[to[0]]?.focus()
  }
  table.addEventListener('keydown', step, { signal: gone.signal })
  return () => gone.abort()
}
