import { innerHeight, innerWidth } from 'svelte/reactivity/window'

/** Up to this width, or upright, a wall becomes one scrolling column. The same rule stands in `wall.css`. */
const COLUMN_PX_MAX = 900

/** How many pixels one unit of the wall has: 1 on 1080 lines, 2 on 2160. Mirrors `--u` for geometry made in scripts. */
export function wallUnit(): number {
  const width = innerWidth.current ?? 1920
  const height = innerHeight.current ?? 1080
  return isColumn() ? 1 : Math.min(width, height) / 1080
}

/** Whether the wall is shown as one column. */
export function isColumn(): boolean {
  const width = innerWidth.current ?? 1920
  return width <= COLUMN_PX_MAX || width < (innerHeight.current ?? 1080)
}
