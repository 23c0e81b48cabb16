import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { post, type Reply } from '../support/post.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { arrears } from '../support/signals.ts'

const MIB = 1024 * 1024
let cases = 0
const someCases = (count: number) =>
  Array.from({ length: count }, () =>
    arrears({ caseId: `case-${++cases}`, project: `工程-${cases}`, owed: '60000.00' }),
  )

const openCases = async (server: TestServer): Promise<number> =>
  (await server.get('/v1/distribution?measure=arrears.openCases')).rows[0]?.value ?? 0

/** A refusal that asks the sender to come back, from a server that lives. */
async function isPutOff(server: TestServer, reply: Reply): Promise<void> {
  expect(reply.status, reply.text).toBe(503)
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
  expect(reply.body).toMatchObject({ status: 503, code: 'store_away' })
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  expect(server.process.exitCode).toBeNull()
}

/** A small disk needs a mount of our own, which Linux gives to any user where user namespaces are switched on. */
const canMount = spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0

test.skipIf(!canMount)(
  'a full disk turns senders away, harms nothing, and is over when there is room again',
  async () => {
    const mount = mkdtempSync(join(tmpdir(), 'xiangrong-disk-'))
    const script = `mount -t tmpfs -o size=320m tmpfs ${mount} && exec "$@"`
    const server = await startServer({ DATA_DIR: join(mount, 'data') }, [
      'unshare',
      '-Urm',
      'sh',
      '-c',
      script,
      'sh',
    ])
    const disk = `/proc/${server.process.pid}/root${mount}`
    const freeBytes = () => {
      const { bavail, bsize } = statfsSync(disk)
      return bavail * bsize
    }
    const fill = (downToBytes: number) => {
      const ballast = openSync(join(disk, 'ballast'), 'a')
      const chunk = Buffer.alloc(64 * 1024)
      try {
        while (freeBytes() > downToBytes) writeSync(ballast, chunk)
      } catch {
        // Full to the last byte.
      } finally {
        closeSync(ballast)
      }
    }
    try {
      const { key } = await server.createSource()
      const send = (rows: unknown[], query = '') =>
        post(server, 'arrears', key, JSON.stringify(rows), { query })
      expect((await send(someCases(20))).status).toBe(200)
      await expect.poll(async () => (await server.get('/v1/alerts')).alerts.length).toBe(20)

      // A file that was only looked at makes room for one that is to stay.
      const preview = async (body: string | null, headers: Record<string, string>) =>
        await fetch(`${server.url}/v1/signals/arrears/preview`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, ...headers },
          body,
        })
      const wide = `案件编号,备注\n${`A,${'x'.repeat(1000)}\n`.repeat(24_000)}`
      const { file } = (await (await preview(wide, { 'content-type': 'text/csv' })).json()) as {
        file: string
      }
      fill(110 * MIB)
      expect((await preview(null, { 'xiangrong-file': file })).status).toBe(200)
      expect((await send(someCases(1))).status).toBe(200)
      expect((await preview(null, { 'xiangrong-file': file })).status).toBe(410)
      await expect.poll(async () => (await server.get('/v1/alerts')).alerts.length).toBe(21)

      // Room for single writes, but not for the next log file of the embedded Postgres.
      fill(14 * MIB)
      for (let i = 0; i < 6; i++) await isPutOff(server, await send(someCases(1500)))
      const wordy = someCases(1500).map((row) => ({ ...row, status: 'x', note: 'n'.repeat(1500) }))
      for (let i = 0; i < 6; i++) await isPutOff(server, await send(wordy, '?mode=validate'))
      fill(0)
      expect(freeBytes()).toBeLessThan(MIB)
      for (let i = 0; i < 3; i++) await isPutOff(server, await send(someCases(50)))
      expect(await openCases(server)).toBe(21)
      expect((await server.get('/v1/alerts')).alerts).toHaveLength(21)

      rmSync(join(disk, 'ballast'))
      expect((await send(someCases(30))).body).toMatchObject({ accepted: 30 })
      expect(await openCases(server)).toBe(51)
      await expect.poll(async () => (await server.get('/v1/alerts')).alerts.length).toBe(51)
    } finally {
      await server.stop()
      rmSync(mount, { recursive: true, force: true })
    }
  },
)
