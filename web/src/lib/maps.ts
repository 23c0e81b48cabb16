import hunanUrl from '#generated/hunan.topo.json?url'
import type { GeometryCollection, Topology } from 'topojson-specification'

/** What each county or prefecture of the map file carries besides its shape. */
export type PlaceProperties = { readonly label: [number, number]; readonly parent: string }
type HunanTopology = Topology<{ counties: GeometryCollection<PlaceProperties>; prefectures: GeometryCollection<PlaceProperties> }>

let hunan: Promise<HunanTopology> | undefined

/** The map of Hunan, read once. A failed read is tried again by the next caller. */
export function readHunan(): Promise<HunanTopology> {
  hunan ??= readTopology(hunanUrl).catch((error: unknown) => {
    hunan = undefined
    throw error
  })
  return hunan
}

/** The file is our own build output, checked by the test of the map build, so its shape is taken on trust here. */
async function readTopology(url: string): Promise<HunanTopology> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`The map file answered ${response.status}`)
  return (await response.json()) as HunanTopology
}

export type { HunanTopology }
