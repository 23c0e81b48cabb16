/** For `{@attach}` on a table: the up and down arrows move the focus along the links of its rows. */
export function rowKeys(table: HTMLElement): () => void {
  const gone = new AbortController()
  const step = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by === undefined || !(event.target instanceof HTMLElement)) return
    const links = [...table.querySelectorAll<HTMLElement>('tbody a')]
    links[links.indexOf(event.target) + by]?.focus()
    event.preventDefault()
  }
  table.addEventListener('keydown', step, { signal: gone.signal })
  return () => gone.abort()
}
