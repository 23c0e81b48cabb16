import { fenToYuan, yuanToFen } from '#domain/money.ts'
import { DAY_MS, periodEnd, periodStart } from '#domain/time.ts'

/**
 * A plain recount: what design §3b says, written down the slow way over a list of received signals, sharing no code with
 * the product's counting. `ms` is the observation, `at` the place in the order of receipt.
 */
export type Received = {
  kind: 'workers' | 'arrears' | 'industry'
  source: string
  ms: number
  order: number
  signal: any
}

/** Each subject's observations in time order; an exact repeat never counts again. */
function lines(
  all: Received[],
  kind: Received['kind'],
  keyOf: (r: Received) => string,
): Map<string, Received[]> {
  const groups = new Map<string, Received[]>()
  const seen = new Set<string>()
  for (const r of all.filter((candidate) => candidate.kind === kind)) {
    const identity = `${keyOf(r)} ${r.ms} ${JSON.stringify({ ...r.signal, observedAt: 0, name: 0, phone: 0 })}`
    if (seen.has(identity)) continue
    seen.add(identity)
    const group = groups.get(keyOf(r)) ?? []
    group.push(r)
    groups.set(keyOf(r), group)
  }
  for (const group of groups.values()) group.sort((a, b) => a.ms - b.ms || a.order - b.order)
  return groups
}

/** Of them, at one instant only the later received. */
function histories(
  all: Received[],
  kind: Received['kind'],
  keyOf: (r: Received) => string,
): Map<string, Received[]> {
  const stands = (r: Received, i: number, group: Received[]) => group[i + 1]?.ms !== r.ms
  return new Map([...lines(all, kind, keyOf)].map(([key, group]) => [key, group.filter(stands)]))
}

/**
 * What is known of a person at an instant, field by field and looking backwards: for each field the last observation that
 * said it. Work told before the latest departure from `employed` is over. A home that merely holds a finer one told
 * before it, with only its own kind between, does not replace that.
 */
function personAt(all: Received[], ms: number): Received | undefined {
  const line = all.filter((r) => r.ms <= ms)
  const last = line.at(-1)
  if (!last) return undefined
  const left = line.findLastIndex(
    (r, i) => line[i - 1]?.signal.status === 'employed' && r.signal.status !== 'employed',
  )
  const said = (field: string) => line.findLast((r, i) => r.signal[field] && i >= left)?.signal[field]
  let home = last.signal.homeRegion
  for (const { signal } of line.toReversed()) {
    if (!signal.homeRegion.startsWith(home) && !home.startsWith(signal.homeRegion)) break
    if (signal.homeRegion.length > home.length) home = signal.homeRegion
  }
  const signal = { ...last.signal, homeRegion: home }
  for (const field of ['workRegion', 'sector', 'employer']) signal[field] = said(field)
  return { ...last, signal }
}

type Groups = Map<string, number>
const add = (groups: Groups, key: string, value: number) => groups.set(key, (groups.get(key) ?? 0) + value)
const isOpen = (status: string) => status !== 'settled' && status !== 'dismissed'

export type Query = { measure: string; by: string[]; atMs: number; fromMs: number; toMs: number }

/** The rows that a distribution must have, as text keys and values in the unit of the edge. */
export function recount(all: Received[], q: Query): Map<string, string | number> {
  const value: Groups = new Map()
  const per: Groups = new Map()
  const states: Groups = new Map()
  const people = lines(all, 'workers', (r) => r.signal.idNumber)
  const cases = histories(all, 'arrears', (r) => `${r.source}/${r.signal.caseId}`)
  const at = (history: Received[], ms: number) => history.filter((r) => r.ms <= ms).at(-1)
  const key = (r: Received) => q.by.map((dimension) => dimensionOf(r, dimension)).join(' ')

  switch (q.measure) {
    case 'workers.count':
    case 'workers.outOfProvince':
      for (const line of people.values()) {
        const state = personAt(line, q.atMs)
        if (!state) continue
        const { status, workRegion, homeRegion } = state.signal
        const counts =
          q.measure === 'workers.count'
            ? status !== 'withdrawn'
            : status === 'employed' &&
              workRegion !== undefined &&
              workRegion.slice(0, 2) !== homeRegion.slice(0, 2)
        add(states, key(state), 1)
        add(value, key(state), counts ? 1 : 0)
      }
      break
    case 'arrears.openCases':
    case 'arrears.owed':
    case 'arrears.workers':
      for (const history of cases.values()) {
        const state = at(history, q.atMs)
        if (!state) continue
        const open = isOpen(state.signal.status) ? 1 : 0
        if (q.by.some((dimension) => dimension.startsWith('home.'))) {
          const homes: { region: string; workers: number }[] = state.signal.homeRegions ?? []
          for (const home of homes) {
            add(states, cut(home.region, q.by[0] ?? ''), 1)
            add(value, cut(home.region, q.by[0] ?? ''), open * home.workers)
          }
          const rest = state.signal.workers - homes.reduce((sum, home) => sum + home.workers, 0)
          if (rest !== 0) {
            add(states, 'unknown', 1)
            add(value, 'unknown', open * rest)
          }
          continue
        }
        const amount =
          q.measure === 'arrears.openCases'
            ? 1
            : q.measure === 'arrears.workers'
              ? state.signal.workers
              : (yuanToFen(state.signal.owed) ?? 0)
        add(states, key(state), 1)
        add(value, key(state), open * amount)
      }
      break
    case 'arrears.newCases':
    case 'arrears.recovered':
      for (const history of cases.values()) {
        const last = at(history, q.toMs - 1)
        if (last) add(states, key(last), 1)
        history.forEach((r, i) => {
          if (r.ms < q.fromMs || r.ms >= q.toMs) return
          if (q.measure === 'arrears.newCases' && i === 0) add(value, key(r), 1)
          const before = history[i - 1]
          if (q.measure === 'arrears.recovered' && before)
            add(
              value,
              key(r),
              (yuanToFen(r.signal.paid ?? '0') ?? 0) - (yuanToFen(before.signal.paid ?? '0') ?? 0),
            )
        })
      }
      // What was counted in a group is told there, although no case stands in it any more.
      for (const [group, counted] of value) if (counted !== 0) add(states, group, 1)
      break
    case 'arrears.settledShare':
      for (const history of cases.values()) {
        const first = history[0]
        const last = at(history, q.toMs - 1)
        if (!first || !last || first.ms < q.fromMs || first.ms >= q.toMs) continue
        add(states, key(last), 1)
        add(per, key(last), 1)
        add(value, key(last), last.signal.status === 'settled' ? 1 : 0)
      }
      break
    default:
      countIndustry(all, q, key, value, per, states)
  }
  return finish(q.measure, value, per, states)
}

