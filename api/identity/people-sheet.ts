import { canonicalRegion, childrenOf, HUNAN, PREFECTURES, regionName } from '#domain/region.ts'
import type { Role, Side } from '#domain/right.ts'
import { SECTORS, Sector } from '#domain/sector.ts'
import type { Bilingual } from '#domain/text.ts'
import { DAY_MS, parseInstant } from '#domain/time.ts'
import type { NewPost } from './posts.ts'

/** A line of a sheet: its number in the file and the texts of its cells. */
export type SheetLine = { at: number; cells: string[] }

/** A person of a sheet and the post to begin with. */
export type SheetPerson = {
  row: number
  username: string
  name: string
  singleSignOnName: string | null
  post: NewPost
}

/** What is wrong in a row, under the title of its column; '' when it is the row as a whole. Repeats no value. */
export type SheetFault = { row: number; column: string; message: Bilingual }

/** What a sheet is judged against. `mayGive` says why the asker may not give a post, `null` when they may. */
export type SheetRules = {
  roles: readonly Role[]
  /** The user names that exist, in lower case. */
  taken: ReadonlySet<string>
  /** Where posts without a beginning begin. */
  nowMs: number
  mayGive: (post: NewPost) => Bilingual | null
}

const COLUMNS = {
  username: ['用户名', '登录名', '账号', 'username'],
  name: ['姓名', 'name'],
  role: ['角色', 'role'],
  regions: ['区域', '地区', '行政区划', 'regions', 'region'],
  side: ['口径', 'side'],
  sectors: ['行业', 'sectors', 'sector'],
  startsAt: ['开始日期', '开始', 'startsAt'],
  endsAt: ['结束日期', '结束', 'endsAt'],
  singleSignOnName: ['统一身份账号', 'singleSignOnName'],
} as const
type Column = keyof typeof COLUMNS
const NEEDED: readonly Column[] = ['username', 'name', 'role']
const HEADER_LINES_MAX = 10

/** The people of a sheet, and what is wrong with it row by row: a row with a fault has no person. */
export function readPeopleSheet(
  lines: readonly SheetLine[],
  rules: SheetRules,
): { people: SheetPerson[]; faults: SheetFault[] } {
  const header = findHeader(lines)
  if (header === null) return { people: [], faults: [NO_HEADER] }
  const taken = new Set(rules.taken)
  const faults: SheetFault[] = []
  const people = lines.slice(header.index + 1).flatMap(({ at, cells }) => {
    const before = faults.length
    /** The value of a cell; a text that has none is a fault. */
    const take = <T>(column: Column, read: (text: string) => T | Fault): T | null => {
      const value = read(cells[header.at[column] ?? -1] ?? '')
      if (!(value instanceof Fault)) return value
      faults.push({ row: at, column: COLUMNS[column][0], message: value.message })
      return null
    }
    const username = take('username', (text) => usernameOf(text, taken))
    const name = take('name', nameOf)
    const singleSignOnName = take('singleSignOnName', (text) => text.slice(0, 200))
    const role = take('role', (text) => roleOf(text, rules.roles))
    const side = take('side', sideOf)
    const regions = take('regions', (text) => listOf(text, regionOf, NO_REGION))
    const sectors = take('sectors', (text) => listOf(text, sectorOf, NO_SECTOR))
    const startsMs = take('startsAt', (text) => (text === '' ? rules.nowMs : dayOf(text)))
    const endsMs = take('endsAt', (text) => (text === '' ? Number.POSITIVE_INFINITY : lastDayOf(text)))
    if (!username || !name || !role || !side || !regions || !sectors || startsMs === null || endsMs === null)
      return []
    if (endsMs < startsMs) take('endsAt', () => NO_DAY)
    const post = { role, regions, side, sectors, startsMs, endsMs: Number.isFinite(endsMs) ? endsMs : null }
    const refusal = rules.mayGive(post)
    if (refusal) faults.push({ row: at, column: '', message: refusal })
    return faults.length > before
      ? []
      : [{ row: at, username, name, singleSignOnName: singleSignOnName || null, post }]
  })
  return { people, faults }
}

