import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { type AuditAction, LookReason } from '#domain/audit.ts'
import { AppError } from '#domain/error.ts'
import { describeRoute } from '#domain/operation.ts'
import { isIdNumber, normalIdNumber, normalPhone } from '#domain/person.ts'
import { holdsRegion, isEverything, rejectOutside, type Scope } from '#domain/scope.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { readHeld } from '../households.ts'
import { readBody } from '../http.ts'
import type { Person } from '../identity/auth.ts'
import type { Gate } from '../identity/gate.ts'
import { Identities, type IdentityKeys } from '../identity/identities.ts'
import { noteAct } from '../identity/note-act.ts'
import { IDENTITY_OPERATIONS } from './identity-operations.ts'

/** The rotation of the vault's key as this side needs it; ingestion owns it. */
type KeyRotation = {
  rotate(): Promise<{ current: number; remaining: number }>
  state(): Promise<{ current: number; remaining: number }>
}

export type IdentityDeps = {
  engine: Engine
  postgres: Postgres
  gate: Gate
  identityKeys: IdentityKeys
  keyRotation: KeyRotation
}

const personKey = z.string('is missing').regex(/^[\w-]{22}$/, 'is not a person key')

const ByNumber = z.strictObject({
  reason: LookReason,
  idNumber: z
    .string()
    .transform(normalIdNumber)
    .refine(isIdNumber, 'is not a resident ID number; check its 18 characters'),
})
const Search = z.union(
  [
    ByNumber,
    z.strictObject({
      reason: LookReason,
      phone: z
        .string()
        .transform(normalPhone)
        .refine((text) => /^(1[3-9]\d{9}|0\d{9,11})$/.test(text), 'is not a telephone number'),
    }),
  ],
  'give idNumber or phone, in full, and a reason of at least 6 characters',
)
/** More persons than these with one phone are not looked through by anybody: the answer says how many there are. */
const MATCHES_MAX = 100
const One = z.strictObject({ personKey, reason: LookReason })
const Erase = z.union([One, ByNumber], 'give personKey or idNumber, and a reason of at least 6 characters')

const unknown = () => new AppError('not_found', 'there is no identity record of this person')

/**
 * Who a person is: found by number or phone, opened one at a time, erased. Everything is asked for in bodies, since
 * addresses end up in logs, and is in the audit log before the answer leaves, whatever becomes of the answer.
 */
export function identityRoutes(deps: IdentityDeps) {
  const { engine, postgres, gate, identityKeys: keys } = deps
  const identities = new Identities(engine, postgres, keys)

  async function note(c: Context, who: Person, action: AuditAction, subject: string, reason: string) {
    await postgres.transaction((sql) => noteAct(sql, c, who, action, subject, reason))
  }

  /** Of some persons those within reach; one of whom nothing is known but the record, by who sees everywhere. */
  async function within(scope: Scope, personKeys: readonly string[]): Promise<string[]> {
    if (isEverything(scope)) return [...personKeys]
    const held = await readHeld(engine, scope, personKeys)
    return personKeys.filter((key) => held.has(key))
  }
  /** @throws AppError `not_found` for who is out of reach, as for who is unknown. */
  async function rejectBeyond(scope: Scope, key: string): Promise<void> {
    if ((await within(scope, [key])).length === 0) throw unknown()
  }

  /** Of whom only rejected rows tell nobody knows a place: these lie where their sources do. */
  async function rejectedWithin(scope: Scope, key: string) {
    return (await identities.rejectedRowsOf(key)).filter(({ region }) => holdsRegion(scope, region))
  }

  return new Hono()
    .post('/identities/search', describeRoute(IDENTITY_OPERATIONS.search), async (c) => {
      const { person, scope } = await gate.allow(c.req.raw.headers, 'identity.read')
      const asked = await readBody(c, Search)
      if ('idNumber' in asked) {
        const key = keys.personKey(asked.idNumber)
        await note(c, person, 'identity.search', key, asked.reason)
        const matches = await identities.masked(await within(scope, [key]))
        const rejected = matches.length === 0 ? await rejectedWithin(scope, key) : []
        const onlyRejectedRows = rejected.reduce((sum, { rows }) => sum + rows, 0)
        return c.json({ matches, total: matches.length, onlyRejectedRows })
      }
      const phoneKey = keys.phoneKey(asked.phone)
      await note(c, person, 'identity.search', `phone:${phoneKey}`, asked.reason)
      const held = await within(scope, await identities.personsByPhone(phoneKey))
      const matches = await identities.masked(held.slice(0, MATCHES_MAX))
      return c.json({ matches, total: held.length, onlyRejectedRows: 0 })
    })
    .post('/identities/read', describeRoute(IDENTITY_OPERATIONS.read), async (c) => {
      const { person, scope } = await gate.allow(c.req.raw.headers, 'identity.read')
      const asked = await readBody(c, One)
      await note(c, person, 'identity.read', asked.personKey, asked.reason)
      await rejectBeyond(scope, asked.personKey)
      c.header('cache-control', 'no-store')
      return c.json(await identities.open(asked.personKey))
    })
    .post('/identities/erase', describeRoute(IDENTITY_OPERATIONS.erase), async (c) => {
      const { person, scope } = await gate.allow(c.req.raw.headers, 'identity.erase')
      const asked = await readBody(c, Erase)
      const idNumber = 'idNumber' in asked ? asked.idNumber : null
      const key = 'idNumber' in asked ? keys.personKey(asked.idNumber) : asked.personKey
      await note(c, person, 'identity.erase', key, asked.reason)
      const isHeld = (await within(scope, [key])).length > 0
      const sources = isHeld ? null : (await rejectedWithin(scope, key)).map(({ source }) => source)
      if (sources?.length === 0) throw unknown()
      return c.json(await identities.erase(key, { idNumber, sources }))
    })
    .get('/identities/key', describeRoute(IDENTITY_OPERATIONS.key), async (c) => {
      rejectOutside((await gate.allow(c.req.raw.headers, 'identity.rotate')).scope, '')
      return c.json(await deps.keyRotation.state())
    })
    .post('/identities/key/rotate', describeRoute(IDENTITY_OPERATIONS.rotate), async (c) => {
      const { person, scope } = await gate.allow(c.req.raw.headers, 'identity.rotate')
      rejectOutside(scope, '') // One key seals everybody's records.
      const { reason } = await readBody(c, z.strictObject({ reason: LookReason }))
      await note(c, person, 'identity.rotate', '', reason)
      return c.json(await deps.keyRotation.rotate(), 202)
    })
}
