import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { generateCookie } from 'hono/cookie'
import { parse } from 'hono/utils/cookie'
import { HOST_PREFIX } from './cookie.ts'

/** People of one shared computer whom it is known for; who logged in there the longest ago is forgotten first. */
const PEOPLE_MAX = 8
const DAYS = 400
const ID_BYTES = 12

/**
 * A browser by which somebody has logged in keeps a proof of it, and failures there are counted apart: whoever guesses elsewhere
 * cannot shut a person out of the own desk. The proof opens nothing. Source: OWASP, "Slow Down Online Guessing Attacks with
 * Device Cookies".
 */
export class KnownBrowsers {
  readonly #secret: string
  readonly #isHttps: boolean
  readonly #cookie: string

  constructor(secret: string, isHttps: boolean) {
    this.#secret = secret
    this.#isHttps = isHttps
    this.#cookie = `${isHttps ? HOST_PREFIX : ''}xiangrong.known`
  }

  /** Names the browser of a request, where this person has logged in by it before; '' elsewhere. */
  idOf(headers: Headers, username: string): string {
    return idIn(this.#proofs(headers).find((proof) => this.#isOf(proof, username)) ?? '')
  }

  /** The `Set-Cookie` by which the browser of a request is known from now on for a person who has logged in by it. */
  remember(headers: Headers, username: string): string {
    const others = this.#proofs(headers).filter((proof) => !this.#isOf(proof, username))
    const id = this.idOf(headers, username) || randomBytes(ID_BYTES).toString('base64url')
    const proofs = [`${id}.${this.#macOf(id, username)}`, ...others].slice(0, PEOPLE_MAX)
    return generateCookie(this.#cookie, proofs.join('~'), {
      httpOnly: true,
      sameSite: 'Lax',
      secure: this.#isHttps,
      path: '/',
      maxAge: DAYS * 86_400,
    })
  }

  #proofs(headers: Headers): string[] {
    const kept = parse(headers.get('cookie') ?? '', this.#cookie)[this.#cookie] ?? ''
    return kept.split('~', PEOPLE_MAX).filter((proof) => proof !== '')
  }

  #isOf(proof: string, username: string): boolean {
    const given = Buffer.from(proof)
    const right = Buffer.from(`${idIn(proof)}.${this.#macOf(idIn(proof), username)}`)
    return given.length === right.length && timingSafeEqual(given, right)
  }

  #macOf(id: string, username: string): string {
    const known = JSON.stringify(['known browser', id, username.toLowerCase()])
    return createHmac('sha256', this.#secret).update(known).digest().subarray(0, 16).toString('base64url')
  }
}

const idIn = (proof: string) => proof.split('.')[0] ?? ''
