import { describe, expect, test } from 'vitest'
import { type KnownRole, Right } from '#domain/right.ts'
import { cellOf, changesOf, LINES, roleIdFor } from '../../web/src/routes/(admin)/roles/matrix.ts'

const role = (id: string, rights: Right[] = [], needsSecondFactor = false): KnownRole => ({
  id,
  title: { zh: id, en: id },
  rights,
  needsSecondFactor,
  isBuiltIn: false,
  isUnused: true,
  retiredAt: null,
  people: 0,
})

test('every right stands in the matrix once, and the second step last', () => {
  const lines = LINES.flatMap((group) => group.lines)
  expect([...lines].sort()).toEqual([...Right.options, 'secondFactor'].sort())
  expect(lines.at(-1)).toBe('secondFactor')
})

describe('what saving would change', () => {
  const roles = [role('leader', ['figures.read', 'alerts.read']), role('auditor', ['audit.read'], true)]

  test('is nothing where a box is ticked back, or stands so already', () => {
    const wanted = new Map([
      [cellOf('leader', 'figures.read'), true],
      [cellOf('auditor', 'secondFactor'), true],
      [cellOf('gone', 'figures.read'), true],
    ])
    expect(changesOf(roles, wanted)).toEqual([])
  })

  test('is told role by role, granted and revoked apart', () => {
    const wanted = new Map([
      [cellOf('leader', 'alerts.read'), false],
      [cellOf('leader', 'units.read'), true],
      [cellOf('leader', 'rules.manage'), true],
      [cellOf('auditor', 'secondFactor'), false],
    ])
    expect(changesOf(roles, wanted)).toEqual([
      { role: 'leader', grant: ['rules.manage', 'units.read'], revoke: ['alerts.read'] },
      { role: 'auditor', grant: [], revoke: [], needsSecondFactor: false },
    ])
  })
})

test.each([
  ['County analyst', 'countyAnalyst'],
  ['leader', 'leader2'],
  ['24-hour desk', 'hourDesk'],
  ['值班', 'role'],
  ['x', 'role'],
])('a role called %s gets the id %s', (name, id) => {
  expect(roleIdFor(name, ['leader'])).toBe(id)
})
