import { describe, expect, it } from 'vitest'
import { passwordFault } from '#domain/password.ts'
import { passwordRefusal } from '../../api/identity/passwords.ts'

describe('a password', () => {
  it.each([
    ['correct-horse-1', 'admin'],
    ['湘江北去，橘子洲头。', 'admin'],
    ['a b c d e f', 'admin'],
    ['demo-hunan-2026', 'demo'],
    ['😀😃😄😁😆😅🤣😂🙂🙃', 'admin'],
    ['admin sleeps at noon', 'admin'],
    ['p'.repeat(64) + 'q'.repeat(64), 'admin'],
  ])('is taken: %s', (password, username) => {
    expect(passwordRefusal(password, username)).toBeNull()
  })

  it.each([
    ['short', '123456789', 'x'],
    ['short', '😀'.repeat(9), 'x'],
    ['long', `${'pq'.repeat(64)}r`, 'x'],
    ['userName', 'Zhang.San.1', 'zhang.san'],
    ['userName', '2026-wang-wu', 'WANG-WU'],
    ['common', '1234567890', 'x'],
    ['common', '13800138000', 'x'],
    ['common', 'aaaaaaaaaaaa', 'x'],
    ['common', '          a', 'x'],
    ['common', 'abcabcabcabc', 'x'],
    ['common', 'Woaini1314520', 'x'],
    ['common', 'admin@123456', 'x'],
    ['common', '2026changsha', 'x'],
  ] as const)('is %s: %s', (fault, password, username) => {
    expect(passwordFault(password, username)).toBe(fault)
  })

  it.each(['qwertyuiop', '1qaz2wsx3edc', 'Basketball'])('is on the list of leaks: %s', (password) => {
    expect(passwordFault(password, 'x')).toBeNull()
    expect(passwordRefusal(password, 'x')).toMatch(/most common/)
  })
})
