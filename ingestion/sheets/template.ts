import { type DataValidation, type WriteSheet, writeXlsx } from 'hucre/xlsx'
import { idCheckCharacter } from '#domain/person.ts'
import { type Cell, fieldsOf, type Kind } from '#domain/signal.ts'
import type { Lang } from '#domain/text.ts'
import { HEADER_STYLE } from './style.ts'

/** Lines below the header that have drop-downs. */
const FILLED_LINES = 10_000
/** Lines whose cells have the format of their column; every one is written out. */
const FORMATTED_LINES = 1_000

const written = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()

/**
 * A workbook to fill in: the columns of a kind with `*` on those that must be filled, drop-downs, formats, one row of a
 * person, case or point that does not exist, and a second sheet that explains each column. Written once a process: anybody may ask
 * for it, and the thread that serves everybody is busy with it for a tenth of a second.
 */
export function templateWorkbook(kind: Kind, lang: Lang): Promise<Uint8Array<ArrayBuffer>> {
  const name = `${kind} ${lang}`
  const book = written.get(name) ?? writeTemplate(kind, lang)
  written.set(name, book)
  return book
}

async function writeTemplate(kind: Kind, lang: Lang): Promise<Uint8Array<ArrayBuffer>> {
  const fields = fieldsOf(kind)
  const words = WORDS[lang]
  const titles = fields.map(({ meta, isRequired }) => `${meta[lang]}${isRequired ? '*' : ''}`)
  const cells: NonNullable<WriteSheet['cells']> = new Map()
  fields.forEach((field, column) => {
    cells.set(`0,${column}`, { value: titles[column] ?? '', type: 'string', style: HEADER_STYLE })
    const labels = field.meta.labels
    const raw = EXAMPLES[kind][field.key] ?? null
    const value = labels && typeof raw === 'string' ? (labels[raw]?.[lang] ?? raw) : raw
    cells.set(`1,${column}`, {
      value: typeof value === 'boolean' ? words.choices[value ? 0 : 1] : value,
      style: { numFmt: FORMATS[field.meta.cell], font: { italic: true, color: { rgb: '7F7F7F' } } },
    })
  })
  for (let line = 2; line <= FORMATTED_LINES; line++)
    fields.forEach(({ meta }, column) => {
      cells.set(`${line},${column}`, { value: null, style: { numFmt: FORMATS[meta.cell] } })
    })
  const validations = fields.flatMap((field, column): DataValidation[] => {
    const values = field.meta.labels
      ? Object.values(field.meta.labels).map((label) => label[lang])
      : field.meta.cell === 'boolean'
        ? words.choices
        : null
    const letter = columnLetter(column)
    return values
      ? [
          {
            type: 'list',
            values: [...values],
            allowBlank: true,
            range: `${letter}2:${letter}${FILLED_LINES + 1}`,
          },
        ]
      : []
  })
  const bytes = await writeXlsx({
    sheets: [
      {
        name: words.sheet,
        columns: titles.map((title) => ({ width: Math.max(14, title.length * 2 + 4) })),
        rows: [titles, ...Array.from({ length: FORMATTED_LINES }, () => fields.map(() => null))],
        cells,
        dataValidations: validations,
        freezePane: { rows: 1 },
      },
      {
        name: words.notes,
        columns: [{ width: 22 }, { width: 10 }, { width: 60 }],
        rows: [
          [...words.heads],
          ...fields.map(({ key, meta, isRequired }) => [
            meta[lang],
            isRequired ? words.choices[0] : words.choices[1],
            [
              REGION_KEYS.has(key) ? words.region : words.forms[meta.cell],
              meta.labels &&
                Object.values(meta.labels)
                  .map((label) => label[lang])
                  .join(lang === 'zh' ? '、' : ', '),
            ]
              .filter(Boolean)
              .join(lang === 'zh' ? '：' : ': '),
          ]),
          [words.advice, '', ''],
        ],
      },
    ],
  })
  return new Uint8Array(bytes as Uint8Array<ArrayBuffer>)
}

/** 0 → A, 27 → AB. */
function columnLetter(column: number): string {
  const rest = String.fromCharCode(65 + (column % 26))
  return column < 26 ? rest : columnLetter(Math.floor(column / 26) - 1) + rest
}

