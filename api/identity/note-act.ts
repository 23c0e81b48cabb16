import type { Context } from 'hono'
import type { AuditAction } from '#domain/audit.ts'
import type { Sql } from '#sql/postgres.ts'
import { addressOf } from '../http.ts'
import { type Act, appendAudit } from './audit.ts'

/** Writes down what somebody did by a request, in the transaction that `sql` belongs to. */
export function noteAct(
  sql: Sql,
  c: Context,
  who: Act['who'],
  action: AuditAction,
  subject: string,
  reason = '',
): Promise<void> {
  return appendAudit(sql, { who, action, subject, reason, address: addressOf(c) })
}
