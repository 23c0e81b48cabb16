import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

test('a body that comes slowly keeps no server from stopping in order', async () => {
  const { key } = await server.createSource()
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': '100000',
  }
  const slow = request(`${server.url}/v1/signals/arrears`, { method: 'POST', headers })
  slow.on('error', () => undefined)
  slow.write('[')
  await once(slow, 'socket')
  const stopped = once(server.process, 'exit')
  const fromMs = Date.now()
  server.process.kill('SIGTERM')
  expect(await stopped).toEqual([0, null])
  expect(Date.now() - fromMs).toBeLessThan(10_000)
})
