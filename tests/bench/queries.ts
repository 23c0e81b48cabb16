import { z } from 'zod'
import type { MeasureId } from '#domain/measure.ts'
import { childrenOf, PREFECTURES } from '#domain/region.ts'
import { everythingFor } from '#domain/scope.ts'
import { KINDS } from '#domain/signal.ts'
import { DAY_MS } from '#domain/time.ts'
import type { Engine } from '#sql/engine.ts'
import { rebuildRollups } from '#sql/rollups.ts'
import { type Ask, Measures } from '../../api/measures/answers.ts'
import { openTestStores } from '../support/stores.ts'
import { percentile } from './figures.ts'

const EVERYTHING = everythingFor('a measurement')

const ROUNDS = 40
const SMALL = 1_000_000

type Named = { name: string; ask: (measures: Measures) => Promise<unknown> }

/** The queries of the wall and of the map, as the pages ask them, at two sizes of the change tables. */
export async function run(large: number): Promise<void> {
  const stores = await openTestStores()
  const measures = new Measures(stores.engine, stores.postgres, 'blur')
  console.log(
    `\nqueries: ${ROUNDS} rounds each; 85% workers, 10% arrears, 5% industry change rows over two years`,
  )
  await fill(stores.engine, 0, SMALL)
  const small = await measure(measures)
  await fill(stores.engine, SMALL, large)
  const big = await measure(measures)
  for (const group of ['wall', 'map']) {
    const of = (figures: Map<string, number[]>) =>
      [...figures].filter(([name]) => name.startsWith(group)).flatMap(([, times]) => times)
    const line = (label: string, times: number[]) =>
      `${label} p50 ${percentile(times, 0.5).toFixed(1)} ms, p95 ${percentile(times, 0.95).toFixed(1)} ms`
    const ratio = percentile(of(big), 0.95) / percentile(of(small), 0.95)
    console.log(
      `  ${group}: ${line('1 M', of(small))}; ${line(`${large / 1e6} M`, of(big))}; p95 ratio ${ratio.toFixed(2)}`,
    )
  }
  for (const [name, times] of big)
    console.log(
      `    ${name}: p95 ${percentile(small.get(name) ?? [], 0.95).toFixed(1)} → ${percentile(times, 0.95).toFixed(1)} ms`,
    )
  await stores.close()
}

async function measure(measures: Measures): Promise<Map<string, number[]>> {
  const figures = new Map<string, number[]>()
  for (const { name, ask } of queries()) {
    await ask(measures)
    const times: number[] = []
    for (let i = 0; i < ROUNDS; i++) {
      const started = performance.now()
      await ask(measures)
      times.push(performance.now() - started)
    }
    figures.set(name, times)
  }
  return figures
}

function queries(): Named[] {
  const now = Date.now()
  const ask = (measure: MeasureId, over: Partial<Ask> = {}): Ask => ({
    measure,
    by: [],
    region: null,
    role: null,
    sector: null,
    atMs: now,
    fromMs: now - 30 * DAY_MS,
    toMs: now,
    knownAtMs: null,
    ...over,
  })
  const tiles: MeasureId[] = [
    'workers.count',
    'workers.outOfProvince',
    'arrears.owed',
    'arrears.workers',
    'arrears.openCases',
    'arrears.recovered',
    'industry.wagePaidShare',
  ]
  return [
    ...tiles.map(
      (id): Named => ({ name: `wall tile ${id}`, ask: (m) => m.distribution(EVERYTHING, ask(id)) }),
    ),
    ...tiles.map(
      (id): Named => ({ name: `wall sparkline ${id}`, ask: (m) => m.series(EVERYTHING, ask(id), 'day') }),
    ),
    {
      name: 'wall map',
      ask: (m) => m.distribution(EVERYTHING, ask('arrears.owed', { by: ['work.county'] })),
    },
    { name: 'wall flows', ask: (m) => m.flows(EVERYTHING, ask('workers.outOfProvince'), 'province') },
    {
      name: 'wall flows by city',
      ask: (m) =>
        m.distribution(EVERYTHING, ask('workers.outOfProvince', { by: ['home.city', 'work.province'] })),
    },
    {
      name: 'wall sectors',
      ask: (m) => m.distribution(EVERYTHING, ask('workers.count', { by: ['sector'] })),
    },
    {
      name: 'wall ranking',
      ask: (m) => m.distribution(EVERYTHING, ask('arrears.owed', { by: ['work.city'] })),
    },
    { name: 'wall new cases by day', ask: (m) => m.series(EVERYTHING, ask('arrears.newCases'), 'day') },
    {
      name: 'map workers by home county',
      ask: (m) => m.distribution(EVERYTHING, ask('workers.count', { by: ['home.county'] })),
    },
    {
      name: 'map workers by work county',
      ask: (m) =>
        m.distribution(EVERYTHING, ask('workers.count', { by: ['work.county'], role: 'work', region: '43' })),
    },
    {
      name: 'map counties of a city, half a year ago',
      ask: (m) =>
        m.distribution(
          EVERYTHING,
          ask('workers.count', { by: ['home.county'], region: '4305', atMs: now - 180 * DAY_MS }),
        ),
    },
    {
      name: 'map one sector by city',
      ask: (m) =>
        m.distribution(EVERYTHING, ask('workers.outOfProvince', { by: ['home.city'], sector: 'E' })),
    },
    {
      name: 'map a year of the province by day',
      ask: (m) => m.series(EVERYTHING, ask('workers.count', { fromMs: now - 365 * DAY_MS }), 'day'),
    },
    {
      name: 'map a year of the province by month',
      ask: (m) => m.series(EVERYTHING, ask('arrears.owed', { fromMs: now - 365 * DAY_MS }), 'month'),
    },
  ]
}

