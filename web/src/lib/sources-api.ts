import { z } from 'zod'
import { Batch, LeftOut } from '#domain/batch.ts'
import { Kind } from '#domain/signal.ts'
import type { Lang } from '#domain/text.ts'
import { ApiError, addressOf, patch, post, postForFile, put, read } from './api.ts'

/** A source and how it sends, as the server answers it. */
const SourceState = z.object({
  id: z.string(),
  name: z.string(),
  kinds: z.array(Kind),
  region: z.string(),
  dueEvery: z.enum(['day', 'month']).nullable(),
  graceHours: z.int(),
  lastReceivedAt: z.string().nullable(),
  newestObservedAt: z.string().nullable(),
  isSilent: z.boolean(),
  last30Days: z.object({
    batches: z.int(),
    received: z.int(),
    rejected: z.int(),
    rejectedShare: z.number().nullable(),
  }),
  keys: z.object({ active: z.int(), toRenewAt: z.string().nullable() }),
})
export type SourceState = z.infer<typeof SourceState>

/** Title → field; `null` leaves the column out. */
export type Mapping = Readonly<Record<string, string | null>>

/** How a file would be read, with its first rows judged. */
const Preview = z.object({
  sheets: z.array(z.string()).nullable(),
  headerRow: z.int().nullable(),
  columns: z.array(
    z.object({
      title: z.string(),
      field: z.string().nullable(),
      how: z
        .enum([
          'exact',
          'normalised',
          'synonym',
          'joined',
          'given',
          'remembered',
          'ignored',
          'ambiguous',
          'total',
          'running',
          'scaled',
          'unknown',
        ])
        .catch('unknown'),
    }),
  ),
  leftOut: LeftOut,
  hiddenRows: z.int(),
  rows: z.array(
    z.object({
      row: z.int(),
      values: z.array(z.string()),
      /** What is read of cells that do not say so themselves, by their place among the values. */
      read: z.array(z.object({ column: z.int(), value: z.string() })),
      faults: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
    }),
  ),
  /** What the server keeps this file by for a while; `null` where it does not. */
  file: z.string().nullable(),
})
export type Preview = z.infer<typeof Preview>

const at = (source: string) => `/v1/sources/${encodeURIComponent(source)}`

/** Sources, what they sent, and sending in their name. */
export const sourcesApi = {
  sources: () => read('/v1/sources', {}, z.object({ sources: z.array(SourceState) })),
  create: (source: { name: string; kinds: Kind[]; region: string; dueEvery: 'day' | 'month' | null }) =>
    post('/v1/sources', source, z.object({ id: z.string(), key: z.string() })),
  changeDue: (source: string, due: { dueEvery: 'day' | 'month' | null; graceHours?: number }) =>
    patch(at(source), due, z.unknown()),
  batches: (source: string, limit: number, before?: string) =>
    read(`${at(source)}/batches`, { limit, before }, z.object({ batches: z.array(Batch) })),
  batch: (batch: string) => read(`/v1/batches/${encodeURIComponent(batch)}`, {}, Batch),
  /** The rejected rows of a batch in clear, with what is wrong; the reason is in the audit log before they come. */
  faultSheet: (batch: string, form: 'xlsx' | 'csv', lang: Lang, reason: string) =>
    postForFile(`/v1/batches/${encodeURIComponent(batch)}/errors.${form}?lang=${lang}`, { reason }),
  /** Takes a batch back; asked again, goes on with what broke off. */
  withdraw: (batch: string, reason: string) =>
    post(`/v1/batches/${encodeURIComponent(batch)}/withdraw`, { reason }, z.object({ batch: z.string() })),
}

/** A file on its way: whose it is, what it holds, and how its columns are read. */
export type Sending = {
  source: string
  kind: Kind
  file: Blob
  /** What the server may keep this very file by, from a preview of it: then it need not go up again. */
  kept: string | null
  type: string
  sheet: string | null
  /** Whether hidden and filtered rows are not taken. */
  leavesHidden: boolean
  /** What somebody said about columns; `{}` where the server finds them by itself. */
  columns: Mapping
  lang: string
}

/** What of a sheet is read, as it stands in the address; which sheet does not, as it may be named after a person. */
const partOf = ({ leavesHidden }: Sending) => ({ hiddenRows: leavesHidden ? 'leaveOut' : undefined })

/** The first rows of a file, judged. @throws ApiError. */
export async function readPreview(sending: Sending, signal: AbortSignal): Promise<Preview> {
  const address = addressOf(`${at(sending.source)}/signals/${sending.kind}/preview`, partOf(sending))
  return await handOver(address, sending, {}, Preview, signal, () => undefined)
}

/** Hands over a file without waiting for its rows; the batch to look at. `sent` hears of bytes. @throws ApiError. */
export async function sendFile(
  sending: Sending,
  mode: 'commit' | 'validate',
  signal: AbortSignal,
  sent: (share: number) => void,
): Promise<string> {
  const address = addressOf(`${at(sending.source)}/signals/${sending.kind}`, { mode, ...partOf(sending) })
  const headers = { prefer: 'respond-async' }
  return (await handOver(address, sending, headers, z.object({ batch: z.string() }), signal, sent)).batch
}

/** Remembers how the columns of such a file are read. @throws ApiError. */
export async function rememberColumns(
  { source, kind, columns }: Sending,
  titles: readonly string[],
): Promise<void> {
  await put(`${at(source)}/signals/${kind}/columns`, { titles, columns }, z.unknown())
}

const Problem = z.object({ code: z.string(), detail: z.string() }).partial()

/** Names the file where the server may keep it, and sends it where it does not, or no more. */
async function handOver<T>(
  address: string,
  sending: Sending,
  headers: Record<string, string>,
  schema: z.ZodType<T>,
  signal: AbortSignal,
  sent: (share: number) => void,
): Promise<T> {
  if (sending.kept !== null)
    try {
      sent(1)
      const naming = { ...headers, 'xiangrong-file': sending.kept }
      return await transfer(address, sending, null, naming, schema, signal, sent)
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'gone')) throw error
    }
  return await transfer(address, sending, sending.file, headers, schema, signal, sent)
}

/** XMLHttpRequest, as `fetch` cannot say how much of a body has gone; the file goes from the disk as it is. */
function transfer<T>(
  address: string,
  { type, sheet, columns, lang }: Sending,
  body: Blob | null,
  headers: Record<string, string>,
  schema: z.ZodType<T>,
  signal: AbortSignal,
  sent: (share: number) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', address)
    request.setRequestHeader('content-type', type)
    request.setRequestHeader('accept-language', lang)
    if (Object.keys(columns).length > 0)
      request.setRequestHeader('xiangrong-columns', encodeURIComponent(JSON.stringify(columns)))
    if (sheet !== null) request.setRequestHeader('xiangrong-sheet', encodeURIComponent(sheet))
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => sent(event.total > 0 ? event.loaded / event.total : 0)
    request.onerror = () => reject(new ApiError(0, 'offline', 'No connection'))
    request.onabort = () => reject(new ApiError(0, 'aborted', 'Stopped'))
    request.onload = () => {
      const answer = jsonOf(request.responseText)
      const parsed = schema.safeParse(answer)
      if (request.status < 300 && parsed.success) return resolve(parsed.data)
      const problem = Problem.safeParse(answer).data ?? {}
      reject(
        request.status < 300
          ? new ApiError(0, 'unreadable', `${address}: the answer is not as expected`, parsed.error)
          : new ApiError(request.status, problem.code ?? 'http', problem.detail ?? request.statusText),
      )
    }
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(body)
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
