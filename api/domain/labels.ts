import { SECTORS } from './sector.ts'
import type { Bilingual } from './text.ts'

/** What a code is called in both languages. CSV and XLSX take a label in place of its code; JSON takes the code alone. */
export type Labels = Readonly<Record<string, Bilingual>>

export const WORKER_STATUS_LABELS: Labels = {
  employed: { zh: '在岗', en: 'Employed' },
  seeking: { zh: '求职', en: 'Seeking work' },
  returned: { zh: '返乡', en: 'Returned home' },
  withdrawn: { zh: '退出', en: 'Withdrawn' },
}

export const ARREARS_STATUS_LABELS: Labels = {
  reported: { zh: '已受理', en: 'Reported' },
  verified: { zh: '已核实', en: 'Verified' },
  processing: { zh: '处置中', en: 'Processing' },
  settled: { zh: '已办结', en: 'Settled' },
  dismissed: { zh: '不予受理', en: 'Dismissed' },
}

export const CHANNEL_LABELS: Labels = {
  hotline12333: { zh: '12333热线', en: 'Hotline 12333' },
  hotline12345: { zh: '12345热线', en: 'Hotline 12345' },
  platform: { zh: '线索平台', en: 'Clue platform' },
  station: { zh: '服务站', en: 'Service station' },
  self: { zh: '自助申报', en: 'Self-reported' },
  inspection: { zh: '日常巡查', en: 'Inspection' },
  petition: { zh: '信访', en: 'Petition' },
  media: { zh: '媒体', en: 'Media' },
}

export const SEX_LABELS: Labels = { male: { zh: '男', en: 'Male' }, female: { zh: '女', en: 'Female' } }

/** The short names of the sectors, as they fit a drop-down. */
export const SECTOR_LABELS: Labels = Object.fromEntries(
  Object.entries(SECTORS).map(([code, { short }]) => [code, short]),
)
