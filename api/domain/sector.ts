import { z } from 'zod'
import type { Bilingual } from './text.ts'

/**
 * Industry sections of GB/T 4754-2017, `A` to `T`, with the Chinese names of the standard, the English of the NBS
 * yearbook, and a short name for charts. Older editions used other letters for F to I: never join on the letter alone.
 */
export const SECTORS = {
  A: {
    zh: '农、林、牧、渔业',
    en: 'Agriculture, Forestry, Animal Husbandry and Fishery',
    short: { zh: '农林牧渔', en: 'Agriculture' },
  },
  B: { zh: '采矿业', en: 'Mining', short: { zh: '采矿', en: 'Mining' } },
  C: { zh: '制造业', en: 'Manufacturing', short: { zh: '制造业', en: 'Manufacturing' } },
  D: {
    zh: '电力、热力、燃气及水生产和供应业',
    en: 'Production and Supply of Electricity, Heat, Gas and Water',
    short: { zh: '水电燃气', en: 'Utilities' },
  },
  E: { zh: '建筑业', en: 'Construction', short: { zh: '建筑业', en: 'Construction' } },
  F: { zh: '批发和零售业', en: 'Wholesale and Retail Trades', short: { zh: '批发零售', en: 'Retail' } },
  G: {
    zh: '交通运输、仓储和邮政业',
    en: 'Transport, Storage and Post',
    short: { zh: '交通仓储', en: 'Transport' },
  },
  H: { zh: '住宿和餐饮业', en: 'Hotels and Catering Services', short: { zh: '住宿餐饮', en: 'Catering' } },
  I: {
    zh: '信息传输、软件和信息技术服务业',
    en: 'Information Transmission, Software and Information Technology',
    short: { zh: '信息技术', en: 'IT' },
  },
  J: { zh: '金融业', en: 'Financial Intermediation', short: { zh: '金融', en: 'Finance' } },
  K: { zh: '房地产业', en: 'Real Estate', short: { zh: '房地产', en: 'Real estate' } },
  L: {
    zh: '租赁和商务服务业',
    en: 'Leasing and Business Services',
    short: { zh: '商务服务', en: 'Business' },
  },
  M: {
    zh: '科学研究和技术服务业',
    en: 'Scientific Research and Technical Services',
    short: { zh: '科研技术', en: 'Research' },
  },
  N: {
    zh: '水利、环境和公共设施管理业',
    en: 'Management of Water Conservancy, Environment and Public Facilities',
    short: { zh: '水利环境', en: 'Environment' },
  },
  O: {
    zh: '居民服务、修理和其他服务业',
    en: 'Services to Households, Repair and Other Services',
    short: { zh: '居民服务', en: 'Services' },
  },
  P: { zh: '教育', en: 'Education', short: { zh: '教育', en: 'Education' } },
  Q: { zh: '卫生和社会工作', en: 'Health and Social Services', short: { zh: '卫生社工', en: 'Health' } },
  R: {
    zh: '文化、体育和娱乐业',
    en: 'Culture, Sports and Entertainment',
    short: { zh: '文体娱乐', en: 'Culture' },
  },
  S: {
    zh: '公共管理、社会保障和社会组织',
    en: 'Public Management, Social Security and Social Organization',
    short: { zh: '公共管理', en: 'Public' },
  },
  T: { zh: '国际组织', en: 'International Organizations', short: { zh: '国际组织', en: 'International' } },
} as const satisfies Record<string, Bilingual & { short: Bilingual }>

export const Sector = z.enum(Object.keys(SECTORS) as [keyof typeof SECTORS, ...(keyof typeof SECTORS)[]])
export type Sector = z.infer<typeof Sector>
