import { type GeoProjection, geoMercator, geoPath } from 'd3-geo'
import type { Feature, FeatureCollection, MultiLineString, MultiPolygon, Polygon } from 'geojson'
import { feature, mesh } from 'topojson-client'
import type { HunanTopology, PlaceProperties } from './maps.ts'

export type Point = readonly [number, number]
export type Box = {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}
export type Place = Feature<Polygon | MultiPolygon, PlaceProperties>

/** The shapes of Hunan: areas to fill and lines to draw, each line once. */
export type Hunan = {
  readonly counties: readonly Place[]
  readonly prefectures: readonly Place[]
  readonly all: FeatureCollection<Polygon | MultiPolygon, PlaceProperties>
  readonly outline: MultiLineString
  readonly prefectureLines: MultiLineString
  readonly countyLines: MultiLineString
}

export function hunanFrom(topology: HunanTopology): Hunan {
  const { counties, prefectures } = topology.objects
  const all = placesOf(topology, 'prefectures')
  return {
    counties: placesOf(topology, 'counties').features,
    prefectures: all.features,
    all,
    outline: mesh(topology, prefectures, (a, b) => a === b),
    prefectureLines: mesh(topology, prefectures, (a, b) => a !== b),
    countyLines: mesh(topology, counties, (a, b) => a !== b && prefectureOf(a) === prefectureOf(b)),
  }
}

/** topojson-client types every object as any geometry; the map build writes areas only. */
function placesOf(topology: HunanTopology, name: 'counties' | 'prefectures'): Hunan['all'] {
  return feature(topology, topology.objects[name]) as Hunan['all']
}

function prefectureOf(geometry: { id?: string | number | undefined }): string {
  return String(geometry.id).slice(0, 4)
}

/** A projection that fits areas into a box. */
export function projectionFor(areas: FeatureCollection, box: Box): GeoProjection {
  return geoMercator().fitExtent(
    [
      [box.left, box.top],
      [Math.max(box.right, box.left + 1), Math.max(box.bottom, box.top + 1)],
    ],
    areas,
  )
}

/** An area ready to draw: its code, its path and where its name goes. */
export type Drawn = { readonly code: string; readonly path: string; readonly label: Point }

export function drawPlaces(places: readonly Place[], projection: GeoProjection): Drawn[] {
  const path = geoPath(projection).digits(1)
  return places.map((place) => ({
    code: String(place.id),
    path: path(place) ?? '',
    label: projection(place.properties.label) ?? [0, 0],
  }))
}

export function drawLine(line: MultiLineString, projection: GeoProjection): string {
  return geoPath(projection).digits(1)(line) ?? ''
}

/** A place outside the map that lines run to, on the edge of the frame in its own direction. */
export type Anchor = {
  readonly code: string
  readonly at: Point
  readonly side: 'left' | 'right' | 'top' | 'bottom'
}

/**
 * Puts far places on the edge of `frame`, each in its compass direction from `centre`, moved apart along their edge so
 * that labels of the given size do not touch. The order along an edge is the true order.
 */
export function anchorsFor(
  places: readonly { code: string; at: Point }[],
  centre: Point,
  frame: Box,
  gap: { x: number; y: number },
): Anchor[] {
  const onEdge = places.map(({ code, at }) => ({ code, ...edgePoint(centre, at, frame) }))
  return (['left', 'right', 'top', 'bottom'] as const).flatMap((side) => {
    const axis = side === 'left' || side === 'right' ? 1 : 0
    const span: Point = axis === 1 ? [frame.top, frame.bottom] : [frame.left, frame.right]
    const members = onEdge.filter((one) => one.side === side).sort((a, b) => a.at[axis] - b.at[axis])
    const spread = spreadOut(
      members.map(({ at }) => at[axis]),
      axis === 1 ? gap.y : gap.x,
      span,
    )
    return members.map(({ code, at }, i) => {
      const moved = spread[i] ?? at[axis]
      return { code, side, at: (axis === 1 ? [at[0], moved] : [moved, at[1]]) as Point }
    })
  })
}