/** The line with the titles, and in which cell each column stands. */
function findHeader(lines: readonly SheetLine[]) {
  for (const [index, { cells }] of lines.slice(0, HEADER_LINES_MAX).entries()) {
    const titles = cells.map((title) => title.replace(/[*\s]/g, ''))
    const at: Partial<Record<Column, number>> = {}
    for (const [column, names] of Object.entries(COLUMNS) as [Column, readonly string[]][]) {
      const place = titles.findIndex((title) => names.includes(title))
      if (place >= 0) at[column] = place
    }
    if (NEEDED.every((column) => at[column] !== undefined)) return { index, at }
  }
  return null
}

/** Why a text is no value of its column. */
class Fault {
  readonly message: Bilingual
  constructor(zh: string, en: string) {
    this.message = { zh, en }
  }
}
const NO_HEADER: SheetFault = {
  row: 1,
  column: '',
  message: {
    zh: '没有找到表头：须有“用户名”“姓名”“角色”三列',
    en: 'no header found: there must be columns username, name and role',
  },
}
const NO_REGION = new Fault(
  '须为行政区划代码，或本省市州、县市区的全称',
  'must be region codes, or full names of cities and counties of the province',
)
const NO_SECTOR = new Fault('须为行业门类的字母 A 至 T 或名称', 'must be letters A to T or names of sectors')
const NO_DAY = new Fault(
  '须为日期，如 2026-12-01；结束不早于开始',
  'must be a day like 2026-12-01; the end not before the beginning',
)

function usernameOf(text: string, taken: Set<string>): string | Fault {
  if (!/^[A-Za-z0-9_.]{3,30}$/.test(text))
    return new Fault(
      '须为 3 至 30 个字母、数字、点或下划线',
      'must be 3 to 30 letters, digits, dots or underscores',
    )
  const lower = text.toLowerCase()
  if (taken.has(lower)) return new Fault('已有此用户名，或表中重复', 'is taken, or stands twice in the sheet')
  taken.add(lower)
  return text
}

function nameOf(text: string): string | Fault {
  return text !== '' && text.length <= 50
    ? text
    : new Fault('须填写，至多 50 个字', 'must be given, with at most 50 characters')
}

function roleOf(text: string, roles: readonly Role[]): string | Fault {
  const role = roles.find(({ id, title }) => [id, title.zh, title.en].includes(text))
  const all = (lang: 'zh' | 'en') => roles.map(({ title }) => title[lang]).join(lang === 'zh' ? '、' : ', ')
  return role?.id ?? new Fault(`没有这个角色；可填 ${all('zh')}`, `is no role; use ${all('en')}`)
}

const SIDES: Record<string, Side> = {
  户籍: 'home',
  户籍地: 'home',
  务工: 'work',
  务工地: 'work',
  两者: 'both',
}

function sideOf(text: string): Side | Fault {
  if (text === '' || text === 'home' || text === 'work' || text === 'both') return text || 'both'
  return SIDES[text] ?? new Fault('须为 户籍、务工 或 两者', 'must be home, work or both')
}

function listOf<T>(text: string, read: (part: string) => T | null, fault: Fault): T[] | Fault {
  const parts = text
    .split(/[;；,，、\s]+/)
    .filter((part) => part !== '')
    .map(read)
  const values = parts.filter((value) => value !== null)
  return values.length === parts.length ? values : fault
}

/** By its code, or by the full name of a city or county of the province where only one has it. */
function regionOf(text: string): string | null {
  if (/^\d+$/.test(text)) return canonicalRegion(text)
  const all = [HUNAN, ...PREFECTURES, ...PREFECTURES.flatMap(childrenOf)]
  const named = all.filter((code) => regionName(code).zh === text)
  return named.length === 1 ? (named[0] ?? null) : null
}

function sectorOf(text: string): Sector | null {
  const code = Sector.safeParse(text.toUpperCase())
  if (code.success) return code.data
  return (
    Sector.options.find((letter) => SECTORS[letter].zh === text || SECTORS[letter].short.zh === text) ?? null
  )
}

function dayOf(text: string): number | Fault {
  return parseInstant(text.replace(/[./年月]/g, '-').replace('日', '')) ?? NO_DAY
}

/** Whoever is named to a day is in post all that day: until before the next one begins. */
function lastDayOf(text: string): number | Fault {
  const ms = dayOf(text)
  return ms instanceof Fault || text.includes(':') ? ms : ms + DAY_MS
}
