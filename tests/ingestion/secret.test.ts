import { createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { deriveKeys } from '../../ingestion/secret.ts'

const SECRET = 'a secret of the tests, forty characters..'

describe('personKey', () => {
  it('is HMAC-SHA-256 under a key derived by HKDF, cut to 132 bits', () => {
    const key = Buffer.from(hkdfSync('sha256', SECRET, 'xiangrong', 'person-key', 32))
    for (const id of ['430522198503150017', '11010119900307002X', '1', ''])
      expect(deriveKeys(SECRET).personKey(id)).toBe(
        createHmac('sha256', key).update(id).digest('base64url').slice(0, 22),
      )
  })

  it('differs under another secret', () => {
    expect(deriveKeys(SECRET).personKey('430522198503150017')).not.toBe(
      deriveKeys(`${SECRET}x`).personKey('430522198503150017'),
    )
  })
})

describe('seal', () => {
  it('opens to the same text, differs each time, and refuses a text that was altered or sealed under another secret', () => {
    const { seal, unseal } = deriveKeys(SECRET)
    const sealed = seal('{"name":"测试甲"}')
    expect(unseal(sealed)).toBe('{"name":"测试甲"}')
    expect(seal('{"name":"测试甲"}')).not.toBe(sealed)
    expect(() => unseal(`${sealed.slice(0, -2)}AA`)).toThrow()
    expect(() => deriveKeys(`${SECRET}x`).unseal(sealed)).toThrow()
  })
})
