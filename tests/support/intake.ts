import { afterAll, beforeAll } from 'vitest'
import { post, type Reply, replyOf, type Sent } from './post.ts'
import { startServer, type TestServer } from './server.ts'

/** A server for the tests around, begun and stopped with them, and one source of its own with what is sent and asked by its key. */
export function openIntake(source: Record<string, unknown> = {}) {
  let server: TestServer
  let key: string
  beforeAll(async () => {
    server = await startServer()
    key = (await server.createSource(source)).key
  })
  afterAll(() => server.stop())
  return {
    get server() {
      return server
    },
    get key() {
      return key
    },
    post: (kind: string, body: Parameters<typeof post>[3], sent?: Sent) =>
      post(server, kind, key, body, sent),
    ask: async (path: string, headers: Record<string, string> = {}): Promise<Reply> =>
      await replyOf(
        await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}`, ...headers } }),
      ),
  }
}