function countIndustry(
  all: Received[],
  q: Query,
  key: (r: Received) => string,
  value: Groups,
  per: Groups,
  states: Groups,
): void {
  const field = q.measure.slice('industry.'.length)
  const money = (text: string | undefined) => (text === undefined ? undefined : (yuanToFen(text) ?? 0))
  const periods = histories(
    all,
    'industry',
    (r) => `${r.signal.pointId}|${r.signal.project ?? ''}|${r.signal.period}`,
  )
  if (['hires', 'departures', 'wagePaidShare'].includes(field)) {
    for (const history of periods.values()) {
      const r = history.at(-1)
      if (!r) continue
      const start = periodStart(r.signal.period)
      if (start < q.fromMs || start >= q.toMs) continue
      const [up, down] =
        field === 'wagePaidShare'
          ? [money(r.signal.wagePaid), money(r.signal.wageBill)]
          : [r.signal[field], 1]
      if (up === undefined || down === undefined) continue
      add(states, key(r), down)
      add(value, key(r), up)
      add(per, key(r), down)
    }
    return
  }
  const points = new Map<string, Received[]>()
  for (const history of periods.values())
    for (const r of history)
      points.set(`${r.signal.pointId}|${r.signal.project ?? ''}`, [
        ...(points.get(`${r.signal.pointId}|${r.signal.project ?? ''}`) ?? []),
        r,
      ])
  for (const reports of points.values()) {
    const known = reports.filter((r) => r.ms <= q.atMs)
    known.sort(
      (a, b) =>
        periodEnd(a.signal.period) - periodEnd(b.signal.period) ||
        periodStart(b.signal.period) - periodStart(a.signal.period) ||
        a.ms - b.ms ||
        a.order - b.order,
    )
    const r = known.at(-1)
    if (!r || q.atMs >= periodEnd(r.signal.period) + 62 * DAY_MS) continue
    const s = r.signal
    const [up, down] =
      field === 'averageWage'
        ? [
            s.headcount === undefined || s.averageWage === undefined
              ? undefined
              : s.headcount * (money(s.averageWage) ?? 0),
            s.headcount,
          ]
        : field === 'accountCover'
          ? [money(s.accountBalance), money(s.wageBill)]
          : [s[field], 1]
    if (up === undefined || down === undefined) continue
    add(states, key(r), down)
    add(value, key(r), up)
    add(per, key(r), down)
  }
}

function dimensionOf(r: Received, dimension: string): string {
  if (dimension.startsWith('home.')) return cut(r.signal.homeRegion, dimension)
  if (dimension.startsWith('work.')) return cut(r.signal.workRegion ?? '', dimension)
  if (dimension === 'source') return r.source
  return r.signal[dimension] ?? 'unknown'
}

function cut(region: string, dimension: string): string {
  const digits = { province: 2, city: 4, county: 6, township: 9 }[dimension.split('.')[1] as 'city'] ?? 6
  return region.length >= digits ? region.slice(0, digits) : 'unknown'
}

function finish(measure: string, value: Groups, per: Groups, states: Groups): Map<string, string | number> {
  const rows = new Map<string, string | number>()
  for (const [key, count] of states) {
    if (count <= 0) continue
    const sum = value.get(key) ?? 0
    const divisor = per.get(key) ?? 0
    if (['arrears.owed', 'arrears.recovered'].includes(measure)) rows.set(key, fenToYuan(sum))
    else if (measure === 'industry.averageWage')
      rows.set(key, fenToYuan(Math.floor((2 * sum + divisor) / (2 * divisor))))
    else if (/Share|Cover/.test(measure)) rows.set(key, sum / divisor)
    else rows.set(key, sum)
  }
  return rows
}
