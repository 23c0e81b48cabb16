import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { REASONS } from '#domain/reason.ts'
import { KINDS, type Kind } from '#domain/signal.ts'
import { type Reply, replyOf } from './post.ts'
import type { TestServer } from './server.ts'
import { arrears, idNumberFor, industry, worker } from './signals.ts'

const ROWS_PER_BODY_MAX = 500
const SENDERS = 4
/** Statuses that say what is wrong with a body, or that there is no room now. */
const REFUSALS = [400, 413, 422]
const PUT_OFF = [429, 503]

/** A body nobody should send. `rows` is how many it holds, `null` where what is broken leaves no number. */
type Malformed = { kind: Kind; type: string; isGzip: boolean; bytes: Buffer; rows: number | null }

/** What answers to malformed bodies came to; `faults` in words, none when all was as it must be. */
export type Malformation = {
  rows: number
  accepted: number
  rejected: number
  refused: number
  faults: string[]
}

const VALID: Record<Kind, (n: number) => Record<string, unknown>> = {
  workers: (n) => worker({ idNumber: idNumberFor(n), observedAt: OBSERVED }),
  arrears: (n) => arrears({ caseId: `case-${n}`, observedAt: OBSERVED }),
  industry: (n) => industry({ pointId: `point-${n}`, observedAt: OBSERVED }),
}
const OBSERVED = '2025-06-10T09:30:00+08:00'

