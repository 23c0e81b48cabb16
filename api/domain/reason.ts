import { regionName } from './region.ts'
import { CHANNEL_TITLES, type Labels, SECTOR_TITLES, SEX_TITLES, STATUS_TITLES } from './signal-values.ts'
import type { Bilingual, Lang } from './text.ts'

/**
 * Every reason for which a row or a body is refused, with what the sender should do about it. The list is closed: each
 * code is documented, counted and tested. `{}` in a message stands for the detail (a limit, an expected form).
 */
export const REASONS = {
  required: { zh: '缺少必填字段，请补填', en: 'A required field is missing; fill it in' },
  not_told: {
    zh: '“同上”“不详”等不能入账，请写出具体内容',
    en: '同上 (as above), 不详 (not known) and the like cannot be taken; write out what is meant',
  },
  wrong_type: { zh: '类型不对，应为{}', en: 'Wrong type; expected {}' },
  wrong_format: { zh: '格式不对，应为{}', en: 'Wrong format; expected {}' },
  unknown_field: {
    zh: '没有这个字段，请删去或改为模板中的列名',
    en: 'No such field; remove it or use a column name of the template',
  },
  unknown_value: { zh: '取值不在允许范围内，可用：{}', en: 'Value not allowed; use one of: {}' },
  unclear_value: {
    zh: '没有这个取值，最接近的是：{}；请按实际情况选一个',
    en: 'No such value; nearest to it: {}. Write the one that holds',
  },
  unknown_region: {
    zh: '没有这个地区，或者不止一个；请填行政区划代码，或从省市写起的全名',
    en: 'No such region, or more than one of that name; give its code, or its full name from the province down',
  },
  region_too_coarse: {
    zh: '行政区划不够细，至少到{}',
    en: 'The region is not detailed enough; give at least the {}',
  },
  region_forbidden: {
    zh: '该行不属于本来源的地区范围',
    en: 'The row lies outside the region of this source',
  },
  point_elsewhere: {
    zh: '该监测点属于其他地区，不在本来源的地区范围内；请核对监测点编号，确已迁入的由管辖两地的上级来源先行报送',
    en: 'This monitoring point belongs to another region than that of this source; check pointId, or where it has moved here, have a source whose region holds both report it first',
  },
  bar_in_point: {
    zh: '监测点编号中不能有“|”，请改用其他符号',
    en: 'A point ID cannot hold "|"; use another mark',
  },
  bad_id_checksum: {
    zh: '身份证号校验不通过，请核对原件',
    en: 'The resident ID number fails its check; compare it with the card',
  },
  bad_employer_code: {
    zh: '统一社会信用代码校验不通过，身份证号不能代替',
    en: 'The unified social credit code fails its check; an ID number is none',
  },
  contradicts_id: { zh: '与身份证号不一致', en: 'Contradicts the resident ID number' },
  negative: { zh: '不能为负数', en: 'Must not be negative' },
  too_large: { zh: '数值过大，上限为{}', en: 'Too large; the limit is {}' },
  too_long: { zh: '内容过长，上限为{}', en: 'Too long; the limit is {}' },
  future_time: {
    zh: '时间在未来，请核对时钟与时区',
    en: 'The time lies in the future; check clock and time zone',
  },
  implausible_time: {
    zh: '时间过早，应不早于 2000 年',
    en: 'The time is implausibly early; 2000 or later is expected',
  },
  home_exceeds_workers: {
    zh: '各户籍地人数之和超过涉及人数',
    en: 'The workers by home region exceed the workers of the case',
  },
  row_too_large: { zh: '单行过大，上限为{}', en: 'The row is too large; the limit is {}' },
  not_an_object: {
    zh: '这一行不是对象，应为 {"字段": 值}',
    en: 'This row is not an object; send {"field": value}',
  },
  not_json: { zh: '这一行不是有效的 JSON', en: 'This row is not valid JSON' },
  digits_lost: {
    zh: '该单元格以数字保存，数字太长，后面的几位已丢失；请把该列设为文本格式后重新填写',
    en: 'The cell holds a number too long for a spreadsheet, and its last digits are lost; format the column as text and enter it again',
  },
  code_as_date: {
    zh: '编号或名称被 Excel 变成了日期（如 2025-3 变成 Mar-25），原来的写法已经丢失；请把该列设为文本格式后重新填写',
    en: 'A spreadsheet has made a date of this code or name (2025-3 becomes Mar-25), and what was typed is lost; format the column as text and enter it again',
  },
  year_missing: {
    zh: '没有写年份；请写全，如 2025-03-05（标题里只写明一个年份的，观测时间和报告期可以省去）',
    en: 'The year is missing; write it out, like 2025-03-05 (of the time of observation and the period, a title that names one year is enough)',
  },
  cell_error: {
    zh: '该单元格是公式错误（如 #N/A），请改为值',
    en: 'The cell holds a formula error such as #N/A; replace it by a value',
  },
  no_saved_value: {
    zh: '该单元格是公式，文件里没有保存算出的结果；请在 Excel 中打开并保存后重新上传，或改为值',
    en: 'The cell holds a formula of which the file has no result; open and save the file in Excel and send it again, or replace it by a value',
  },
  larger_unit: {
    zh: '表中注明该列以万元等计；请换算成元、人，并改掉标题、表头上下或单元格格式里的单位',
    en: 'The sheet says that this column counts in 万元 or the like; convert it to yuan or persons and change the unit in its title, above or below the header, or in the format of its cells',
  },
  merged_cell: {
    zh: '该单元格与上面的行合并，无法分清各行是多少；请取消合并，每行填写各自的内容，合并的第一行也请核对',
    en: 'The cell is merged with rows above, so what each row has is not known; unmerge it and give every row its own, and check the first of them',
  },
  wrong_columns: {
    zh: '列数与表头不符，应为{}',
    en: 'The number of cells differs from the header; expected {}',
  },
  unmapped_code: {
    zh: '本来源的对照表中没有这个代码，请在对照表中补上后重放，或改用表中已有的代码',
    en: 'The mappings of this source do not have this code; add it there and replay, or use one that is there',
  },
  period_locked: {
    zh: '{}已封账，不再接收迟报；确需补报请管理员为本来源设例外',
    en: 'Closed for late data: {}; ask the administrator for an exception for this source',
  },
} as const satisfies Record<string, Bilingual>

