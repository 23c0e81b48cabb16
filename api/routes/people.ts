import { type Context, Hono } from 'hono'
import type { z } from 'zod'
import type { AuditAction } from '#domain/audit.ts'
import { AppError } from '#domain/error.ts'
import { describeRoute } from '#domain/operation.ts'
import { holdsRegion } from '#domain/scope.ts'
import { toShanghaiIso } from '#domain/time.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import { readBody, readQuery } from '../http.ts'
import { changeAccess } from '../identity/access.ts'
import type { Auth, Person } from '../identity/auth.ts'
import type { Gate } from '../identity/gate.ts'
import { giverFor } from '../identity/giver.ts'
import { noteAct } from '../identity/note-act.ts'
import { issuePasswordLink, putPassword } from '../identity/password-links.ts'
import {
  insertPerson,
  type KnownPerson,
  managedPerson,
  readPeople,
  reportersAmong,
  updatePerson,
} from '../identity/people.ts'
import { type Giver, insertPost } from '../identity/posts.ts'
import { removeSecondFactor } from '../identity/second-factor.ts'
import { endSessions } from '../identity/sessions.ts'
import type { PutPost } from './access.ts'
import { ChangedPerson, NewPerson, PEOPLE_OPERATIONS, PeopleQuery } from './people-operations.ts'

const PAGE = 50

/** Who there is, made, changed and let in by those who manage people, each within the own regions. Nobody signs up. */
export function peopleRoutes({ auth, postgres, gate }: { auth: Auth; postgres: Postgres; gate: Gate }) {
  const noteBy =
    (c: Context, who: Person) =>
    (sql: Sql, action: AuditAction, subject: string, reason = '') =>
      noteAct(sql, c, who, action, subject, reason)

  /**
   * Does something to a person that the asker may change, in one transaction with its entry in the log. The own log-in, for which
   * it is `others` alone, is changed at the own account, which asks for the password first: a session left open gives nobody the
   * account, and nobody ends the own log-in with a link that they then cannot read any more.
   */
  async function change<T>(
    c: Context,
    work: (sql: Sql, person: KnownPerson, note: ReturnType<typeof noteBy>, giver: Giver) => Promise<T>,
    whom: 'anybody' | 'others' = 'anybody',
  ): Promise<T> {
    const { person: who, giver } = await giverFor(gate, c.req.raw.headers)
    const id = c.req.param('person') ?? ''
    if (whom === 'others' && id === who.id)
      throw new AppError('conflict', 'your own password and second factor are changed at /account', {
        zh: '本人的密码和第二步验证请到“我的账号”修改',
      })
    return await changeAccess(postgres, async (sql) =>
      work(sql, await managedPerson(sql, giver, id), noteBy(c, who), giver),
    )
  }

  return new Hono()
    .get('/people', describeRoute(PEOPLE_OPERATIONS.list), async (c) => {
      const { scope } = await gate.allow(c.req.raw.headers, 'people.read')
      const { search, state, page } = readQuery(c, PeopleQuery)
      const { people, total } = await readPeople(postgres, scope, {
        text: search,
        isDisabled: state === undefined ? null : state === 'disabled',
        offset: (page - 1) * PAGE,
        limit: PAGE,
      })
      return c.json({ people: people.map(shown), total, pageSize: PAGE })
    })
    .post('/people', describeRoute(PEOPLE_OPERATIONS.create), async (c) => {
      const { person: who, giver } = await giverFor(gate, c.req.raw.headers)
      const { username, name, singleSignOnName, unit, ...post } = await readBody(c, NewPerson)
      const passwordHash = await auth.unknownPasswordHash()
      const made = await changeAccess(postgres, async (sql) => {
        const id = await insertPerson(sql, {
          username,
          name: name ?? username,
          role: post.role,
          passwordHash,
          singleSignOnName,
        })
        const note = noteBy(c, who)
        await note(sql, 'person.create', id, JSON.stringify(await insertPost(sql, giver, id, postOf(post))))
        if (unit !== null) {
          await bindToUnit(sql, giver, username.toLowerCase(), unit)
          await note(sql, 'unit.reporters', unit)
        }
        return { id, ...(await issuePasswordLink(sql, id)) }
      })
      return c.json({ id: made.id, username: username.toLowerCase(), link: linkOf(made) }, 201)
    })
    .patch('/people/:person', describeRoute(PEOPLE_OPERATIONS.change), async (c) => {
      await gate.allow(c.req.raw.headers, 'people.manage') // Of somebody else no body is read.
      const changed = await readBody(c, ChangedPerson)
      const after = await change(c, async (sql, person, note, giver) => {
        await updatePerson(sql, person.id, changed)
        const { isDisabled, ...rest } = changed
        if (Object.values(rest).some((value) => value !== undefined))
          await note(sql, 'person.update', person.id, Object.keys(rest).join(', '))
        if (isDisabled !== undefined && isDisabled !== (person.disabledAt !== null)) {
          if (isDisabled) await endSessions(sql, person.id)
          await note(sql, isDisabled ? 'person.disable' : 'person.enable', person.id)
        }
        return await managedPerson(sql, giver, person.id)
      })
      return c.json(shown(after))
    })
    .post('/people/:person/password-link', describeRoute(PEOPLE_OPERATIONS.passwordLink), async (c) => {
      const passwordHash = await auth.unknownPasswordHash()
      const reset = async (sql: Sql, { id }: KnownPerson, note: ReturnType<typeof noteBy>) => {
        await putPassword(sql, id, passwordHash)
        await note(sql, 'password.reset', id)
        return await issuePasswordLink(sql, id)
      }
      return c.json(linkOf(await change(c, reset, 'others')))
    })
    .post('/people/:person/second-factor/reset', describeRoute(PEOPLE_OPERATIONS.secondFactor), async (c) => {
      const reset = async (sql: Sql, { id }: KnownPerson, note: ReturnType<typeof noteBy>) => {
        await removeSecondFactor(sql, id)
        await endSessions(sql, id)
        await note(sql, 'secondFactor.reset', id)
      }
      await change(c, reset, 'others')
      return c.json({ hasSecondFactor: false })
    })
    .post('/people/:person/sessions/end', describeRoute(PEOPLE_OPERATIONS.endSessions), async (c) => {
      const ended = await change(c, async (sql, { id }, note) => {
        await note(sql, 'session.revoke', id, 'by an administrator')
        return await endSessions(sql, id)
      })
      return c.json({ ended })
    })
}

