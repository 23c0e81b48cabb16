import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Received, receiveBody } from '../../ingestion/formats/body.ts'
import { KEPT_MS, KeptFiles } from '../../ingestion/kept-files.ts'
import { holdBody } from '../../ingestion/memory-room.ts'
import { deriveFileSeal } from '../../ingestion/sealed-files.ts'
import { enterAdmin, enterPerson } from '../support/people.ts'
import { replyOf } from '../support/post.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { ARREARS_HEAD, workbook } from '../support/workbook.ts'

const MIB = 1024 * 1024
const seal = deriveFileSeal('a secret of the tests, which is long enough', () => 1)
const MINE = { source: 'a', sender: 'person 1' }

describe('a file that is kept', () => {
  let folder: string
  let files: KeptFiles
  let made = 0
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    folder = mkdtempSync(join(tmpdir(), 'kept-'))
    files = new KeptFiles()
  })
  afterEach(() => {
    vi.useRealTimers()
    rmSync(folder, { recursive: true })
  })

  /** Keeps a file of so many bytes, none of which are on the disk. */
  async function keep(bytes = 1, owner = MINE): Promise<string | null> {
    const path = join(folder, String(++made))
    writeFileSync(path, '')
    truncateSync(path, bytes)
    const file = { path, bytes, read: seal.readerOf({ path, bytes }) }
    const received = {
      ...file,
      kind: 'spooled',
      type: 'xlsx',
      isGzip: false,
      heardMs: 0,
      hash: () => '',
    } as const
    return await files.keep({ path, seal }, received, 'text/csv', owner)
  }
  const kept = async (bytes?: number, owner?: typeof MINE) => String(await keep(bytes, owner))
  const pathOf = (token: string, owner = MINE) =>
    files.lend(token, owner, async ({ body }) => body.path).catch((error) => error.code)
  const onDisk = () => vi.waitFor(() => readdirSync(folder).length)

  test('is its own that is lent, until so long after its last use', async () => {
    const token = await kept()
    const path = await pathOf(token)
    await vi.advanceTimersByTimeAsync(KEPT_MS - 1)
    expect(await pathOf(token)).toBe(path)
    await vi.advanceTimersByTimeAsync(KEPT_MS - 1)
    expect(existsSync(path)).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    expect(await pathOf(token)).toBe('gone')
    await vi.waitFor(() => expect(existsSync(path)).toBe(false))
  })

  test('stays for as long as it is used', async () => {
    const token = await kept()
    await files.lend(token, MINE, async ({ body }) => {
      await vi.advanceTimersByTimeAsync(3 * KEPT_MS)
      expect(existsSync(body.path)).toBe(true)
    })
    await vi.advanceTimersByTimeAsync(KEPT_MS)
    expect(await pathOf(token)).toBe('gone')
  })

  test('that is discarded is lent no more, and stays to its end for who uses it', async () => {
    const token = await kept()
    const path = await files.lend(token, MINE, async ({ body }) => {
      await files.discard(token)
      expect(await pathOf(token)).toBe('gone')
      expect(existsSync(body.path)).toBe(true)
      return body.path
    })
    expect(existsSync(path)).toBe(false)
  })

  test.each([
    ['another source', { ...MINE, source: 'b' }],
    ['another sender', { ...MINE, sender: 'person 2' }],
  ])('is not there for %s', async (_, other) => {
    expect(await pathOf(await kept(), other)).toBe('gone')
  })

  test('makes room for newer ones: of one source for four and for 400 MiB, that used last staying', async () => {
    const first = await Promise.all([kept(), kept(), kept(), kept()])
    await pathOf(first[0])
    const theirs = await kept(1, { ...MINE, source: 'b' })
    const fifth = await kept()
    expect(await pathOf(first[1])).toBe('gone')
    for (const token of [first[0], first[2], first[3], fifth]) expect(await pathOf(token)).not.toBe('gone')
    const large = [await kept(200 * MIB), await kept(200 * MIB)]
    for (const token of [...first, fifth]) expect(await pathOf(token)).toBe('gone')
    for (const token of large) expect(await pathOf(token)).not.toBe('gone')
    expect(await pathOf(theirs, { ...MINE, source: 'b' })).not.toBe('gone')
    await vi.waitFor(() => expect(readdirSync(folder)).toHaveLength(3))
  })

  test('makes room among all sources for 64 and for 1 GiB', async () => {
    const owner = (i: number) => ({ source: `s${i}`, sender: '' })
    const tokens: string[] = []
    for (let i = 0; i < 65; i++) tokens.push(await kept(1, owner(i)))
    expect(await pathOf(tokens[0] ?? '', owner(0))).toBe('gone')
    expect(await pathOf(tokens[1] ?? '', owner(1))).not.toBe('gone')
    for (let i = 0; i < 5; i++) tokens.push(await kept(200 * MIB, owner(100 + i)))
    const last = await kept(200 * MIB, owner(200))
    expect(await pathOf(tokens[65] ?? '', owner(100))).toBe('gone')
    expect(await pathOf(last, owner(200))).not.toBe('gone')
  })

  test('is not kept where all room is in use, and none of that is taken away', async () => {
    const token = await kept(200 * MIB)
    const other = await kept(200 * MIB)
    await files.lend(token, MINE, () =>
      files.lend(other, MINE, async () => {
        expect(await keep()).toBeNull()
        expect(await files.giveWay()).toBe(false)
      }),
    )
    expect([await pathOf(token), await pathOf(other)]).not.toContain('gone')
    expect(await files.giveWay()).toBe(true)
    expect(await pathOf(token)).toBe('gone')
    expect(await onDisk()).toBe(1) // The one that was not kept, which is its receiver's to remove.
  })
})