const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`
const nestedObjects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
/** Texts that have broken programs before: halves of pairs, NUL, marks of direction, what looks like a number, a formula or code. */
const TEXTS = [
  ...[
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\udfff甲',
    '\ufeff',
    '\u202e430522',
    '\u2028',
    'e\u0301'.repeat(40),
    '👨‍👩‍👧‍👦',
  ],
  ...['__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN', '[object Object]', '{{7*7}}'],
  ...[
    "'; DROP TABLE sources; --",
    '=1+1',
    '@SUM(A1)',
    '../../etc/passwd',
    '%00',
    '\\',
    '"',
    '\r\n',
    '\t',
    ',;',
  ],
  ...[
    '１２３',
    '三万元',
    '1e400',
    '-0.00',
    '0x10',
    '1,000.00',
    '99999999999999999999',
    '4305',
    '430522999999',
    '000000',
  ],
  ...[
    '2026-13-45',
    '0000-00-00',
    '+275760-09-13T00:00:00Z',
    '2025-06-10T25:61:61Z',
    '1e3',
    '24:00',
    '2025-6-1',
  ],
  '长'.repeat(3_000),
]
/** The same in JSON: also what is no text, and texts written as JSON may write them. */
const TOKENS = [
  ...TEXTS.map((text) => JSON.stringify(text)),
  ...[
    'null',
    'true',
    '{}',
    '[]',
    '[null]',
    '0',
    '-0',
    '-1',
    '1.5',
    '1e400',
    '-1e400',
    '1e-400',
    '9007199254740993',
  ],
  ...[
    '"\\ud83d"',
    '{"__proto__":{"isAdmin":true}}',
    '[{"region":"430522","workers":1e99}]',
    '{"toString":1}',
  ],
  ...[nested(100), nested(6_000), nestedObjects(100), nestedObjects(6_000), `[${'0,'.repeat(400)}0]`],
]
const KEYS = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'then',
  'toJSON',
  '',
  ' ',
  'idnumber',
  '姓名',
  'a\u0000b',
  '键'.repeat(90),
]
const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: 'binary', maxLength: 12 }))
const token = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...TOKENS) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
)
/** What happens to a row: a field is replaced, left out or told twice, one is added, or the row is no object at all. */
const harm = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('replace' as const), at: fc.nat(), token, text }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('omit', 'repeat'), at: fc.nat(), token, text }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), at: fc.nat(), token, text }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('instead' as const), at: fc.nat(), token, text }) },
)
const rowHarms = fc.record({ n: fc.nat(5_000), harms: fc.array(harm, { maxLength: 3 }) })
type RowHarms = { n: number; harms: { do: string; at: number; token: string; text: string }[] }

function jsonRow(kind: Kind, { n, harms }: RowHarms): string {
  const fields = Object.entries(VALID[kind](n)).map(([key, value]) => [key, JSON.stringify(value)])
  for (const { do: what, at, token } of harms) {
    const i = at % Math.max(1, fields.length)
    const key = fields[i]?.[0] ?? 'x'
    if (what === 'instead') return token
    if (what === 'omit') fields.splice(i, 1)
    else if (what === 'replace') fields[i] = [key, token]
    else fields.push([what === 'repeat' ? key : (KEYS[at % KEYS.length] ?? ''), token])
  }
  return `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join()}}`
}

function csvRow(kind: Kind, header: readonly string[], { n, harms }: RowHarms): string {
  const row = VALID[kind](n)
  const cells = header.map((field) => String(row[field] ?? ''))
  for (const { do: what, at, text } of harms) {
    const i = at % cells.length
    if (what === 'omit') cells.splice(i, 1)
    else if (what === 'add') cells.push(text)
    else cells[i] = text
  }
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join()
}

/** A CSV in which columns are missing, doubled or unknown, in one body of three. */
function csvOf(kind: Kind, rows: readonly RowHarms[], column: number, text: string): string {
  const header = Object.keys(VALID[kind](0))
  const named = [...header]
  if (column % 9 === 0) named.splice(column % named.length, 1)
  if (column % 9 === 1) named[column % named.length] = named[0] ?? ''
  if (column % 9 === 2) named[column % named.length] = text
  const title = `"${named.join('","')}"`
  return [title, ...rows.map((row) => csvRow(kind, header, row))].join('\n')
}

/** Most bodies hold broken rows; some are themselves broken: cut off, or with bytes turned. */
const malformed: fc.Arbitrary<Malformed> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    type: fc.constantFrom('application/json', 'application/x-ndjson', 'text/csv'),
    isGzip: fc.boolean(),
    rows: fc.array(rowHarms, { minLength: 1, maxLength: ROWS_PER_BODY_MAX, size: 'max' }),
    column: fc.nat(),
    text,
    broken: fc.constantFrom('', '', '', '', '', '', '', 'cut', 'turned', 'turned inside'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    byte: fc.integer({ min: 1, max: 255 }),
  })
  .map(({ kind, type, isGzip, rows, column, text, broken, at, byte }) => {
    const json = () => rows.map((row) => jsonRow(kind, row))
    const written =
      type === 'text/csv'
        ? csvOf(kind, rows, column, text)
        : type === 'application/json'
          ? `[${json().join()}]`
          : json().join('\n')
    const turn = (bytes: Buffer) => {
      const i = Math.floor(at * (bytes.length - 1))
      bytes[i] = (bytes[i] ?? 0) ^ byte
    }
    const plain = Buffer.from(written)
    if (broken === 'turned inside') turn(plain)
    let bytes: Buffer = isGzip ? gzipSync(plain) : plain
    if (broken === 'turned') turn(bytes)
    if (broken === 'cut') bytes = bytes.subarray(0, Math.floor(at * bytes.length))
    // Blank lines of a CSV are no rows, and a turned quote may make one row of two.
    const isCountable = broken === '' && type !== 'text/csv'
    return { kind, type, isGzip, bytes, rows: isCountable ? rows.length : null }
  })

/** Sends so many malformed rows from several senders at once; the same ones for the same seed. Yields what came of each hundred bodies. */
export async function* sendMalformed(
  server: TestServer,
  source: { id: string; key: string },
  rows: number,
  seed: number,
): AsyncGenerator<Malformation> {
  const cookie = await server.signIn()
  for (let sent = 0, round = 0; sent < rows; round++) {
    const bodies = fc.sample(malformed, { numRuns: 100, seed: seed + round })
    const came: Malformation = { rows: 0, accepted: 0, rejected: 0, refused: 0, faults: [] }
    const left = bodies.values()
    const sender = async () => {
      for (const body of left) await sendOne(server, source.key, cookie, body, came)
    }
    await Promise.all(Array.from({ length: SENDERS }, sender))
    sent += came.rows
    yield came
  }
}

async function sendOne(server: TestServer, key: string, cookie: string, body: Malformed, came: Malformation) {
  const headers = {
    'content-type': body.type,
    authorization: `Bearer ${key}`,
    ...(body.isGzip ? { 'content-encoding': 'gzip' } : {}),
  }
  for (;;) {
    const reply = await replyOf(
      await fetch(`${server.url}/v1/signals/${body.kind}`, { method: 'POST', headers, body: body.bytes }),
    )
    if (PUT_OFF.includes(reply.status)) {
      await new Promise((resolve) => setTimeout(resolve, 1_000 * Number(reply.headers.get('retry-after'))))
      continue
    }
    const faults = reply.body?.received === undefined ? refusalFaults(reply) : answerFaults(reply, body)
    if (reply.body?.received === undefined) came.refused++
    else {
      came.accepted += reply.body.accepted + reply.body.unchanged
      came.rejected += reply.body.rejected
      if (reply.body.rejected > 200) faults.push(...(await keptFaults(server, cookie, reply)))
    }
    came.rows += reply.body?.received ?? body.rows ?? 0
    const told = `${body.kind} ${body.type}${body.isGzip ? ' packed' : ''}, ${body.bytes.length} bytes`
    const logged = server
      .output()
      .split('\n')
      .findLast((line) => line.includes('"level":50'))
    came.faults.push(...faults.map((fault) => `${told}: ${fault}${logged ? `; last logged ${logged}` : ''}`))
    return
  }
}

/** A body that is refused whole says why, in the words of the contract. */
function refusalFaults({ status, text, body, headers }: Reply): string[] {
  if (!REFUSALS.includes(status)) return [`answered ${status} ${text.slice(0, 300)}`]
  const isProblem = headers.get('content-type') === 'application/problem+json'
  return isProblem && body?.code && body.detail ? [] : [`refused without a reason: ${text.slice(0, 300)}`]
}

/** Every row is accounted for, and what was rejected is named by row and reason. */
function answerFaults({ status, text, body }: Reply, sent: Malformed): string[] {
  const { received, accepted, unchanged, rejected, errors } = body
  const faults: string[] = []
  const wrong = (fault: string) => faults.push(`${fault}: ${text.slice(0, 300)}`)
  if (status !== (accepted + unchanged > 0 ? 200 : 422)) wrong(`answered ${status}`)
  if (accepted + unchanged + rejected !== received) wrong('rows are missing')
  if (sent.rows !== null && received !== sent.rows) wrong(`${sent.rows} rows were sent`)
  const named = new Set(errors.map((error: any) => error.row))
  // The answer names the first hundred faults; a row may have several.
  if (errors.length < 100 ? named.size !== rejected : named.size > rejected)
    wrong('not every rejected row is named')
  for (const { row, path, code, message } of errors)
    if (!(row >= 1 && row <= received && typeof path === 'string' && code in REASONS && message))
      wrong(`fault without place or reason ${row} ${path} ${code}`)
  return faults
}

/** All of the rejected rows are kept, each with its reasons, and can be given back in every form. */
async function keptFaults(server: TestServer, cookie: string, { body }: Reply): Promise<string[]> {
  const sheets = ['json', 'csv', 'xlsx'].map((form) => `/v1/batches/${body.batch}/errors.${form}`)
  const lists = [`/v1/quarantine?batch=${body.batch}&cells=true`]
  const why = { method: 'POST', body: JSON.stringify({ reason: '核对全部退回行' }) }
  const answers = await Promise.all([
    ...sheets.map((path) => fetch(`${server.url}${path}`, { ...why, headers: { cookie } })),
    ...lists.map((path) => fetch(`${server.url}${path}`, { headers: { cookie } })),
  ])
  const faults = answers
    .filter(({ status }) => status !== 200)
    .map(({ status, url }) => `${new URL(url).pathname} answered ${status}`)
  const kept: any = await answers[0]?.json()
  const rows = (kept?.rows ?? []).filter((row: any) => row.errors.length > 0)
  if (rows.length !== body.rejected) faults.push(`${rows.length} of ${body.rejected} rejected rows are kept`)
  await Promise.all(answers.slice(1).map((answer) => answer.arrayBuffer()))
  return faults
}
