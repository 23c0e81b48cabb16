import { once } from 'node:events'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Batches } from '../../ingestion/batches.ts'
import { errorRoutes } from '../../ingestion/error-routes.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { Sources } from '../../ingestion/sources.ts'
import { openTestStores } from '../support/stores.ts'

const ROWS = 5_000
let stores: Awaited<ReturnType<typeof openTestStores>>
let server: ReturnType<typeof serve>
let key: string
beforeAll(async () => {
  stores = await openTestStores()
  const { postgres } = stores
  const sources = new Sources(postgres, () => () => true)
  const made = { name: 's', kinds: ['arrears' as const], region: '43', isSynthetic: false, dueEvery: null }
  const source = await sources.create({ ...made, graceHours: 0 }, 'test')
  key = source.key
  const batches = new Batches(postgres, deriveKeys('a secret of the rejected rows, long enough'))
  const rejected = Array.from({ length: ROWS }, (_, i) => ({
    row: i + 1,
    value: { caseId: `案-${i + 1}`, note: '备注'.repeat(50), ...(i === ROWS - 1 && { late: 'x' }) },
    faults: [{ path: 'owed', code: 'required' as const }],
  }))
  for (const batch of ['bat_whole', 'bat_broken'])
    await batches.put(
      {
        ...{ batch, source: source.id, kind: 'arrears', mode: 'commit', receivedAt: new Date() },
        ...{ received: ROWS, accepted: 0, unchanged: 0, rejected: ROWS },
      },
      rejected,
      null,
      null,
    )
  await postgres.query(`UPDATE rejected_rows SET sealed = 'x' WHERE batch = 'bat_broken' AND row = 4500`)
  const app = new Hono().use(compress()).route('/', errorRoutes({ sources, batches, postgres } as never))
  server = serve({ fetch: app.fetch, port: 0 })
  await once(server, 'listening')
})
afterAll(async () => {
  server.close()
  await stores.close()
})

const ask = (batch: string, form: string, headers: Record<string, string> = {}) => {
  const { port } = server.address() as { port: number }
  return fetch(`http://127.0.0.1:${port}/batches/${batch}/errors.${form}`, {
    headers: { authorization: `Bearer ${key}`, ...headers },
  })
}

describe.each(['gzip', 'identity'])('thousands of rejected rows, sent in parts (%s)', (encoding) => {
  const as = { 'accept-encoding': encoding }

  test('come whole, under the names of all of them', async () => {
    const { rows } = (await (await ask('bat_whole', 'json', as)).json()) as { rows: any[] }
    expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1))
    expect(rows[0]).toMatchObject({ value: { caseId: '案-1' }, errors: [{ row: 1, code: 'required' }] })
    const lines = (await (await ask('bat_whole', 'csv', as)).text()).trimEnd().split('\r\n')
    expect(lines[0]).toBe('caseId,note,late,原因')
    expect(lines).toHaveLength(ROWS + 1)
    expect(lines.at(-1)).toMatch(/^案-5000,备注.*,x,owed: /)
  })

  test('do not look whole where the answer breaks off', async () => {
    const answer = await ask('bat_broken', 'json', as)
    expect(answer.status).toBe(200)
    expect(await answer.text().catch((error: Error) => error.message)).toBe('terminated')
    // All rows of a sheet are gone through before it begins.
    expect((await ask('bat_broken', 'csv', as)).status).toBe(500)
  })
})
