import { hash } from 'node:crypto'
import { AppError } from '#domain/error.ts'
import type { Postgres } from '#sql/postgres.ts'

/** Failed attempts in a row that cost nothing. Every further one shuts the account: for 1 minute, then 2, 4, 8, 15. */
const FREE_FAILURES = 4
const LOCK_MINUTES_MAX = 15
/** Failures are forgotten after a day without another. */
const FORGOTTEN = `interval '24 hours'`

/** A password or a code that was judged and is wrong: the guess that is counted here. */
export class WrongCredential extends AppError {}

/** What an attempt turned out to be. `void`: it was never judged, so it does not count. */
export type Verdict = 'right' | 'wrong' | 'void'

/**
 * Shuts an account for a while after wrong passwords or codes, over restarts and processes. A name that nobody has is shut
 * just the same. The attempt is counted before it is judged, so that many at once do not get more than their share. A
 * browser that the person is known by is counted and shut by itself, and so are the sessions: nobody else can shut those.
 */
export class Lockout {
  readonly #postgres: Postgres
  readonly #secret: string

  constructor(postgres: Postgres, secret: string) {
    this.#postgres = postgres
    this.#secret = secret
  }

  /**
   * Counts an attempt for a user name, `from` a browser that is known, a session, or from anywhere (''); the answer must be
   * told how it ended.
   * @throws AppError `too_often` with the seconds left, while the account is shut.
   */
  async attempt(username: string, from = ''): Promise<(verdict: Verdict) => Promise<{ isLocked: boolean }>> {
    const name = JSON.stringify([username.toLowerCase(), from])
    const nameHash = hash('sha256', `sign-in ${this.#secret} ${name}`)
    const [counted] = await this.#postgres.query<{ failures: number; lock: string | null }>(
      `INSERT INTO sign_in_attempts AS a ("nameHash", failures, "lastAt") VALUES ($1, 1, now())
       ON CONFLICT ("nameHash") DO UPDATE SET "lastAt" = now(),
         failures = CASE WHEN a."lastAt" < now() - ${FORGOTTEN} THEN 1 ELSE a.failures + 1 END,
         "lockedUntil" = CASE WHEN a."lastAt" >= now() - ${FORGOTTEN} AND a.failures >= $2
           THEN now() + least($3, power(2, least(a.failures - $2, 10))) * interval '1 minute' END
       WHERE a."lockedUntil" IS NULL OR a."lockedUntil" <= now()
       RETURNING failures, "lockedUntil"::text AS lock`,
      [nameHash, FREE_FAILURES, LOCK_MINUTES_MAX],
    )
    if (!counted) throw await this.#refusal(nameHash)
    return async (verdict) => {
      if (verdict === 'wrong') return { isLocked: counted.failures > FREE_FAILURES }
      if (verdict === 'right')
        await this.#postgres.query(
          `DELETE FROM sign_in_attempts WHERE "nameHash" = $1 OR "lastAt" < now() - ${FORGOTTEN}`,
          [nameHash],
        )
      // Only the lock of this attempt is taken back: another one may have failed meanwhile.
      else
        await this.#postgres.query(
          `UPDATE sign_in_attempts SET failures = failures - 1, "lockedUntil" = nullif("lockedUntil", $2::timestamptz)
           WHERE "nameHash" = $1`,
          [nameHash, counted.lock],
        )
      return { isLocked: false }
    }
  }

  async #refusal(nameHash: string): Promise<AppError> {
    const [row] = await this.#postgres.query<{ s: number | string }>(
      `SELECT ceil(extract(epoch FROM "lockedUntil" - now())) AS s FROM sign_in_attempts WHERE "nameHash" = $1`,
      [nameHash],
    )
    return new AppError(
      'too_often',
      'too many failed attempts for this account; try again after Retry-After',
      {
        retryAfterS: Math.max(1, Number(row?.s ?? 1)),
      },
    )
  }
}