describe('a file that is lent as a body', () => {
  let folder: string
  const files = new KeptFiles()
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lent-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const pathOf = (name: string) => join(folder, name)
  const placeOf = (name: string) => ({ path: pathOf(name), seal })
  const headers: Record<string, string> = { 'content-type': 'text/csv' }
  const received = async (text: string, name: string) =>
    await receiveBody(
      {
        header: (key) => headers[key],
        stream: (async function* () {
          yield Buffer.from(text)
        })(),
      },
      { ...placeOf(name), rejectWhenFull: async () => undefined, held: holdBody() },
      false,
    )
  /** Keeps a text as a preview does, and puts it down as a request does that is to be taken. */
  async function lent<T>(
    bytes: number,
    isToWait: boolean,
    use: (body: Received, token: string) => Promise<T>,
  ) {
    const text = 'x'.repeat(bytes)
    const token = await files.keep(placeOf('kept'), await received(text, 'kept'), 'text/csv', MINE)
    const spool = { ...placeOf('batch'), rejectWhenFull: async () => undefined, held: holdBody() }
    return await files.lendBody(String(token), MINE, async (body) =>
      use(await receiveBody(body, spool, isToWait), String(token)),
    )
  }
  const textOf = async (body: Received) =>
    body.kind === 'spooled' ? (await buffer(body.read())).toString() : body.content.toString()
  const inode = (name: string) => statSync(pathOf(name)).ino

  test.each([
    ['too large for memory', 9 * MIB, false],
    ['that nobody waits for', 1_000, true],
  ])(
    '%s lies on the disk once, and stays for its batch when it is kept no more',
    async (_, bytes, isToWait) => {
      await lent(bytes, isToWait, async (body, token) => {
        expect(body).toMatchObject({ kind: 'spooled', type: 'csv', path: pathOf('batch'), bytes })
        expect(inode('batch')).toBe(inode('kept'))
        // As though the same bytes had come with the request.
        const sent = await received('x'.repeat(bytes), 'sent')
        expect(body.hash()).toBe(sent.hash())
        await files.discard(token)
        expect((await textOf(body)).length).toBe(bytes)
        expect(readFileSync(pathOf('batch'), 'utf8')).not.toContain('xxx')
      })
      expect(existsSync(pathOf('kept'))).toBe(false)
    },
  )

  test('lies on the disk where it has more lines than one piece has rows', async () => {
    expect((await received('0\n'.repeat(700_000), 'piece')).kind).toBe('memory')
    for (const end of ['\n', '\r'])
      expect((await received(`0${end}`.repeat(700_001), `lines${end.charCodeAt(0)}`)).kind).toBe('spooled')
  })

  test('is there for the next try where the first came to nothing', async () => {
    const token = await lent(9 * MIB, false, async (_, token) => token)
    rmSync(pathOf('batch'))
    const { body } = await files.lend(token, MINE, async (file) => file)
    expect(await textOf(body)).toHaveLength(9 * MIB)
    await files.discard(token)
  })

  test('is named by the bytes that were sent, in memory and in a file, packed too', async () => {
    const packed = gzipSync('x,y\n')
    const hashes = []
    for (const isToWait of [true, false]) {
      const body = {
        header: (key: string) => ({ ...headers, 'content-encoding': 'gzip' })[key],
        stream: (async function* () {
          yield packed
        })(),
      }
      const place = placeOf(`packed ${isToWait}`)
      const spool = { ...place, rejectWhenFull: async () => undefined, held: holdBody() }
      const sent = await receiveBody(body, spool, isToWait)
      const token = await files.keep(place, sent, 'text/csv', MINE)
      const again = await files.lendBody(String(token), MINE, async (lent) =>
        (await receiveBody(lent, { ...spool, path: pathOf(`again ${isToWait}`) }, false)).hash(),
      )
      hashes.push(await files.lend(String(token), MINE, async (kept) => kept.body.hash()), again)
      await files.discard(String(token))
    }
    expect(new Set(hashes)).toEqual(new Set([createHash('sha256').update(packed).digest('hex')]))
  })

  test('is read into memory where it fits', async () => {
    await lent(1_000, false, async (body, token) => {
      expect(body).toMatchObject({ kind: 'memory', bytes: 1_000 })
      expect(existsSync(pathOf('batch'))).toBe(false)
      await files.discard(token)
    })
  })
})

