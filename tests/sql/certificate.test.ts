import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStores } from '#sql/open.ts'
import { openServer } from '#sql/server.ts'
import { storeFault } from '#sql/store-fault.ts'

/** A key is made for the occasion, where the machine can. */
const canMake = spawnSync('openssl', ['version']).status === 0

describe.skipIf(!canMake)('a store whose certificate is not trusted, or no more since midnight', () => {
  let root: string
  const servers: Server[] = []
  const urls = { clickhouseUrl: '', databaseUrl: '' }

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'xiangrong-'))
    const [keyFile, certFile] = [join(root, 'key.pem'), join(root, 'cert.pem')]
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-days', '1']
    spawnSync('openssl', [...made, '-keyout', keyFile, '-out', certFile])
    const own = { key: readFileSync(keyFile), cert: readFileSync(certFile) }
    const clickhouse = createHttps(own, (_request, response) => response.end('1\n'))
    // Postgres is asked for TLS in clear, and says "S".
    const postgres = createServer((socket) =>
      socket.once('data', () => {
        socket.write('S')
        new TLSSocket(socket, { isServer: true, ...own }).on('error', () => undefined)
      }),
    )
    for (const server of [clickhouse, postgres]) {
      servers.push(server.listen(0, '127.0.0.1'))
      await once(server, 'listening')
    }
    const portOf = (server: Server) => (server.address() as AddressInfo).port
    urls.clickhouseUrl = `https://127.0.0.1:${portOf(clickhouse)}/x`
    urls.databaseUrl = `postgres://u:p@127.0.0.1:${portOf(postgres)}/x?sslmode=verify-full`
  })
  afterAll(() => {
    for (const server of servers) server.close()
    rmSync(root, { recursive: true, force: true })
  })

  test.each(['clickhouseUrl', 'databaseUrl'] as const)(
    'stops the start in words that say so: %s',
    async (url) => {
      const opened = openStores({ dataDir: join(root, url), [url]: urls[url] })
      await expect(opened).rejects.toThrow(
        /_URL: the server's certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
      )
    },
  )

  test('is away while it lasts: what was sent is to be sent again', async () => {
    const error = await openServer(urls.clickhouseUrl).catch((cause: unknown) => cause)
    expect(storeFault(error)).toMatchObject({ code: 'store_away', retryAfterS: 5 })
  })
})