const REGION_KEYS = new Set(['homeRegion', 'workRegion'])

/** Texts stay texts: an ID number held as a number loses its last digits. */
const FORMATS: Readonly<Record<Cell, string>> = {
  text: '@',
  list: '@',
  regions: '@',
  boolean: '@',
  period: '@',
  month: '@',
  integer: '0',
  yuan: '#,##0.00',
  instant: 'yyyy-mm-dd hh:mm',
  date: 'yyyy-mm-dd',
}

const PERSON = '43052219900101001'
/** The wall clock of China, written as UTC: a spreadsheet knows no zones. */
const WHEN = new Date(Date.UTC(2025, 0, 6, 9, 30))

const EXAMPLES: Readonly<Record<Kind, Readonly<Record<string, string | number | boolean | Date>>>> = {
  workers: {
    idNumber: PERSON + idCheckCharacter(PERSON),
    name: '示例人员',
    phone: '13800000000',
    sex: 'male',
    homeRegion: '430522',
    workRegion: '440300',
    sector: 'E',
    occupation: '钢筋工',
    employer: '示例建筑劳务有限公司',
    project: '示例安置房',
    status: 'employed',
    monthlyWage: 6500,
    contractSigned: true,
    insured: true,
    skills: '钢筋工、焊工',
    observedAt: WHEN,
  },
  arrears: {
    caseId: '示例-0001',
    observedAt: WHEN,
    channel: 'hotline12345',
    workRegion: '430503',
    homeRegions: '430522:5;430523:3',
    sector: 'E',
    employer: '示例建筑劳务有限公司',
    project: '示例安置房',
    status: 'reported',
    workers: 10,
    owed: 120000,
    paid: 0,
    owedSince: '2024-11',
    gathering: 0,
    note: '示例，填写前请删除本行',
  },
  industry: {
    pointId: '示例-01',
    period: '2024-12',
    observedAt: WHEN,
    workRegion: '430503',
    sector: 'C',
    employers: 12,
    headcount: 1000,
    hires: 30,
    departures: 20,
    vacancies: 15,
    averageWage: 5500,
    wageBill: 5500000,
    wagePaid: 5500000,
    payDay: 15,
    stopped: false,
  },
}

const WORDS = {
  zh: {
    sheet: '填报',
    notes: '填写说明',
    heads: ['列名', '必填', '填写方法'],
    choices: ['是', '否'],
    region: '行政区划代码，如 430522；或从省市写起的全名，如 湖南省邵阳市新邵县，可写到村',
    advice: '灰色斜体为示例行，填写前请删除。列的顺序可以改变，不需要的非必填列可以删除。',
    forms: {
      text: '文本',
      integer: '整数',
      yuan: '金额（元），最多两位小数',
      boolean: '是 或 否',
      list: '多项用“、”分隔',
      regions: '行政区划代码:人数，多项用“;”分隔，如 430522:5;430523:3',
      instant: '日期时间（北京时间），如 2026-11-24 09:30',
      date: '日期，如 2026-11-24',
      month: '月份，如 2026-09',
      period: '月份或日期，如 2026-11 或 2026-11-24',
    },
  },
  en: {
    sheet: 'Rows',
    notes: 'Notes',
    heads: ['Column', 'Required', 'How to fill it in'],
    choices: ['yes', 'no'],
    region: 'Region code (GB/T 2260), like 430522, or the full Chinese name from the province down',
    advice:
      'The grey row is an example: delete it first. Columns may change places; those not required may be removed.',
    forms: {
      text: 'Text',
      integer: 'Whole number',
      yuan: 'Amount in yuan, at most two decimals',
      boolean: 'yes or no',
      list: 'Several separated by ;',
      regions: 'Region code:workers, several separated by ;, like 430522:5;430523:3',
      instant: 'Date and time in China, like 2026-11-24 09:30',
      date: 'Date, like 2026-11-24',
      month: 'Month, like 2026-09',
      period: 'Month or day, like 2026-11 or 2026-11-24',
    },
  },
} as const satisfies Record<
  Lang,
  { forms: Record<Cell, string>; choices: readonly string[] } & Record<string, unknown>
>
