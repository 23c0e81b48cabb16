import type { TestServer } from './server.ts'

/** An answer as it came, and its body read as JSON (`null` when it is none). */
export type Reply = { status: number; headers: Headers; text: string; body: any }

export type Sent = { query?: string; headers?: Record<string, string> }

/** Posts a body to `/v1/signals/{kind}` as it is: text, bytes or a stream; JSON unless a header says otherwise. */
export async function post(
  server: TestServer,
  kind: string,
  key: string | null,
  body: string | Uint8Array | ReadableStream,
  sent: Sent = {},
): Promise<Reply> {
  const response = await fetch(`${server.url}/v1/signals/${kind}${sent.query ?? ''}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...sent.headers,
    },
    body: body as RequestInit['body'],
    duplex: 'half',
  } as RequestInit)
  return await replyOf(response)
}

/** Asks for `/v1{path}` as a source by its key or a person by the cookie, with a JSON body where there is one. */
export async function askAs(
  server: TestServer,
  who: { key: string } | { cookie: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<Reply> {
  const headers = 'key' in who ? { authorization: `Bearer ${who.key}` } : { cookie: who.cookie }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  return await replyOf(await fetch(`${server.url}/v1${path}`, { method, headers, ...sent }))
}

/** The faults of an answer, each as "row path code". */
export const codesOf = (reply: { body: any }): string[] =>
  reply.body.errors.map((error: any) => `${error.row} ${error.path} ${error.code}`)

/** What a source has of a measure; `null` where it has nothing. */
export async function totalOf(server: TestServer, measure: string, source: string, cookie: string) {
  const { rows } = await server.get(`/v1/distribution?measure=${measure}&by=source`, cookie)
  return rows.find((row: any) => row.source === source)?.value ?? null
}

export async function replyOf(response: Response): Promise<Reply> {
  // A byte-order mark stays in the text, so that tests can see it.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer())
  const isJson = (response.headers.get('content-type') ?? '').includes('json')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : null,
  }
}

/** What is counted now, of all three kinds: two equal answers mean that nothing was added, lost or changed. */
export async function readCounts(server: TestServer): Promise<Record<string, unknown>> {
  const asks = [
    'measure=workers.count&by=status,source,employer',
    'measure=arrears.owed&by=status,source',
    'measure=industry.headcount&by=source',
  ]
  const answers = await Promise.all(asks.map((ask) => server.get(`/v1/distribution?${ask}`)))
  return Object.fromEntries(answers.map((answer, i) => [asks[i], answer.rows]))
}