/** Brings the three change tables to `to` rows in all, through the real tables, so that every roll-up is filled too. */
async function fill(engine: Engine, from: number, to: number): Promise<void> {
  const counties = `[${PREFECTURES.flatMap((city) => childrenOf(city))
    .map((code) => `'${code}'`)
    .join(',')}]`
  const abroad = `['4403','4419','4401','4406','4420','4413','4404','3301','3302','3303','3205','3101','3502','3501','4201','4501','1101','5201','5301','3601','4601','1201','1301','6101']`
  const at = `toDateTime64(now() - INTERVAL 1 HOUR, 3, 'UTC') - toIntervalSecond(toUInt32(rand(1) % 63000000))`
  const county = `${counties}[1 + rand(2) % 122]`
  let total = 0
  for (let start = from; start < to; start += 500_000) {
    const n = Math.min(500_000, to - start)
    const seed = `number + ${start}`
    await engine.command(`INSERT INTO workers_changes_v1
      SELECT ${at}, now64(6), toString(cityHash64(${seed})), ${county} AS homeCode,
        multiIf(rand(3) % 100 < 32, homeCode, rand(3) % 100 < 57, ${counties}[1 + (rand(4) % 122) % (1 + rand(5) % 122)], ${abroad}[1 + (rand(4) % 24) % (1 + rand(5) % 24)]),
        ['C','E','F','O','G','H','A','L'][1 + rand(6) % 8], ['employed','employed','employed','seeking','returned','withdrawn'][1 + rand(7) % 6],
        's', '示例', if(rand(8) % 10 < 7, 1, -1) FROM numbers(${Math.floor(n * 0.85)})`)
    await engine.command(`INSERT INTO arrears_changes_v1
      SELECT ${at} AS moment, now64(6), toString(cityHash64(${seed})), moment, 'site', ${county}, ['C','E','F','G'][1 + rand(6) % 4],
        ['reported','verified','processing','settled','dismissed'][1 + rand(7) % 5], 'station', 's', '示例', [], [],
        if(rand(8) % 10 < 7, 1, -1) AS sign, sign * 5, sign * toInt64(5000000), 0, rand(9) % 2, rand(10) % 100000 FROM numbers(${Math.floor(n * 0.1)})`)
    await engine.command(`INSERT INTO industry_changes_v1
      SELECT ${at}, now64(6), toString(cityHash64(${seed})), ${county}, 'C', 's', 1, 100, 1, 5, 1, 50000000, 100, 1000, 1000, 3, 1, 2, 1, 95, 100
      FROM numbers(${Math.floor(n * 0.05)})`)
  }
  for (const kind of KINDS) await rebuildRollups(engine, `${kind}_changes_v1`)
  for (const kind of KINDS)
    total +=
      (
        await engine.query({
          name: 'count',
          sql: `SELECT count() AS n FROM ${kind}_changes_v1`,
          row: z.object({ n: z.coerce.number() }),
          unscoped: 'a measurement',
        })
      )[0]?.n ?? 0
  if (total !== to) throw new Error(`the store holds ${total} change rows, not ${to}`)
}
