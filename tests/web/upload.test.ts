import { expect, test } from 'vitest'
import { judgedOf } from '../../web/src/routes/(admin)/sources/upload.ts'

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
