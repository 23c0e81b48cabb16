import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { geoArea } from 'd3-geo'
import type { Feature, FeatureCollection, MultiLineString, MultiPolygon, Polygon, Position } from 'geojson'
import polylabel from 'polylabel'
import { feature, quantize } from 'topojson-client'
import { topology } from 'topojson-server'
import { presimplify, simplify, sphericalTriangleArea } from 'topojson-simplify'
import type { GeometryCollection, Topology } from 'topojson-specification'

type Shape = Polygon | MultiPolygon
type Source = Feature<Shape | MultiLineString, { gb?: string }>
/** `label` is the [longitude, latitude] farthest from the edges of the largest part; `parent` the code one level up. */
type Area = Feature<Shape, { label: [number, number]; parent: string | null }>

/** 1 km² in steradians on the Earth. */
const KM2 = 2.46e-8
/** Detail below these areas is dropped: invisible at the sizes the two maps are drawn. */
const HUNAN_DETAIL = 0.15 * KM2
const CHINA_DETAIL = 8 * KM2
const GRID = 1e5
/** A closed line of at most this many points is an island or enclave, kept whole whatever its size. */
const ISLAND_POINTS = 60
/** The South China Sea dashes have no id in the source: they are the line feature with ten parts. */
const DASHES = 10

/**
 * The two topologies from the boundary files in `folder`. `hunan.topo.json`: `counties` and `prefectures`.
 * `china.topo.json`: `provinces`, `dashes` (South China Sea) and `borders` (the other lines of the source: sea borders
 * between provinces and one in the Pamirs). Feature ids are significant-digit codes.
 */
export function buildMaps(folder: string): Record<'hunan.topo.json' | 'china.topo.json', Topology> {
  const [national, cities, districts] = [1, 2, 3].map((level) => read(folder, level)) as [
    Source[],
    Source[],
    Source[],
  ]
  const hunan = (features: Source[]) => features.filter((one) => codeOf(one).startsWith('43'))
  const lines = national.filter((one) => !isArea(one))
  const dashes = lines.filter((one) => one.geometry.coordinates.length === DASHES)
  if (dashes.length !== 1) throw new Error(`expected one feature of ${DASHES} dashes, found ${dashes.length}`)

  const provinces = thin({ provinces: collection(national.filter(isArea).map(area)) }, CHINA_DETAIL)
  return {
    'hunan.topo.json': thin(
      {
        counties: collection(hunan(districts).filter(isArea).map(area)),
        prefectures: collection(hunan(cities).filter(isArea).map(area)),
      },
      HUNAN_DETAIL,
    ),
    // Lines join after the simplification: a dash is a short line that it would shorten further.
    'china.topo.json': topology(
      {
        provinces: feature(provinces, provinces.objects.provinces),
        dashes: collection(dashes.map(bare)),
        borders: collection(lines.filter((one) => !dashes.includes(one)).map(bare)),
      },
      GRID,
    ),
  }
}

type Layers<K extends string> = Topology<Record<K, GeometryCollection>>

function thin<K extends string>(objects: Record<K, FeatureCollection>, detail: number): Layers<K> {
  // The typings of topology() lose the names of the objects.
  const weighted = presimplify(topology(objects) as unknown as Layers<K>, sphericalTriangleArea)
  for (const arc of weighted.arcs)
    if (isIsland(arc)) for (const point of arc) point[2] = Number.POSITIVE_INFINITY
  return quantize(simplify(weighted, detail), GRID) as Layers<K>
}

function isIsland(arc: Position[]): boolean {
  const [first, last] = [arc[0], arc.at(-1)]
  return arc.length <= ISLAND_POINTS && first?.[0] === last?.[0] && first?.[1] === last?.[1]
}

function area(source: Feature<Shape, { gb?: string }>): Area {
  const id = codeOf(source)
  const [x, y] = polylabel(largestPart(source.geometry), 0.005)
  const label: [number, number] = [Number(x.toFixed(4)), Number(y.toFixed(4))]
  return {
    type: 'Feature',
    id,
    properties: { label, parent: id.slice(0, -2) || null },
    geometry: source.geometry,
  }
}

function bare(source: Source): Feature {
  return { type: 'Feature', properties: {}, geometry: source.geometry }
}

function largestPart(shape: Shape): Position[][] {
  const parts = shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates
  const size = (coordinates: Position[][]) => geoArea({ type: 'Polygon', coordinates })
  return parts.reduce((best, part) => (size(part) > size(best) ? part : best))
}

function isArea(source: Source): source is Feature<Shape, { gb?: string }> {
  return source.geometry.type !== 'MultiLineString'
}

/** "156430100" (156 is China in ISO 3166) becomes "4301"; "" for lines. */
function codeOf(source: Source): string {
  return (source.properties.gb ?? '').replace(/^156/, '').replace(/(00){1,2}$/, '')
}

function read(folder: string, level: number): Source[] {
  return JSON.parse(readFileSync(join(folder, `chn-level-${level}.json`), 'utf8')).features
}

function collection<T extends Feature>(features: T[]): { type: 'FeatureCollection'; features: T[] } {
  return { type: 'FeatureCollection', features }
}
