import { z } from 'zod'
import type { Postgres } from '#sql/postgres.ts'
import { appendAudit } from './audit.ts'

const SignIn = z.object({ username: z.string() })

/**
 * Writes down who logged in, and who tried to, once it is known: a name that belongs to nobody is not kept, as it may be
 * a password typed into the wrong field. Attempts that were turned away for coming too fast are not written down.
 */
export function auditSignIn(postgres: Postgres, asked: Request, address: string) {
  return async (isSuccess: boolean): Promise<void> => {
    const body = SignIn.safeParse(await asked.json().catch(() => null))
    if (!body.success) return
    const [who] = await postgres.query<{ id: string; name: string }>(
      'SELECT id, name FROM "user" WHERE username = $1',
      [body.data.username.toLowerCase()],
    )
    const action = isSuccess ? 'signIn.success' : 'signIn.failure'
    const act = { who: who ?? null, action, subject: who?.id ?? '', reason: '', address } as const
    await postgres.transaction((sql) => appendAudit(sql, act))
  }
}
