import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { AppError } from '#domain/error.ts'
import { KINDS } from '#domain/signal.ts'
import type { Engine } from '#sql/engine.ts'
import type { Stores } from '#sql/open.ts'
import { problem } from '../../api/http.ts'
import { createAuth } from '../../api/identity/auth.ts'
import { createGate } from '../../api/identity/gate.ts'
import { auditRefusals, Refusals } from '../../api/identity/refusals.ts'
import { auditRoutes } from '../../api/routes/audit.ts'
import { identityRoutes } from '../../api/routes/identities.ts'
import { acceptRows, type RejectedRow } from '../../ingestion/accept.ts'
import { Batches } from '../../ingestion/batches.ts'
import { createCommitters } from '../../ingestion/commit.ts'
import { deriveIdentitySeal } from '../../ingestion/identity-seal.ts'
import { sealerFor } from '../../ingestion/sealer.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { Vault } from '../../ingestion/vault.ts'
import { withdrawBatch } from '../../ingestion/withdrawals.ts'

const SECRET = 'a secret of the vault tests, long enough'
export const REASON = '核实工资发放对象'

/** The vault with its real write path and its real routes, without a network, on stores that the test has opened. */
export async function openVault(stores: Stores, engine: Engine = stores.engine) {
  const { postgres } = stores
  const keys = deriveKeys(SECRET)
  const seal = deriveIdentitySeal(SECRET)
  const faults: unknown[] = []
  const vault = new Vault(stores.engine, postgres, seal, (error) => faults.push(error))
  await vault.start()
  const committers = createCommitters(stores.engine, postgres, false, (fresh, micros) =>
    vault.put(fresh, micros),
  )
  const batches = new Batches(postgres, keys)
  const auth = createAuth(postgres, SECRET, (error) => faults.push(error))
  const identityKeys = { ...seal, personKey: keys.personKey, unseal: keys.unseal }
  const gate = createGate(auth, postgres, true)
  const refusals = new Refusals(postgres, (error) => faults.push(error))
  const whoAsks = async (c: Context) => {
    return await auth.personFor(c.req.raw.headers)
  }
  const app = new Hono()
    .use(auditRefusals(refusals, whoAsks))
    .route('/v1', identityRoutes({ engine, postgres, gate, identityKeys, keyRotation: vault }))
    .route('/v1', auditRoutes({ postgres, gate }))
    .onError((error, c) => (error instanceof AppError ? problem(c, error) : c.text('internal error', 500)))
  return {
    vault,
    refusals,
    batches,
    faults,
    personKey: keys.personKey,
    /** Sends signals as one request of a source would. */
    async send(rows: Record<string, unknown>[], source = 'src_a', heardMs = Date.now()) {
      const raw = rows.map((value, i) => ({ row: i + 1, value, fault: null }))
      const batch = `bat_${randomUUID()}`
      const scope = { id: source, kinds: KINDS, region: '' }
      const { drafts, rejected } = acceptRows('workers', raw, scope, {
        source,
        batch,
        keys,
        sealer: sealerFor(seal, vault.keyVersion, heardMs),
      })
      const [verdict] = drafts.length > 0 ? await committers.workers.commit([drafts]).counted : []
      const counts = {
        received: rows.length,
        accepted: 0,
        unchanged: 0,
        ...verdict,
        rejected: rejected.length,
      }
      await batches.put(
        { batch, source, kind: 'workers', mode: 'commit', receivedAt: new Date(), heardMs, ...counts },
        rejected,
        null,
        null,
      )
      return { batch, ...counts }
    },
    /** Puts rows by in quarantine beside those of a batch of this source. */
    reject: (batch: string, rows: readonly RejectedRow[]) =>
      postgres.transaction((sql) =>
        batches.putRejected(sql, { batch, kind: 'workers', source: 'src_a', receivedAt: new Date() }, rows),
      ),
    /** Takes a batch back. */
    withdraw: (batch: string) =>
      withdrawBatch({ engine: stores.engine, postgres, committers }, batch, null, {
        reason: '误报',
        by: 'admin',
      }),
    /** A logged-in person of a role: the cookie of its session. */
    async logIn(username: string, role: string): Promise<string> {
      const id = await auth.createPerson(username, 'correct-horse-1', 'administrator')
      await postgres.query('UPDATE posts SET role = $1 WHERE "personId" = $2', [role, id])
      const response = await auth.handler(
        new Request('http://localhost/v1/auth/sign-in/username', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ username, password: 'correct-horse-1' }),
        }),
      )
      return (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
    },
    async ask(path: string, cookie: string, body?: object) {
      const headers = { cookie, 'content-type': 'application/json' }
      const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers }
      const response = await app.request(path, init, { incoming: { socket: { remoteAddress: '192.0.2.1' } } })
      const text = await response.text()
      const isJson = (response.headers.get('content-type') ?? '').includes('json')
      return { status: response.status, text, body: isJson ? JSON.parse(text) : null }
    },
  }
}
