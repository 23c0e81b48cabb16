import { expect, test } from 'vitest'
import { judgedOf, typeOf } from '../../web/src/routes/(admin)/sources/upload.ts'
import { cfb, workbook } from '../support/workbook.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const XLSM = 'application/vnd.ms-excel.sheet.macroenabled.12'
const zipped = workbook([['姓名']])

test.each<[string, Uint8Array, string | null]>([
  ['台账.xlsx', zipped, XLSX],
  ['台账.XLSM', zipped, XLSM],
  ['台账.xls', zipped, XLSX],
  ['台账.et', zipped, XLSX],
  ['台账.csv', zipped, XLSX],
  ['台账.et', cfb('Workbook'), XLSX],
  ['台账.csv', Buffer.from('姓名,电话\n'), 'text/csv'],
  ['导出.xls', Buffer.from('姓名\t电话\n'), 'text/csv'],
  ['导出.xls', Buffer.from('\ufeff姓名\t电话\n', 'utf16le'), 'text/csv'],
  ['很早.xls', Buffer.from('0900040002001000', 'hex'), 'application/vnd.ms-excel'],
  ['坏表.xlsx', Buffer.from('x'), XLSX],
  ['空表.csv', Buffer.alloc(0), 'text/csv'],
  // What else a file is the server says, and what to do with it.
  ['台账.pdf', Buffer.from('%PDF-1.7'), XLSX],
  ['台账.zip', zipped, XLSX],
  ['台账.wps', cfb('WordDocument'), XLSX],
  ['照片.jpg', Buffer.from('ffd8ffe000104a46', 'hex'), XLSX],
  ['台账.json', Buffer.from('[{"name": "示例"}]'), null],
])('%s is sent as what it is, whatever it is called', async (name, bytes, type) => {
  expect(await typeOf(new File([new Uint8Array(bytes)], name))).toBe(type)
})

const column = (title: string, field: string | null) =>
  ({ title, field, how: field === null ? 'unknown' : 'exact' }) as const
const fault = (path: string) => ({ path, code: '', message: `${path} is wrong` })
const row = (at: number, ...paths: string[]) => ({ row: at, values: [], faults: paths.map(fault) })

test('says once that a column is open or missing, and of the rows what is wrong besides', () => {
  const columns = [
    column('姓名', 'name'),
    column('身份证号', 'idNumber'),
    column('户籍地', 'homeRegion'),
    column('采集时间', 'observedAt'),
    column('目前怎样', null),
  ]
  // The status is what 目前怎样 holds, so each row lacks one and has a cell of no field.
  const rows = [row(1, '目前怎样', 'status'), row(2, '目前怎样', 'status', 'homeRegion'), row(3, 'status')]
  const { own, held, faulty } = judgedOf('workers', { columns, rows })
  expect({ held, faulty }).toEqual({ held: 3, faulty: 1 })
  expect(own.map(({ faults }) => faults)).toEqual([[], [fault('homeRegion')], []])
  const chosen = columns.map((one) => (one.field === null ? column(one.title, 'status') : one))
  expect(judgedOf('workers', { columns: chosen, rows: [row(1, 'status'), row(2)] })).toMatchObject({
    held: 0,
    faulty: 1,
  })
})
