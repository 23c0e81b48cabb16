import { createDecipheriv, hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { deriveIdentitySeal } from '../../ingestion/identity-seal.ts'

const SECRET = 'a secret of the tests, forty characters..'
const { seal, open, phoneKey } = deriveIdentitySeal(SECRET)
const PERSON = 'aaaaaaaaaaaaaaaaaaaaaa'
const identity = { idNumber: '430522198503150017', name: '测试·甲"\\', phone: '13800000001' }

describe('a sealed identity', () => {
  it('opens to what was sealed, and is different each time', () => {
    const sealed = Array.from({ length: 3_000 }, () => seal(1, PERSON, identity))
    expect(new Set(sealed).size).toBe(3_000)
    for (const one of sealed.slice(-3)) expect(open(1, PERSON, one)).toEqual(identity)
    const longest = { idNumber: '430522198503150017', name: '㐀'.repeat(50), phone: '' }
    expect(open(1, PERSON, seal(1, PERSON, longest))).toEqual(longest)
  })

  it('is AES-256-GCM with a nonce of 12 bytes, a tag of 16, and the person as additional data', () => {
    const bytes = Buffer.from(seal(7, PERSON, identity), 'base64')
    const key = Buffer.from(hkdfSync('sha256', SECRET, 'xiangrong', 'identity-v7', 32))
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
    decipher.setAAD(Buffer.from(PERSON))
    decipher.setAuthTag(bytes.subarray(12, 28))
    const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString()
    expect(JSON.parse(text)).toEqual(['430522198503150017', '测试·甲"\\', '13800000001'])
  })

  it('opens for no other person, version or secret, nor after any byte of it was changed', () => {
    const sealed = seal(1, PERSON, identity)
    expect(() => open(1, 'baaaaaaaaaaaaaaaaaaaaa', sealed)).toThrow()
    expect(() => open(2, PERSON, sealed)).toThrow()
    expect(() => deriveIdentitySeal(`${SECRET}x`).open(1, PERSON, sealed)).toThrow()
    const bytes = Buffer.from(sealed, 'base64')
    for (let i = 0; i < bytes.length; i++) {
      const altered = Buffer.from(bytes)
      altered[i] = (altered[i] ?? 0) ^ 1
      expect(() => open(1, PERSON, altered.toString('base64')), `byte ${i}`).toThrow()
    }
  })
})

describe('the key of a phone', () => {
  it('is one for all ways to write a number, another for another number or secret, and none for none', () => {
    const own = phoneKey('13800000001')
    expect(own).toMatch(/^[\w-]{22}$/)
    for (const written of [
      '+8613800000001',
      '8613800000001',
      '138 0000 0001',
      '138-0000-0001',
      '１３８０００００００１',
    ])
      expect(phoneKey(written)).toBe(own)
    expect(phoneKey('13800000002')).not.toBe(own)
    expect(deriveIdentitySeal(`${SECRET}x`).phoneKey('13800000001')).not.toBe(own)
    expect(phoneKey('')).toBe('')
  })
})
