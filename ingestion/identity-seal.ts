import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto'
import { type Identity, normalPhone } from '#domain/person.ts'
import { deriveKey, hmacSha256 } from './secret.ts'

/** Seals and opens identities, by keys that derive from the installation's SECRET and carry a version. */
export type IdentitySeal = {
  /** AES-256-GCM under the key of this version; nonce, tag and text in base64. Bound to the person: it opens for nobody else. */
  seal(version: number, personKey: string, identity: Identity): string
  /** @throws Error when it was altered, moved to another person, or sealed under another version or SECRET. */
  open(version: number, personKey: string, sealed: string): Identity
  /** What a phone is found by: HMAC-SHA-256 of the number without country code, 132 bits in base64url; '' for ''. */
  phoneKey(phone: string): string
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Nonces drawn at once: one call for each would cost half of what the sealing does. */
const NONCES = 1024

/** A key per version: HKDF-SHA-256 of SECRET with the version in its info. A prepared KeyObject makes sealing 3 times cheaper. */
export function deriveIdentitySeal(secret: string): IdentitySeal {
  const derive = (use: string) => deriveKey(secret, use)
  const keys: KeyObject[] = []
  const keyFor = (version: number) => (keys[version] ??= createSecretKey(derive(`identity-v${version}`)))
  const hashPhone = hmacSha256(derive('phone-key'), 22)
  const nonce = nonces()
  // Reused from row to row: names are at most 50 characters, so a record is far smaller.
  const record = Buffer.alloc(1024)
  return {
    seal(version, personKey, { idNumber, name, phone }) {
      const own = nonce()
      const cipher = createCipheriv('aes-256-gcm', keyFor(version), own)
      cipher.setAAD(Buffer.from(personKey, 'latin1'))
      const text = cipher.update(JSON.stringify([idNumber, name, phone]), 'utf8')
      cipher.final()
      record.set(own, 0)
      record.set(cipher.getAuthTag(), NONCE_BYTES)
      record.set(text, NONCE_BYTES + TAG_BYTES)
      return record.toString('base64', 0, NONCE_BYTES + TAG_BYTES + text.length)
    },
    open(version, personKey, sealed) {
      const bytes = Buffer.from(sealed, 'base64')
      const decipher = createDecipheriv('aes-256-gcm', keyFor(version), bytes.subarray(0, NONCE_BYTES))
      decipher.setAAD(Buffer.from(personKey, 'latin1'))
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
      const [idNumber = '', name = '', phone = ''] = JSON.parse(text.toString('utf8')) as string[]
      return { idNumber, name, phone }
    },
    phoneKey: (phone) => (phone === '' ? '' : hashPhone(normalPhone(phone))),
  }
}

function nonces(): () => Buffer {
  const pool = Buffer.alloc(NONCE_BYTES * NONCES)
  let used = pool.length
  return () => {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    used += NONCE_BYTES
    return pool.subarray(used - NONCE_BYTES, used)
  }
}