export type Reason = keyof typeof REASONS

/** One fault of one row: where (`path` is dotted, '' for the whole row), why, and the detail the message needs. */
export type Fault = { path: string; code: Reason; detail?: string }

/** The message of a fault in one language. */
export function faultMessage({ code, detail = '' }: Fault, lang: Lang): string {
  return REASONS[code][lang].replace('{}', () => inWords[code]?.(detail, lang) ?? detail)
}

/** Details that are kept as programs write them, as people do. */
const inWords: Partial<Record<Reason, (detail: string, lang: Lang) => string>> = {
  unknown_value: valuesText,
  unclear_value: valuesText,
  wrong_type: valuesText,
  wrong_format: valuesText,
  period_locked: lockText,
}

/** `4305 < 2026-10-01T00:00`, by the clock of Asia/Shanghai: 邵阳市2026年10月1日之前, Shaoyang, before October 1, 2026. */
export function lockText(detail: string, lang: Lang): string {
  const [, region, day = '', time] = /^(\d+) < (\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})$/.exec(detail) ?? []
  if (region === undefined) return detail
  const place = regionName(region)[lang]
  const when = `${LONG_DAY[lang].format(new Date(day))}${time === '00:00' ? '' : ` ${time}`}`
  return lang === 'zh' ? `${place}${when}之前` : `${place}, before ${when}`
}

const LONG_DAY = {
  zh: new Intl.DateTimeFormat('zh-CN', { dateStyle: 'long', timeZone: 'UTC' }),
  en: new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' }),
}

/** Codes and types with what people call them: who fills in a sheet picks "已受理", a program sends `reported`. */
function valuesText(detail: string, lang: Lang): string {
  return detail
    .split(', ')
    .map((word) => (WORDS[word] ? `${WORDS[word][lang]} (${word})` : word))
    .join(lang === 'zh' ? '、' : ', ')
}

const WORDS: Labels = {
  ...SEX_TITLES,
  ...STATUS_TITLES.workers,
  ...STATUS_TITLES.arrears,
  ...CHANNEL_TITLES,
  ...SECTOR_TITLES,
  string: { zh: '文本', en: 'text' },
  number: { zh: '数字', en: 'a number' },
  int: { zh: '整数', en: 'a whole number' },
  boolean: { zh: '是或否', en: 'yes or no' },
  array: { zh: '列表', en: 'a list' },
  object: { zh: '对象', en: 'an object' },
  '13800000000': { zh: '一个电话号码', en: 'one phone number' },
  '2026-11-24 09:30': { zh: '年月日，可带时间', en: 'a day, with or without a time' },
  '1234.50': { zh: '最多两位小数的金额', en: 'an amount of at most two decimals' },
}
