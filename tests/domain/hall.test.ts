import { expect, test } from 'vitest'
import type { AlertLogEntry } from '#domain/alert.ts'
import { alertInHall, entryShownTo } from '#domain/hall.ts'
import { ALERT } from '../../api/openapi/examples.ts'

const named = (employer: string, project = '', isVerified = false) =>
  alertInHall({ ...ALERT, employer, project, isVerified })

test.each([
  ['湖南长盛建筑有限公司', '湖南某公司'],
  ['长沙市望城区金桥劳务服务部', '长沙某公司'],
  ['张三', '张某'],
  ['欧阳建国', '欧某'],
  ['示例建筑', '示某'],
  ['𠮷田建设公司', '𠮷田某公司'],
  [' ', ''],
  ['', ''],
])('an employer that was only reported, %s, is %s', (employer, shown) => {
  expect(named(employer).employer).toBe(shown)
  expect(named(shown).employer).toBe(shown)
})

test('a site is abbreviated too, as it may be called after its employer', () => {
  expect(named('甲公司', '湖南长盛二期安置房').project).toBe('湖南某项目')
  expect(named('甲公司', '一号工程').project).toBe('一某')
})

test('a verified case is named in full; what else would tell names or people stays away all the same', () => {
  const group = 'project:430503:湖南长盛二期安置房'
  const alert = { ...ALERT, group, employer: '湖南长盛建筑有限公司', project: '二期安置房', isVerified: true }
  const shown = alertInHall({ ...alert, state: 'acknowledged', acknowledgedBy: 'zhangsan' })
  expect(shown).toMatchObject({
    employer: '湖南长盛建筑有限公司',
    project: '二期安置房',
    state: 'acknowledged',
  })
  expect([shown.group, shown.acknowledgedBy]).toEqual([ALERT.id, null])

  const entry: AlertLogEntry = {
    seq: 7,
    at: ALERT.openedAt,
    change: 'commented',
    by: 'zhangsan',
    note: '已联系张三',
    alert,
  }
  const text = JSON.stringify(entryShownTo('device', { ...entry, alert: { ...alert, isVerified: false } }))
  for (const told of ['zhangsan', '张三', '长盛', '安置房']) expect(text).not.toContain(told)
  expect(entryShownTo('wall', entry)).toEqual({ ...entry, note: null })
  expect(entryShownTo('person', entry)).toEqual(entry)
})
