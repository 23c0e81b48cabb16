import { employerCheckCharacter } from '#domain/person.ts'
import type { Sector } from '#domain/sector.ts'
import { shortName } from './places.ts'
import type { Random } from './random.ts'

/** An invented employer: its name says 示例 (example) and its code carries XX where a register would number companies. */
export type Employer = { readonly name: string; readonly code: string }

const TRADES: Record<string, readonly string[]> = {
  A: ['农业开发'],
  B: ['矿业'],
  C: ['电子', '服装', '五金制品', '鞋业', '家具', '食品'],
  D: ['能源服务'],
  E: ['建筑劳务', '建设工程', '装饰工程', '市政工程'],
  F: ['商贸', '超市'],
  G: ['物流', '快运'],
  H: ['餐饮管理', '酒店'],
  I: ['信息技术'],
  J: ['咨询'],
  K: ['物业服务', '置业'],
  L: ['人力资源', '劳务派遣'],
  M: ['技术服务'],
  N: ['环境工程'],
  O: ['家政服务', '汽车维修'],
  P: ['教育咨询'],
  Q: ['养老服务'],
  R: ['文化传媒'],
  S: ['公共服务'],
  T: ['服务'],
}
const OCCUPATIONS: Record<string, readonly string[]> = {
  A: ['种植工', '养殖工'],
  B: ['采掘工', '运输工'],
  C: ['装配工', '缝纫工', '焊工', '质检员', '注塑工'],
  D: ['维修工'],
  E: ['钢筋工', '木工', '泥瓦工', '架子工', '水电工', '普工'],
  F: ['营业员', '仓管员'],
  G: ['快递员', '货车司机', '装卸工'],
  H: ['厨师', '服务员'],
  I: ['安装维护员'],
  J: ['业务员'],
  K: ['保安员', '保洁员'],
  L: ['派遣工', '外勤员'],
  M: ['测量工'],
  N: ['园林工', '环卫工'],
  O: ['家政服务员', '月嫂', '维修工', '美发师'],
  P: ['后勤员'],
  Q: ['护工'],
  R: ['放映员'],
  S: ['协管员'],
}
const WORKS = [
  '安置房',
  '标准厂房',
  '中学新校区',
  '医院扩建',
  '农村公路',
  '污水处理厂',
  '水库加固',
  '棚户区改造',
  '物流园',
  '商业广场',
  '人才公寓',
  '农贸市场',
]
const PHASES = ['一期', '二期', '三期']
const EMPLOYERS_PER_TRADE = 12

const employers = new Map<string, Employer>()

/** One of a dozen employers of a sector in a region; the same arguments name the same employer and code. */
export function employerOf(region: string, sector: Sector, random: Random): Employer {
  const place = region.slice(0, 6)
  const trades = TRADES[sector] ?? ['服务']
  const trade = random.below(trades.length)
  const number = random.below(EMPLOYERS_PER_TRADE)
  const key = `${place}${sector}${trade}.${number}`
  let employer = employers.get(key)
  if (!employer) {
    const name = `${shortName(place)}示例${trades[trade]}有限公司${String(number + 1).padStart(2, '0')}`
    employer = { name, code: employerCodeOf(place, sector, trade, number) }
    employers.set(key, employer)
  }
  return employer
}

function employerCodeOf(place: string, sector: Sector, trade: number, number: number): string {
  const serial = String((sector.charCodeAt(0) - 65) * 10_000 + trade * 1000 + number).padStart(7, '0')
  const first17 = `91${place.padEnd(6, '0')}XX${serial}`
  return first17 + employerCheckCharacter(first17)
}

/** An invented project: “大祥示例安置房二期”. A county has three dozen of them. */
export function projectOf(region: string, random: Random): string {
  return `${shortName(region.slice(0, 6))}示例${random.pick(WORKS)}${random.pick(PHASES)}`
}

export function occupationOf(sector: Sector, random: Random): string {
  return random.pick(OCCUPATIONS[sector] ?? ['普工'])
}