/** Sorted positions moved so that neighbours are at least `gap` apart and all lie in `span`, each as little as a few passes find. */
export function spreadOut(sorted: readonly number[], gap: number, [from, to]: Point): number[] {
  const at = [...sorted]
  const room = Math.min(gap, (to - from) / Math.max(1, at.length - 1))
  for (let pass = 0; pass < 40; pass++) {
    for (let i = 1; i < at.length; i++) {
      const short = room - ((at[i] ?? 0) - (at[i - 1] ?? 0))
      if (short <= 0) continue
      at[i - 1] = (at[i - 1] ?? 0) - short / 2
      at[i] = (at[i] ?? 0) + short / 2
    }
    for (let i = 0; i < at.length; i++) at[i] = Math.min(to, Math.max(from, at[i] ?? from))
  }
  return at
}

function edgePoint(centre: Point, at: Point, frame: Box): { at: Point; side: Anchor['side'] } {
  const dx = at[0] - centre[0]
  const dy = at[1] - centre[1]
  const toX = dx === 0 ? Number.POSITIVE_INFINITY : ((dx > 0 ? frame.right : frame.left) - centre[0]) / dx
  const toY = dy === 0 ? Number.POSITIVE_INFINITY : ((dy > 0 ? frame.bottom : frame.top) - centre[1]) / dy
  const scale = Math.min(toX, toY)
  if (!Number.isFinite(scale)) return { at: [centre[0], frame.bottom], side: 'bottom' }
  const point: Point = [centre[0] + dx * scale, centre[1] + dy * scale]
  if (toX < toY) return { at: point, side: dx > 0 ? 'right' : 'left' }
  return { at: point, side: dy > 0 ? 'bottom' : 'top' }
}

const INWARD: Record<Anchor['side'], Point> = { left: [1, 0], right: [-1, 0], top: [0, 1], bottom: [0, -1] }

/** A curve from a place on the map to an anchor that arrives square to the anchor's edge, so that lines gather. */
export function flowPath(from: Point, anchor: Anchor): string {
  const [x, y] = anchor.at
  const reach = Math.hypot(x - from[0], y - from[1]) * 0.45
  const inward = INWARD[anchor.side]
  const near: Point = [from[0] + (x - from[0]) * 0.25, from[1] + (y - from[1]) * 0.25]
  const far: Point = [x + inward[0] * reach, y + inward[1] * reach]
  return `M${round(from)}C${round(near)} ${round(far)} ${round(anchor.at)}`
}

function round([x, y]: Point): string {
  return `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`
}

/**
 * Marks in order of importance; one that would touch an earlier one is left out and counted there, so that marks never
 * cover each other. `apart` is the least distance between two marks.
 */
export function thinOut<T extends { at: Point }>(
  marks: readonly T[],
  apart: number,
): { mark: T; hidden: number }[] {
  const kept: { mark: T; hidden: number }[] = []
  for (const mark of marks) {
    const near = kept.find(
      (one) => Math.hypot(one.mark.at[0] - mark.at[0], one.mark.at[1] - mark.at[1]) < apart,
    )
    if (near) near.hidden += 1
    else kept.push({ mark, hidden: 0 })
  }
  return kept
}

/** Moves a round mark up or down, whichever is nearer, until it lies clear of the label it would cover. */
export function clearOf(at: Point, radius: number, labels: readonly Box[]): Point {
  const under = labels.find(
    ({ left, right, top, bottom }) =>
      at[0] + radius > left && at[0] - radius < right && at[1] + radius > top && at[1] - radius < bottom,
  )
  if (!under) return at
  const isAbove = at[1] < (under.top + under.bottom) / 2
  return [at[0], isAbove ? under.top - radius : under.bottom + radius]
}