describe('a file that was previewed', () => {
  const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  let server: TestServer
  let source: { id: string; key: string }
  beforeAll(async () => {
    server = await startServer()
    source = await server.createSource()
  })
  afterAll(() => server.stop())

  const row = (id: string, region: string) => [
    ...[id, '2025-06-10', '信访', region, 'E', '示例建筑', '已受理', '4', '100.00'],
  ]
  const ledger = (region: string, rows: number) =>
    workbook([
      ARREARS_HEAD.with(8, '还差'),
      ...Array.from({ length: rows }, (_, i) => row(`案-${i}`, region)),
    ])
  const columns = { 'xiangrong-columns': encodeURIComponent(JSON.stringify({ 还差: 'owed' })) }
  const ask = async (
    path: string,
    headers: Record<string, string>,
    body?: Uint8Array | string,
    key = source.key,
  ) =>
    replyOf(
      await fetch(`${server.url}/v1/signals/arrears${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, ...headers },
        ...(body === undefined ? {} : { body: body as RequestInit['body'] }),
      }),
    )
  const keptOf = async (body: Uint8Array | string, headers: Record<string, string> = {}) =>
    String((await ask('/preview', { 'content-type': XLSX, ...headers }, body)).body.file)
  const named = (file: string) => ({ 'xiangrong-file': file })
  const spooled = () => readdirSync(join(server.dataDir, 'uploads'))
  const owed = async (region: string) =>
    (await server.get(`/v1/distribution?measure=arrears.owed&region=${region}`)).rows[0]?.value

  test('is looked at again, judged and taken without being sent again; taken, it is there no more', async () => {
    const file = await keptOf(ledger('430702', 30))
    const seen = await ask('/preview', { ...named(file), ...columns })
    expect(seen.body).toMatchObject({ file, headerRow: 1 })
    expect(seen.body.columns[8]).toEqual({ title: '还差', field: 'owed', how: 'given' })
    expect(seen.body.rows).toHaveLength(20)
    const judged = await ask('?mode=validate', { ...named(file), ...columns })
    expect(judged.body).toMatchObject({ received: 30, accepted: 30 })
    expect(await owed('430702')).toBeUndefined()
    expect((await ask('', { ...named(file), ...columns })).body).toMatchObject({ received: 30, accepted: 30 })
    expect(await owed('430702')).toBe('3000.00')
    const again = await ask('', { ...named(file), ...columns })
    expect([again.status, again.body.code]).toEqual([410, 'gone'])
    expect(spooled()).toEqual([])
  })

  test('is there for the same request under its key, which gets the first answer', async () => {
    const file = await keptOf(ledger('430724', 3))
    const as = { ...named(file), ...columns, 'idempotency-key': 'lost answer' }
    const first = await ask('', as)
    expect(first.body).toMatchObject({ accepted: 3 })
    const again = await ask('', as)
    expect([again.status, again.body]).toEqual([200, first.body])
  })

  test.each([
    ['a CSV that is packed', 'text/csv', { 'content-encoding': 'gzip' }, 40],
    ['one too large for memory', 'text/csv', {}, 20_000],
  ])('is taken as it came: %s', async (_, type, encoding, rows) => {
    const region = rows === 40 ? '430703' : '430721'
    const wide = 'x'.repeat(480)
    const text = [
      `${ARREARS_HEAD.join()},备注`,
      ...Array.from({ length: rows }, (_, i) => `${row(`案-${i}`, region).join()},${wide}`),
    ].join('\n')
    const headers = { 'content-type': type, ...encoding }
    const file = await keptOf('content-encoding' in encoding ? gzipSync(text) : text, headers)
    const key = { 'idempotency-key': region }
    const first = await ask('', { ...named(file), ...key })
    expect(first.body).toMatchObject({ received: rows, accepted: rows })
    // The same bytes under the same key, sent as they are: the answer that was given.
    const again = await ask(
      '',
      { ...headers, ...key },
      'content-encoding' in encoding ? gzipSync(text) : text,
    )
    expect(again.body).toEqual(first.body)
  })

  test('is taken when nobody waits, and stays where nothing of it could be taken', async () => {
    const file = await keptOf(ledger('440306', 3))
    expect((await ask('', { ...named(file), ...columns })).status).toBe(403)
    expect((await ask('/preview', named(file))).status).toBe(200)
    const mine = await keptOf(ledger('430722', 3))
    const { status, body } = await ask('', { ...named(mine), ...columns, prefer: 'respond-async' })
    expect(status).toBe(202)
    await waitFor(async () => (await owed('430722')) === '300.00')
    expect(body.batch).toMatch(/^bat_/)
  })

  test('is named by its own sender for its own source alone; anybody else hears no more than that it is gone', async () => {
    const admin = await enterAdmin(server)
    const { client } = await enterPerson(server, admin, { username: 'second', role: 'administrator' })
    const other = await server.createSource({ name: 'other' })
    const second = await admin.ask(`/v1/sources/${source.id}/keys`, {})
    expect(second.status).toBe(201)
    const file = await keptOf(ledger('430723', 2))
    const byPerson = `/v1/sources/${source.id}/signals/arrears`
    const send = async (cookie: string, path: string, headers: Record<string, string>, body?: Uint8Array) =>
      replyOf(
        await fetch(`${server.url}${path}`, {
          method: 'POST',
          headers: { cookie, ...headers },
          ...(body && { body: body as RequestInit['body'] }),
        }),
      )
    const theirs = await send(
      admin.cookie,
      `${byPerson}/preview`,
      { 'content-type': XLSX },
      ledger('430723', 2),
    )
    expect(theirs.status).toBe(200)
    const refused = [
      await ask('/preview', named(file), undefined, other.key),
      await ask('', named(file), undefined, other.key),
      await ask('/preview', named(file), undefined, second.body.key),
      await send(admin.cookie, `${byPerson}/preview`, named(file)),
      await send(client.cookie, byPerson, named(theirs.body.file)),
      await ask('', named(theirs.body.file)),
      await ask('/preview', named('none')),
    ]
    expect(refused.map(({ status, body }) => [status, body.code, body.detail])).toEqual(
      refused.map(() => [410, 'gone', 'this file is not kept any more; send it again']),
    )
    expect((await send(admin.cookie, `${byPerson}/preview`, named(theirs.body.file))).status).toBe(200)
    expect((await ask('/preview', named(file))).status).toBe(200)
  })

  test('is named or sent, not both; one that cannot be read is not kept', async () => {
    const file = await keptOf(ledger('430724', 2))
    const both = await ask('', { ...named(file), 'content-type': XLSX }, ledger('430724', 2))
    expect([both.status, both.body.detail]).toEqual([400, expect.stringContaining('not both')])
    const before = spooled()
    expect((await ask('/preview', { 'content-type': XLSX }, 'no workbook')).status).toBe(400)
    expect(spooled()).toEqual(before)
  })

  test('is gone with the process that kept it', async () => {
    const file = await keptOf(ledger('430725', 2))
    expect(spooled()).not.toEqual([])
    await server.killAndRestart()
    expect(spooled()).toEqual([])
    expect((await ask('/preview', named(file))).status).toBe(410)
    await keptOf(ledger('430725', 2))
    const died = new Promise((resolve) => server.process.once('exit', resolve))
    server.process.kill('SIGTERM')
    await died
    expect(spooled()).toEqual([])
    await server.restart()
  })
})
