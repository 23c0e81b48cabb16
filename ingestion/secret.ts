import { createCipheriv, createDecipheriv, createSecretKey, hash, hkdfSync, randomBytes } from 'node:crypto'
import { AppError } from '#domain/error.ts'
import type { Postgres } from '#sql/postgres.ts'

/**
 * What the installation's SECRET is used for here: naming people without their number, and sealing rows we must keep
 * but may not read. Each use has its own key, derived by HKDF-SHA-256, so that one cannot stand in for another.
 */
export type Keys = {
  /** The person of a resident ID number: HMAC-SHA-256, 132 bits in base64url. The same number gives the same key for ever. */
  personKey(idNumber: string): string
  /** A household by its number within its village (or township): 132 bits, as of a person. Width, case and blanks do not matter. */
  householdKey(region: string, number: string): string
  /** Hashed together with what must not be guessed from a hash: a name is soon tried out. */
  contentPepper: string
  /** What the blurring of small counts draws its chance from. */
  blurKey: string
  /** AES-256-GCM: version, nonce, tag and text in one base64url string. */
  seal(text: string): string
  /** @throws Error when the text was not sealed with this SECRET or was altered. */
  unseal(sealed: string): string
}

/**
 * With another secret every person would get another key and be counted a second time; processes that share stores but
 * not the secret would do so to each other. Only a digest is kept. @throws AppError `bad_setting`.
 */
export async function rejectOtherSecret(postgres: Postgres, secret: string): Promise<void> {
  const mark = hash('sha256', `mark ${secret}`)
  await postgres.query(
    `INSERT INTO facts (name, value) VALUES ('secret-mark', $1) ON CONFLICT (name) DO NOTHING`,
    [mark],
  )
  const [kept] = await postgres.query<{ value: string }>(`SELECT value FROM facts WHERE name = 'secret-mark'`)
  if (kept?.value !== mark)
    throw new AppError(
      'bad_setting',
      'setting SECRET: these stores were begun with another one; set SECRET to that one (without the setting it is in the file DATA_DIR/secret of the first process)',
    )
}

/** The key of one use of SECRET, 32 bytes, by HKDF-SHA-256: none can stand in for another. */
export function deriveKey(secret: string, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'xiangrong', use, 32))
}

export function deriveKeys(secret: string): Keys {
  const derive = (use: string) => deriveKey(secret, use)
  const person = derive('person-key')
  const household = hmacSha256(derive('household-key'), 22)
  // A prepared key makes sealing 3 times cheaper.
  const sealing = createSecretKey(derive('seal-v1'))
  return {
    personKey: hmacSha256(person, 22),
    contentPepper: derive('content-pepper').toString('base64url'),
    blurKey: derive('small-counts').toString('base64url'),
    householdKey: (region, number) =>
      household(`${region} ${number.normalize('NFKC').replace(/\s/g, '').toUpperCase()}`),
    seal(text) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `1.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
    },
    unseal(sealed) {
      const bytes = Buffer.from(sealed.slice(2), 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(0, 12))
      decipher.setAuthTag(bytes.subarray(12, 28))
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
    },
  }
}

/**
 * HMAC-SHA-256 (RFC 2104) of texts up to 1 KiB, the first characters in base64url. The platform's own Hmac object costs
 * 10 µs a call, most of it in setting up the key; with the two pads prepared it is two one-shot hashes, 2 µs.
 */
export function hmacSha256(key: Buffer, characters: number): (text: string) => string {
  const pad = (byte: number) => Buffer.alloc(64, byte).map((value, i) => value ^ (key[i] ?? 0))
  const inner = Buffer.concat([pad(0x36), Buffer.alloc(1024)])
  const outer = Buffer.concat([pad(0x5c), Buffer.alloc(32)])
  return (text) => {
    const end = 64 + inner.write(text, 64, 'utf8')
    // As text: a buffer of its own for each digest would cost as much again to collect.
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), 64, 'latin1')
    return hash('sha256', outer, 'base64url').slice(0, characters)
  }
}
