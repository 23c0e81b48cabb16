import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { alertFaults, countFaults, Load, seeded } from '../support/kill.ts'
import { LiveClient } from '../support/live.ts'
import { post } from '../support/post.ts'
import type { Received } from '../support/recount.ts'
import { startAndExit, startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears, idNumberFor, industry, worker } from '../support/signals.ts'
import { type StoreServer, startClickHouse, startPostgres, whyNoPostgres } from '../support/store-servers.ts'

const why = whyNoPostgres()

describe.skipIf(why !== null)(
  `one process for the api and two for ingestion, on store servers${why ?? ''}`,
  () => {
    let clickhouse: StoreServer
    let postgres: StoreServer
    let api: TestServer
    let ingestion: [TestServer, TestServer]
    let source: { id: string; key: string }
    /** What was acknowledged before the load begins. */
    const received: Received[] = []
    const remember = (kind: Received['kind'], signals: Record<string, unknown>[]) => {
      for (const signal of signals)
        received.push({
          kind,
          source: source.id,
          ms: Date.parse(String(signal.observedAt)),
          order: received.length,
          signal,
        })
    }
    const first = arrears({ caseId: 'first', project: '第一工程', owed: '612000.00', gathering: 12 })

    beforeAll(async () => {
      ;[clickhouse, postgres] = await Promise.all([startClickHouse(), startPostgres()])
      const env = {
        CLICKHOUSE_URL: clickhouse.url,
        DATABASE_URL: postgres.url,
        SECRET: 'one secret for all processes of an installation',
      }
      api = await startServer({ ...env, ROLES: 'api' })
      ingestion = await Promise.all([
        startServer({ ...env, ROLES: 'ingestion' }),
        startServer({ ...env, ROLES: 'ingestion' }),
      ])
      source = await api.createSource()
    })
    afterAll(async () => {
      await Promise.all([api, ...(ingestion ?? [])].map((server) => server?.stop()))
      await Promise.all([clickhouse?.remove(), postgres?.remove()])
    })

    test('a second ingestion process in the directory of another does not start: it would take its uploads for its own', async () => {
      const [holder] = ingestion
      const env = { CLICKHOUSE_URL: clickhouse.url, DATABASE_URL: postgres.url, ROLES: 'ingestion' }
      const end = await startAndExit({
        ...env,
        SECRET: 'one secret for all processes of an installation',
        DATA_DIR: holder.dataDir,
        PORT: '0',
      })
      expect(end).toEqual({
        code: 1,
        output: `xiangrong cannot start: ${holder.dataDir} is in use by process ${holder.process.pid}: stop it, or set DATA_DIR to another directory\n`,
      })
    })

    const readValue = async (measure: string) =>
      (await api.get(`/v1/distribution?measure=${measure}&by=source`)).rows.find(
        (row: { source: string }) => row.source === source.id,
      )?.value

    test('a signal to an ingestion process is counted once; its alert and its pulse reach a client of the api process', async () => {
      // Somebody who may see small sums: to a wall they are blurred.
      const client = new LiveClient(api, null, await api.signIn())
      try {
        // The pulse that greets a client is over: the next one is of the signal.
        await expect.poll(() => client.pulses.length).toBeGreaterThan(0)
        for (const server of ingestion)
          expect((await server.send('arrears', source.key, [first])).status).toBe(200)
        remember('arrears', [first])
        await expect.poll(() => client.entries.length).toBe(2)
        expect(client.entries.map(({ alert }) => `${alert.rule} ${alert.tier}`).sort()).toEqual([
          'D14 orange',
          'D15 red',
        ])
        await expect.poll(() => client.pulses.at(-1)?.values['arrears.owed']).toBe('612000.00')
        expect(await readValue('arrears.openCases')).toBe(1)
      } finally {
        client.close()
      }
    })

    test('the same rows by two senders at once through two processes are counted once', async () => {
      // More keys than a server takes as one bound value.
      const people = Array.from({ length: 6_000 }, (_, n) => worker({ idNumber: idNumberFor(10_000 + n) }))
      remember('workers', people)
      const answers = await Promise.all(ingestion.map((server) => server.send('workers', source.key, people)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200])
      expect(answers.map(({ body }) => body.accepted).sort()).toEqual([0, 6_000])
      expect(answers.map(({ body }) => body.unchanged).sort()).toEqual([0, 6_000])
      expect(await readValue('workers.count')).toBe(6_000)
    })

    test('of two counties that tell of new points at once through two processes, each point is of one; what one moves, the other knows', async () => {
      const county = async (region: string) => (await api.createSource({ kinds: ['industry'], region })).key
      const [ours, theirs] = ingestion
      const [a, b] = [await county('430503'), await county('430502')]
      const report = (pointId: string, workRegion: string, minutesAgo = 9) =>
        industry({
          pointId,
          workRegion,
          observedAt: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
        })
      const send = async (server: TestServer, key: string, row: object): Promise<number> =>
        (await server.send('industry', key, [row])).status
      const points = Array.from({ length: 20 }, (_, i) => `shared-${i}`)
      const told = await Promise.all(
        points.map((point) =>
          Promise.all([send(ours, a, report(point, '430503')), send(theirs, b, report(point, '430502'))]),
        ),
      )
      expect(told.map((pair) => pair.sort())).toEqual(points.map(() => [200, 422]))

      expect(await send(ours, a, report('moved', '430503'))).toBe(200)
      expect(await send(theirs, b, report('moved', '430502'))).toBe(422)
      expect(await send(theirs, await county('4305'), report('moved', '430502', 5))).toBe(200)
      expect(await send(ours, a, report('moved', '430503', 4))).toBe(422)
      const { body } = await theirs.send('industry', b, [report('moved', '430502', 3)])
      expect(body.accepted).toBe(1)
      const trial = await ours.send('industry', a, [report('moved', '430503', 2)], {
        query: '?mode=validate',
      })
      expect(trial.body.errors).toMatchObject([{ code: 'point_elsewhere' }])
    })

    test('a key that is revoked at the api process is refused by every ingestion process within two seconds', async () => {
      const headers = { 'content-type': 'application/json', cookie: await api.signIn() }
      const act = async (path: string, body: object) =>
        (await (
          await fetch(`${api.url}/v1/sources/${source.id}/keys${path}`, {
            method: 'POST',
            headers,
            body: JSON.stringify(body),
          })
        ).json()) as { id: string; key: string }
      const { id, key } = await act('', {})
      for (const server of ingestion) expect((await server.send('arrears', key, [first])).status).toBe(200)
      await act(`/${id}/revoke`, { reason: '测试' })
      for (const server of ingestion)
        await waitFor(async () => (await server.send('arrears', key, [first])).status === 401, 2_000)
    })

    test('each role answers only for its own part', async () => {
      expect((await fetch(`${ingestion[0].url}/v1/alerts`)).status).toBe(404)
      expect((await post(api, 'arrears', source.key, '[]')).status).toBe(404)
      for (const server of [api, ...ingestion]) expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    })

    test('an address that leads to no such server stops the start with one line that names the setting', async () => {
      const other = (url: string, change: (url: URL) => void) => {
        const changed = new URL(url)
        change(changed)
        return String(changed)
      }
      const wrong: [string, string, string][] = [
        [
          'CLICKHOUSE_URL',
          other(clickhouse.url, (url) => (url.password = 'hunter2')),
          'the server refuses this user or password',
        ],
        [
          'CLICKHOUSE_URL',
          other(clickhouse.url, (url) => (url.pathname = '/none')),
          'the server has no such database; create it first',
        ],
        [
          'CLICKHOUSE_URL',
          other(api.url, (url) => (url.password = 'hunter2')),
          'what answers there does not answer as such a server does',
        ],
        [
          'DATABASE_URL',
          other(postgres.url, (url) => (url.pathname = '/none')),
          'the server has no such database; create it first',
        ],
        [
          'DATABASE_URL',
          other(postgres.url, (url) => (url.port = new URL(api.url).port)),
          'what answers there does not answer as such a server does',
        ],
      ]
      const ends = await Promise.all(
        wrong.map(([name, url], i) =>
          startAndExit({ DATA_DIR: join(api.dataDir, `wrong-${i}`), PORT: '0', [name]: url }),
        ),
      )
      for (const [i, [name, , says]] of wrong.entries())
        expect(ends[i]).toEqual({ code: 1, output: `xiangrong cannot start: setting ${name}: ${says}\n` })
    })

    describe('under load from many senders who send again what was put off', () => {
      let load: Load

      beforeAll(async () => {
        load = new Load(ingestion, [await api.createSource(), await api.createSource()], seeded(20_261_124))
        load.received.push(...received)
      })

      /** Runs the load until `disturb` has ended and new rows are acknowledged after it; then all must be right. */
      async function through(disturb: () => Promise<void>): Promise<void> {
        const senders = load.start(4)
        const before = load.rows
        await waitFor(() => load.rows > before + 200, 30_000)
        await disturb()
        const after = load.rows
        await waitFor(() => load.rows > after + 200, 30_000)
        load.stop()
        await senders
        expect(load.faults).toEqual([])
        expect(await countFaults(api, load.received)).toEqual([])
        expect(await alertFaults(api, load.received)).toEqual([])
      }

      async function isPutOff(server: TestServer): Promise<void> {
        await waitFor(async () => {
          const reply = await post(server, 'arrears', source.key, JSON.stringify([first]))
          if (reply.status !== 503) return false
          expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
          expect(reply.headers.get('content-type')).toBe('application/problem+json')
          expect(reply.body.code).toBe('store_away')
          return true
        })
      }

      test('kill -9 of one ingestion process loses nothing and doubles nothing', () =>
        through(async () => {
          await ingestion[0].kill()
          await sleep(300)
          await ingestion[0].restart()
        }))

      test.each(['ClickHouse', 'PostgreSQL'])(
        '%s away for a while puts senders off, and all comes in after it',
        (name) =>
          through(async () => {
            const store = name === 'ClickHouse' ? clickhouse : postgres
            const client = new LiveClient(api, null, await api.signIn())
            const states = () =>
              client.events.flatMap((event) =>
                event.name === 'stale' && event.value.name === 'judging' ? event.value.since !== null : [],
              )
            await store.stop()
            await Promise.all(ingestion.map(isPutOff))
            // What is committed cannot be judged: who looks at the page is told, and when it can again.
            if (store === clickhouse) await waitFor(() => states().at(-1) === true, 20_000)
            expect((await fetch(`${api.url}/readyz`)).status).toBe(503)
            expect((await fetch(`${api.url}/healthz`)).status).toBe(200)
            await store.start()
            for (const server of [api, ...ingestion]) {
              await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status).toBe(200)
              expect(server.process.exitCode).toBeNull()
            }
            if (store === clickhouse) await waitFor(() => states().at(-1) === false, 20_000)
            client.close()
          }),
      )
    })
  },
)
