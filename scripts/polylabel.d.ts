declare module 'polylabel' {
  /** The point of a polygon (outer ring first) farthest from its edges, to `precision` in the units of the rings. */
  export default function polylabel(rings: number[][][], precision?: number): [number, number]
}
