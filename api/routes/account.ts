import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { AuditAction } from '#domain/audit.ts'
import { AppError } from '#domain/error.ts'
import { describeRoute } from '#domain/operation.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import { readBody } from '../http.ts'
import type { Account, Auth } from '../identity/auth.ts'
import { noteAct } from '../identity/note-act.ts'
import { usePasswordLink } from '../identity/password-links.ts'
import { endSession, endSessions, sessionsOf } from '../identity/sessions.ts'
import { ACCOUNT_OPERATIONS } from './account-operations.ts'

const Link = z.strictObject({ token: z.string().min(1).max(200), password: z.string().max(512) })

/** What a person does about the own account: open also while a second factor that the role needs is still missing. */
export function accountRoutes({ auth, postgres }: { auth: Auth; postgres: Postgres }) {
  async function account(c: Context): Promise<Account> {
    const found = await auth.accountFor(c.req.raw.headers)
    if (found === null) throw new AppError('unauthenticated', 'log in first')
    return found
  }
  const note = (
    sql: Sql,
    c: Context,
    who: { id: string; username: string },
    action: AuditAction,
    reason = '',
  ) => noteAct(sql, c, who, action, who.id, reason)

  return new Hono()
    .get('/sign-in', describeRoute(ACCOUNT_OPERATIONS.ways), (c) =>
      c.json({ password: true, singleSignOn: auth.settings.singleSignOn !== null }),
    )
    .get('/account', describeRoute(ACCOUNT_OPERATIONS.account), async (c) => {
      const { id, username, name, hasSecondFactor, mustEnrol } = await account(c)
      return c.json({
        id,
        username,
        name,
        hasSecondFactor,
        mustEnrol,
        recoveryCodesLeft: hasSecondFactor ? await auth.recoveryCodesOf(id) : 0,
        sessionIdleMinutes: auth.settings.sessionIdleMinutes,
        sessionHours: auth.settings.sessionHours,
      })
    })
    .get('/account/sessions', describeRoute(ACCOUNT_OPERATIONS.sessions), async (c) => {
      const { id, sessionId } = await account(c)
      const sessions = await sessionsOf(postgres, id, auth.settings.sessionIdleMinutes)
      return c.json({
        sessions: sessions.map(({ createdAt, lastUsedAt, ...session }) => ({
          ...session,
          createdAt: toShanghaiIso(createdAt.getTime()),
          lastUsedAt: toShanghaiIso(lastUsedAt.getTime()),
          isCurrent: session.id === sessionId,
        })),
      })
    })
    .post('/account/sessions/end-others', describeRoute(ACCOUNT_OPERATIONS.endOthers), async (c) => {
      const who = await account(c)
      const ended = await postgres.transaction(async (sql) => {
        await note(sql, c, who, 'session.revoke', 'all others')
        return await endSessions(sql, who.id, who.sessionId)
      })
      return c.json({ ended })
    })
    .post('/account/sessions/:session/end', describeRoute(ACCOUNT_OPERATIONS.endSession), async (c) => {
      const who = await account(c)
      await postgres.transaction(async (sql) => {
        if (!(await endSession(sql, who.id, c.req.param('session'))))
          throw new AppError('not_found', 'there is no such session; it may have ended')
        await note(sql, c, who, 'session.revoke')
      })
      return c.json({ ended: 1 })
    })
    .post('/password-links/use', describeRoute(ACCOUNT_OPERATIONS.useLink), async (c) => {
      const { token, password } = await readBody(c, Link)
      const who = await usePasswordLink(postgres, auth, token, password)
      await postgres.transaction((sql) => note(sql, c, who, 'password.change', 'by link'))
      c.header('set-cookie', auth.knownBrowsers.remember(c.req.raw.headers, who.username), { append: true })
      return c.json({ username: who.username })
    })
}
