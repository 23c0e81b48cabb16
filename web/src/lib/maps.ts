import type { GeometryCollection, Topology } from 'topojson-specification'
import chinaUrl from '#generated/china.topo.json?url'
import hunanUrl from '#generated/hunan.topo.json?url'

/** What each county or prefecture of the map file carries besides its shape. */
export type PlaceProperties = { readonly label: [number, number]; readonly parent: string }
export type HunanTopology = Topology<{
  counties: GeometryCollection<PlaceProperties>
  prefectures: GeometryCollection<PlaceProperties>
}>
type ChinaTopology = Topology<{ provinces: GeometryCollection<{ readonly label: [number, number] }> }>

let hunan: Promise<HunanTopology> | undefined

/** The map of Hunan: counties and prefectures. Read once; after a failure the next caller tries again. */
export function readHunan(): Promise<HunanTopology> {
  hunan ??= readTopology<HunanTopology>(hunanUrl).catch((error: unknown) => {
    hunan = undefined
    throw error
  })
  return hunan
}

/** Longitude and latitude of a point inside each province, by code. */
export async function readProvincePoints(): Promise<ReadonlyMap<string, [number, number]>> {
  const { objects } = await readTopology<ChinaTopology>(chinaUrl)
  return new Map(
    objects.provinces.geometries.flatMap(({ id, properties }) =>
      properties && 'label' in properties ? [[String(id), properties.label] as const] : [],
    ),
  )
}

/** The files are our own build output, checked by the test of the map build, so their shape is taken on trust here. */
async function readTopology<T>(url: string): Promise<T> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`The map file answered ${response.status}`)
  return (await response.json()) as T
}
