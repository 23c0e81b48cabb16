import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openStores, type Stores } from '#sql/open.ts'
import { Int } from '#sql/query.ts'
import { beginStores } from '../support/begin-stores.ts'
import { type Commit, commitTo } from '../support/commit.ts'
import { arrears } from '../support/signals.ts'
import { type StoreServer, startClickHouse } from '../support/store-servers.ts'

/** How long after its connection broke a write still lands. */
const LATE_MS = 1_000
const dataDir = mkdtempSync(join(tmpdir(), 'xiangrong-'))
let clickhouse: StoreServer
let line: Awaited<ReturnType<typeof openLine>>
let stores: Stores
let commit: Commit

beforeAll(async () => {
  clickhouse = await startClickHouse()
  line = await openLine(clickhouse.url)
  await beginStores(dataDir)
  stores = await openStores({ dataDir, clickhouseUrl: line.url })
  commit = commitTo(stores)
})
afterAll(async () => {
  await stores?.close()
  line?.close()
  await clickhouse?.remove()
  rmSync(dataDir, { recursive: true, force: true })
})

/** The line to a server, which can be made to break under a write that the server has got. */
async function openLine(far: string) {
  const target = new URL(far)
  let breaking: { table: string; landed: () => void } | null = null
  const ask = (path: string, method: string, headers: IncomingHttpHeaders, body: Buffer) =>
    new Promise<{ status: number; body: Buffer }>((resolve, reject) => {
      const asked = request({ host: target.hostname, port: target.port, path, method, headers })
      asked.on('error', reject).end(body)
      asked.on('response', async (answer) =>
        resolve({ status: answer.statusCode ?? 0, body: await buffer(answer) }),
      )
    })
  const near = createServer(async (asked, answer) => {
    const body = await buffer(asked)
    const { 'transfer-encoding': _, ...headers } = asked.headers
    const send = () =>
      ask(
        asked.url ?? '/',
        asked.method ?? 'GET',
        { ...headers, 'content-length': String(body.length) },
        body,
      )
    const query = new URL(asked.url ?? '/', 'http://line').searchParams.get('query') ?? ''
    if (breaking && query.startsWith(`INSERT INTO ${breaking.table} `)) {
      const { landed } = breaking
      breaking = null
      asked.socket.destroy()
      setTimeout(() => void send().then(landed), LATE_MS)
      return
    }
    const got = await send()
    answer.writeHead(got.status, { 'content-type': 'text/plain' }).end(got.body)
  }).listen(0, '127.0.0.1')
  await once(near, 'listening')
  const url = new URL(far)
  url.port = String((near.address() as { port: number }).port)
  return {
    url: url.href,
    /** Breaks under the next write to a table. Resolves when it has landed. */
    breakUnder: (table: string) =>
      new Promise<void>((landed) => {
        breaking = { table, landed }
      }),
    close() {
      near.closeAllConnections()
      near.close()
    },
  }
}

const openCases = async (): Promise<number> => {
  const sql = 'SELECT sum(cases) AS open FROM arrears_open_by_site_v1'
  const rows = await stores.engine.query({
    name: 'open',
    sql,
    row: z.object({ open: Int }),
    unscoped: 'a test',
  })
  return rows[0]?.open ?? 0
}

test.each(['arrears_observations_v1', 'arrears_changes_v1', 'source_receipts_v1'])(
  'a write to %s that lands after its connection broke is counted once, whatever was committed meanwhile',
  async (table) => {
    const before = await openCases()
    const landed = line.breakUnder(table)
    const late = arrears({ caseId: `late ${table}`, project: `迟到 ${table}` })
    await expect(commit('arrears', [late])).rejects.toMatchObject({ code: 'store_away' })
    await commit('arrears', [arrears({ caseId: `other ${table}`, project: `其他 ${table}` })])
    await landed
    // The sender, who was put off, sends again.
    await commit('arrears', [late])
    expect(await openCases()).toBe(before + 2)
  },
)
