/**
 * A ClickHouse server for tests, as a process of its own: `node clickhouse-http.ts <directory> <port> <password>`.
 *
 * No npm package carries a ClickHouse server, so this puts ClickHouse's HTTP interface, as far as the official client uses
 * it, in front of the same engine embedded (chDB): the statement in the body or in `?query=`, `param_*` in the address or
 * as form fields, settings in the address, the data of an INSERT in the body, `/ping`, faults as text with their code and
 * `X-ClickHouse-Exception-Code`, and the limits of a server's defaults (1 MiB of address, 128 KiB of a bound value).
 *
 * What it does not prove: clusters and replicated tables; sessions, roles and quotas; compression and TLS; results that
 * are streamed while the statement runs (here it has ended before the answer begins); a server's own settings and their
 * limits; that a SET ends with its request (here it stays on the connection); HTTP peculiarities of the real server.
 */
import { rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import {
  type ClickHouseClient,
  type ClickHouseError,
  ClickHouseLogLevel,
  createClient,
} from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'

const CONNECTIONS = 6
const ADDRESS_BYTES_MAX = 1024 * 1024
const FIELD_BYTES_MAX = 128 * 1024
/** Of the address but no settings of the engine. */
const OF_HTTP = ['query', 'query_id', 'database', 'session_id', 'role', 'user', 'password']

const [directory = '', port = '', password = ''] = process.argv.slice(2)
const waiting: ((client: ClickHouseClient) => void)[] = []
const idle = Array.from({ length: CONNECTIONS }, () =>
  createClient({
    connection: createChdbConnection({ path: directory }) as never,
    log: { level: ClickHouseLogLevel.OFF },
  }),
)
await idle[0]?.command({ query: 'CREATE DATABASE IF NOT EXISTS xiangrong' })

createServer({ maxHeaderSize: 2 * ADDRESS_BYTES_MAX }, (request, response) => {
  handle(request, response).catch((error) => fail(response, error))
}).listen(Number(port), '127.0.0.1', () => console.log('clickhouse is ready'))

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  if (url.pathname === '/ping') return void response.end('Ok.\n')
  if (url.pathname !== '/') return void response.writeHead(404).end('There is no handle here')
  if ((request.url ?? '').length > ADDRESS_BYTES_MAX) return refuse(response, 414, 1000, 'URI Too Long')
  const given = request.headers.authorization
  if (given !== `Basic ${Buffer.from(`default:${password}`).toString('base64')}`)
    return refuse(response, 403, 516, 'default: Authentication failed. (AUTHENTICATION_FAILED)')
  // A sender that goes away in the middle of a body makes this reject: nothing is inserted.
  const body = await buffer(request)
  const isForm = request.headers['content-type']?.startsWith('multipart/form-data') ?? false
  const fields = isForm ? await fieldsOf(body, request.headers['content-type'] ?? '') : url.searchParams
  for (const value of fields.values())
    if (Buffer.byteLength(value) > FIELD_BYTES_MAX)
      return refuse(response, 400, 1000, 'HTML Form Exception: Field value too long')
  const inAddress = url.searchParams.get('query')
  const result = await withClient((client) =>
    run(client, {
      database: url.searchParams.get('database') ?? 'default',
      query: inAddress ?? (isForm ? (fields.get('query') ?? '') : body.toString()),
      values: inAddress === null ? null : body,
      settings: settingsOf(url.searchParams, fields),
    }),
  )
  response.writeHead(200, { 'content-type': 'text/plain; charset=UTF-8', 'x-clickhouse-summary': '{}' })
  response.end(result)
}

type Statement = {
  database: string
  query: string
  values: Buffer | null
  settings: Record<string, string>
}

async function run(client: ClickHouseClient, statement: Statement): Promise<Buffer> {
  await client.command({ query: `USE \`${statement.database}\`` })
  if (statement.values && statement.query.endsWith(' FORMAT RowBinary'))
    return await runBinary(client, statement)
  const { stream } = await client.exec({
    query: statement.query,
    clickhouse_settings: statement.settings,
    ...(statement.values && { values: Readable.from([statement.values]) }),
  } as Parameters<ClickHouseClient['exec']>[0])
  return await buffer(stream)
}

let binaries = 0

/** The embedded engine takes no binary body; the file is read with the structure of the table, as a server reads the body. */
async function runBinary(client: ClickHouseClient, { query, values, settings }: Statement): Promise<Buffer> {
  const path = `${directory}-body-${binaries++}`
  await writeFile(path, values ?? '')
  try {
    await client.command({
      query: query.replace(/ FORMAT RowBinary$/, ` SELECT * FROM file('${path}', RowBinary)`),
      clickhouse_settings: {
        ...settings,
        min_insert_block_size_rows: '1000000',
        min_insert_block_size_bytes: '0',
      },
    })
    return Buffer.alloc(0)
  } finally {
    await rm(path)
  }
}

/** Settings, and bound values as `SET param_x`, which the engine reads as a server does. */
function settingsOf(address: URLSearchParams, fields: URLSearchParams): Record<string, string> {
  const entries = [...address, ...(fields === address ? [] : fields)]
  return Object.fromEntries(
    entries
      .filter(([name]) => !OF_HTTP.includes(name))
      .map(([name, value]) => [name, value.replaceAll('\\', '\\\\')]),
  )
}

async function fieldsOf(body: Buffer, contentType: string): Promise<URLSearchParams> {
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': contentType },
  }).formData()
  return new URLSearchParams([...form].map(([name, value]): [string, string] => [name, String(value)]))
}

async function withClient<T>(use: (client: ClickHouseClient) => Promise<T>): Promise<T> {
  const client =
    idle.pop() ?? (await new Promise<ClickHouseClient>((resolve) => waiting.push((free) => resolve(free))))
  try {
    return await use(client)
  } finally {
    const next = waiting.shift()
    if (next) next(client)
    else idle.push(client)
  }
}

/** The embedded engine throws the error class of another copy of the client: it is known by what it carries. */
function fail(response: ServerResponse, error: unknown): void {
  const { code = '1002', type = 'UNKNOWN_EXCEPTION', message } = error as Partial<ClickHouseError>
  // 404 for an unknown table or database.
  refuse(response, ['60', '81'].includes(code) ? 404 : 500, Number(code), `${message} (${type})`)
}

function refuse(response: ServerResponse, status: number, code: number, message: string): void {
  response.writeHead(status, { 'X-ClickHouse-Exception-Code': String(code) })
  response.end(`Code: ${code}. DB::Exception: ${message} (version 26.7.1.1)\n`)
}