/** A post as `insertPost` takes it: from now on where nothing is said. */
function postOf({ startsAt, endsAt, ...post }: z.infer<typeof PutPost>) {
  return { ...post, startsMs: startsAt ?? Date.now(), endsMs: endsAt ?? null }
}

/** Lets a person report for a unit. @throws AppError `bad_request` where the asker knows no such unit, or the post does not reach it. */
async function bindToUnit(sql: Sql, { scope }: Giver, username: string, unit: string): Promise<void> {
  const [found] = await sql.query<{ regions: string[] }>(
    `SELECT array_remove(ARRAY[region, details->>'ownerRegion'], NULL) AS regions FROM units WHERE id = $1`,
    [unit],
  )
  if (!found?.regions.some((region) => holdsRegion(scope, region)))
    throw new AppError('bad_request', 'unit: there is no such unit')
  const [id] = await reportersAmong(sql, scope, { usernames: [username], regions: found.regions })
  if (id === undefined)
    throw new AppError(
      'bad_request',
      'role, regions: the post gives no reports.send where the unit lies or whose it is',
    )
  await sql.query('INSERT INTO unit_reporters ("userId", "unitId") VALUES ($1, $2)', [id, unit])
}

const linkOf = ({ token, expiresAt }: { token: string; expiresAt: Date }) => ({
  token,
  expiresAt: toShanghaiIso(expiresAt.getTime()),
})

const iso = (time: Date | null) => time && toShanghaiIso(time.getTime())
const shown = ({ disabledAt, lastSignInAt, ...person }: KnownPerson) => ({
  ...person,
  disabledAt: iso(disabledAt),
  lastSignInAt: iso(lastSignInAt),
})
