import type { Bilingual } from './text.ts'

/** What the values of a signal's closed fields are called, for forms and descriptions. Sectors: `SECTORS`. */
export const SEX_TITLES = {
  male: { zh: '男', en: 'Male' },
  female: { zh: '女', en: 'Female' },
} as const satisfies Record<string, Bilingual>

export const STATUS_TITLES = {
  workers: {
    employed: { zh: '在业', en: 'Employed' },
    seeking: { zh: '求职', en: 'Seeking work' },
    returned: { zh: '返乡', en: 'Returned home' },
    withdrawn: { zh: '退出', en: 'Withdrawn' },
  },
  arrears: {
    reported: { zh: '已报告', en: 'Reported' },
    verified: { zh: '已核实', en: 'Verified' },
    processing: { zh: '处置中', en: 'In hand' },
    settled: { zh: '已结清', en: 'Settled' },
    dismissed: { zh: '不成立', en: 'Dismissed' },
  },
} as const satisfies Record<string, Record<string, Bilingual>>

export const CHANNEL_TITLES = {
  hotline12333: { zh: '12333 热线', en: 'Hotline 12333' },
  hotline12345: { zh: '12345 热线', en: 'Hotline 12345' },
  platform: { zh: '网上平台', en: 'Online platform' },
  station: { zh: '服务站', en: 'Service station' },
  self: { zh: '本人反映', en: 'The worker' },
  inspection: { zh: '执法检查', en: 'Inspection' },
  petition: { zh: '信访', en: 'Petition' },
  media: { zh: '媒体', en: 'Media' },
} as const satisfies Record<string, Bilingual>
