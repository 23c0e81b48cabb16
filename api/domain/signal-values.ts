import { SECTORS } from './sector.ts'
import type { Bilingual } from './text.ts'

/** What a code is called in both languages. CSV and XLSX take a label in place of its code; JSON takes the code alone. */
export type Labels = Readonly<Record<string, Bilingual>>

/** What the values of a signal's closed fields are called, for sheets, forms and descriptions. */
export const SEX_TITLES = {
  male: { zh: '男', en: 'Male' },
  female: { zh: '女', en: 'Female' },
} as const satisfies Labels

export const STATUS_TITLES = {
  workers: {
    employed: { zh: '在岗', en: 'Employed' },
    seeking: { zh: '求职', en: 'Seeking work' },
    returned: { zh: '返乡', en: 'Returned home' },
    withdrawn: { zh: '退出', en: 'Withdrawn' },
  },
  arrears: {
    reported: { zh: '已受理', en: 'Reported' },
    verified: { zh: '已核实', en: 'Verified' },
    processing: { zh: '处置中', en: 'Processing' },
    settled: { zh: '已办结', en: 'Settled' },
    dismissed: { zh: '不予受理', en: 'Dismissed' },
  },
} as const satisfies Record<string, Labels>

export const CHANNEL_TITLES = {
  hotline12333: { zh: '12333热线', en: 'Hotline 12333' },
  hotline12345: { zh: '12345热线', en: 'Hotline 12345' },
  platform: { zh: '线索平台', en: 'Clue platform' },
  station: { zh: '服务站', en: 'Service station' },
  self: { zh: '自助申报', en: 'Self-reported' },
  inspection: { zh: '日常巡查', en: 'Inspection' },
  petition: { zh: '信访', en: 'Petition' },
  media: { zh: '媒体', en: 'Media' },
} as const satisfies Labels

/** The short names of the sectors, as they fit a drop-down. */
export const SECTOR_TITLES: Labels = Object.fromEntries(
  Object.entries(SECTORS).map(([code, { short }]) => [code, short]),
)

type OtherNames = Readonly<Record<string, readonly string[]>>

/**
 * What ledgers call the codes beside their labels, where a name can mean one of them alone. 已立案 stands between two states, a
 * jobless person may seek work or not, and who came in person (来访) may have come to a station: these stay refused.
 */
export const ALSO_CALLED: ReadonlyMap<Labels, OtherNames> = new Map<Labels, OtherNames>([
  [SEX_TITLES, { male: ['男性'], female: ['女性'] }],
  [STATUS_TITLES.workers, { employed: ['务工中', '外出务工', '已就业'], returned: ['已返乡'] }],
  [
    STATUS_TITLES.arrears,
    { processing: ['办理中', '处理中'], settled: ['办结', '已结案'], dismissed: ['不予立案'] },
  ],
  [
    CHANNEL_TITLES,
    { hotline12333: ['12333'], hotline12345: ['12345', '12345市民热线', '12345政务服务便民热线'] },
  ],
  [
    SECTOR_TITLES,
    Object.fromEntries(
      Object.entries(SECTORS).map(([code, { zh, en, short }]) => [
        code,
        [zh, en, `${code}${zh}`, `${code}${short.zh}`],
      ]),
    ),
  ],
])
