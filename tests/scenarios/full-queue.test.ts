import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { begin } from '../support/begin.ts'
import { post, type Reply } from '../support/post.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'

/** One request larger than the queue (100,000 rows), which alone it may be: until it is committed, some seconds, there is no room for others. */
const GIANT_ROWS = 250_000
const SENDERS = 6
const REQUESTS = 4
const ROWS = 2_500
const FILE_ROWS = 6_000

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

/** Reports of points nobody has heard of before, one person working at each. */
const reports = (first: number, count: number): string[] =>
  Array.from(
    { length: count },
    (_, i) =>
      `{"pointId":"p${first + i}","period":"2025-06","observedAt":"2025-06-30T00:00:00+08:00","workRegion":"430121","sector":"C","headcount":1}`,
  )

/** A sender as the contract wishes it: what is put off comes again, the same, after as long as was said. */
async function insist(key: string, body: string, name: string): Promise<{ reply: Reply; refusals: Reply[] }> {
  const refusals: Reply[] = []
  for (;;) {
    const reply = await post(server, 'industry', key, body, { headers: { 'idempotency-key': name } })
    if (reply.status !== 429) return { reply, refusals }
    refusals.push(reply)
    await sleep(1_000 * Number(reply.headers.get('retry-after')))
  }
}

test('a full queue puts senders off; who comes back as told loses nothing and doubles nothing', async () => {
  const { key, id } = await server.createSource()
  const cookie = await server.signIn()
  const giant = post(server, 'industry', key, `[${reports(0, GIANT_ROWS).join()}]`)
  const waiting = new RegExp(`^xiangrong_rows_waiting\\{kind="industry"\\} ${GIANT_ROWS}$`, 'm')
  await waitFor(async () => waiting.test(await (await fetch(`${server.url}/metrics`)).text()))
  const senders = Array.from({ length: SENDERS }, async (_, sender) => {
    const ended: Awaited<ReturnType<typeof insist>>[] = []
    for (let n = 0; n < REQUESTS; n++) {
      const place = sender * REQUESTS + n
      const body = `[${reports(GIANT_ROWS + place * ROWS, ROWS).join()}]`
      ended.push(await insist(key, body, `request-${place}`))
    }
    return ended
  })
  // A file is not put off: its chunks wait for room.
  const file = await post(server, 'industry', key, reports(1_000_000, FILE_ROWS).join('\n'), {
    headers: { 'content-type': 'application/x-ndjson', prefer: 'respond-async' },
  })
  expect(file.status).toBe(202)
  const answers = (await Promise.all(senders)).flat()
  expect((await giant).body).toMatchObject({ received: GIANT_ROWS, accepted: GIANT_ROWS })

  const refusals = answers.flatMap((answer) => answer.refusals)
  expect(refusals.length).toBeGreaterThan(0)
  for (const refusal of refusals) {
    expect(refusal.headers.get('retry-after')).toMatch(/^[1-9]\d?$/)
    expect(refusal.headers.get('content-type')).toBe('application/problem+json')
    expect(refusal.body).toMatchObject({ status: 429, code: 'queue_full' })
  }
  for (const { reply } of answers)
    expect(reply.body).toMatchObject({ received: ROWS, accepted: ROWS, unchanged: 0, rejected: 0 })
  await expect
    .poll(() => server.get(`/v1/batches/${file.body.batch}`, cookie))
    .toMatchObject({ state: 'done', accepted: FILE_ROWS, unchanged: 0, rejected: 0 })
  const { rows } = await server.get('/v1/distribution?measure=industry.headcount&at=2025-07-01')
  expect(rows).toEqual([{ value: GIANT_ROWS + SENDERS * REQUESTS * ROWS + FILE_ROWS }])
  // A request that was put off leaves no batch behind.
  const { batches } = await server.get(`/v1/sources/${id}/batches?limit=200`, cookie)
  expect(batches).toHaveLength(2 + SENDERS * REQUESTS)
})

test('large bodies that would not fit into memory together are put off; small ones, files and the next ones are taken', async () => {
  const { key } = await server.createSource()
  const MIB = 1024 * 1024
  const json = (bytes: number) => ({ 'content-type': 'application/json', 'content-length': bytes })
  // Three senders hold 40 MiB each and do not go on; a fourth would make more than 128.
  const part = Buffer.alloc(40 * MIB, 0x20)
  const slow = await Promise.all([0, 1, 2].map(() => begin(server, key, json(50 * MIB), part)))
  const large = `${' '.repeat(20 * MIB)}[${reports(2_000_000, 1).join()}]`
  let refusal: Reply | null = null
  await waitFor(async () => {
    refusal = await post(server, 'industry', key, large, { query: '?mode=validate' })
    return refusal.status === 429
  })
  expect(refusal).toMatchObject({ status: 429, body: { code: 'queue_full' } })
  expect((refusal as Reply | null)?.headers.get('retry-after')).toMatch(/^[1-9]\d?$/)
  const small = await post(server, 'industry', key, `[${reports(3_000_000, 100).join()}]`)
  expect(small.body).toMatchObject({ accepted: 100 })
  const lines = { headers: { 'content-type': 'application/x-ndjson' } }
  const file = await post(
    server,
    'industry',
    key,
    `${large.slice(0, 9 * MIB)}\n${reports(4_000_000, 100).join('\n')}`,
    lines,
  )
  expect(file.body).toMatchObject({ accepted: 100 })
  for (const socket of slow) socket.destroy()
  await expect.poll(() => post(server, 'industry', key, large)).toMatchObject({ body: { accepted: 1 } })
})
