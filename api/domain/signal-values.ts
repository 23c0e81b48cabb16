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

/** What ledgers call the codes beside their labels, where a name can mean one of them alone. */
export const ALSO_CALLED: ReadonlyMap<Labels, OtherNames> = new Map<Labels, OtherNames>([
  [SEX_TITLES, { male: ['男性'], female: ['女性'] }],
  [
    STATUS_TITLES.workers,
    {
      employed: ['务工中', '外出务工', '在外务工', '务工', '已就业', '在职'],
      seeking: ['求职中', '正在求职'],
      returned: ['已返乡'],
    },
  ],
  [
    STATUS_TITLES.arrears,
    {
      reported: ['受理'],
      verified: ['已查实'],
      processing: ['办理中', '处理中', '正在办理', '正在处理', '在办'],
      settled: ['办结', '结案', '已结案', '办理完毕', '处理完毕'],
      dismissed: ['不受理', '不予立案'],
    },
  ],
  [
    CHANNEL_TITLES,
    {
      hotline12333: ['12333'],
      hotline12345: ['12345', '12345市民热线', '12345政务服务便民热线'],
      platform: ['全国根治欠薪线索反映平台', '根治欠薪线索反映平台', '根治欠薪平台'],
      inspection: ['巡查', '日常检查'],
      petition: ['网上信访'],
      media: ['媒体曝光', '新闻媒体'],
    },
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

/**
 * What ledgers write that is none of the codes or may be more than one, with those that are nearest: 已立案 stands between two
 * states, a jobless person may seek work or not, and who came in person (来访) may have come to a station. Who sent it picks.
 */
const NEAREST: Readonly<Record<string, readonly string[]>> = {
  ...among('seeking returned withdrawn', '待业 失业 无业 未就业 离职 已离职 离岗 退场 已退场 离场 已离场'),
  ...among('employed', '在场 已进场 进场 上岗 已上岗 上班 就业 灵活就业 自主创业 创业'),
  ...among('reported verified', '待核实 待查'),
  ...among('reported processing', '立案 已立案 受理中 调查中 核查中 核实中 待处理 待办'),
  ...among('reported verified processing', '未办结 未结案 未结'),
  ...among(
    'processing',
    '协调中 调解中 仲裁中 仲裁 已仲裁 诉讼中 已起诉 责令整改 责令改正 责令限期改正 已责令 行政处罚 已处罚 已移送 移送 移送公安 已移送公安 强制执行 强执 转办 已转办',
  ),
  ...among('processing settled', '已调解 调解成功 已协调 部分支付 部分办结 已处理 已办'),
  ...among('settled', '已支付 已发放 已付清 已结清 已清零 已化解 化解 已销号 销号 已销案 销案 已解决'),
  ...among('settled dismissed', '撤案 已撤案 撤诉 已撤诉 不属实 查无实据'),
  ...among('petition station', '来访 上访 现场来访 群众来访'),
  ...among('petition', '来信 信访局 信访转办'),
  ...among('hotline12333 hotline12345', '来电 电话 热线 电话投诉'),
  ...among('platform petition', '网上投诉 网络投诉 全国平台 国家平台 省平台'),
  ...among('platform petition hotline12345', '上级交办 上级转办 交办'),
  ...among('station inspection self', '投诉举报 举报投诉 举报 投诉 劳动监察 现场投诉'),
  ...among('inspection', '主动排查 排查 专项检查 检查 书面审查'),
  ...among('media', '网络舆情 舆情 网络'),
}

function among(codes: string, words: string): Record<string, readonly string[]> {
  return Object.fromEntries(words.split(' ').map((word) => [word, codes.split(' ')]))
}

/** The codes of a closed field that come nearest to a word which is none of them; none where nothing is known of it. */
export const nearestTo = (word: string, codes: readonly string[]): string[] =>
  Object.hasOwn(NEAREST, word) ? (NEAREST[word] ?? []).filter((code) => codes.includes(code)) : []
