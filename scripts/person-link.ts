/**
 * Lets somebody in again where nobody is left who could: `npm run person:link -- <user name>`, with the same environment as
 * the server, which must be stopped where the stores are embedded. Prints a link by which that person sets a password, once.
 * `--without-second-factor` takes a lost one away and ends their sessions. Whoever may run this may read all there is anyway;
 * the audit log says that it was done.
 */
import { parseArgs } from 'node:util'
import { localUrl } from '../api/config.ts'
import { appendAudit } from '../api/identity/audit.ts'
import { issuePasswordLink } from '../api/identity/password-links.ts'
import { removeSecondFactor } from '../api/identity/second-factor.ts'
import { endSessions } from '../api/identity/sessions.ts'
import { onBegunStores } from './begun-stores.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'without-second-factor': { type: 'boolean', default: false } },
})
const [username] = positionals
if (username === undefined) {
  console.error('whose link? npm run person:link -- <user name>')
  process.exit(1)
}
await onBegunStores(async ({ postgres }, { auth, host, port }) => {
  const [person] = await postgres.query<{ id: string; disabledAt: Date | null }>(
    'SELECT id, "disabledAt" FROM "user" WHERE username = $1',
    [username.toLowerCase()],
  )
  if (!person || person.disabledAt !== null) {
    console.error(person ? 'this person is disabled' : 'nobody has this user name')
    return 1
  }
  const { token } = await postgres.transaction(async (sql) => {
    const note = (action: 'password.reset' | 'secondFactor.reset') =>
      appendAudit(sql, { who: null, action, subject: person.id, reason: 'at the server', address: '' })
    await note('password.reset')
    if (values['without-second-factor']) {
      await removeSecondFactor(sql, person.id)
      await endSessions(sql, person.id)
      await note('secondFactor.reset')
    }
    return await issuePasswordLink(sql, person.id)
  })
  console.log(`${auth.publicUrl ?? localUrl(host, port)}/welcome#${token}\n(works once, for 7 days)`)
  return 0
})
