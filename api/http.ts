import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { z } from 'zod'
import { csvLine } from '#domain/csv.ts'
import { AppError, type ErrorCode } from '#domain/error.ts'
import { type Answer, Dimension, MeasureId } from '#domain/measure.ts'
import { maskIdentifiers } from '#domain/person.ts'
import { canonicalRegion } from '#domain/region.ts'
import { Sector } from '#domain/sector.ts'
import { storableText } from '#domain/text.ts'
import { DAY_MS, parseInstant } from '#domain/time.ts'

/** How each code is answered over HTTP. */
export const HTTP_FAULTS: Record<
  ErrorCode,
  { status: 400 | 401 | 403 | 404 | 405 | 408 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 503; title: string }
> = {
  bad_request: { status: 400, title: 'Bad Request' },
  unauthenticated: { status: 401, title: 'Unauthorized' },
  forbidden: { status: 403, title: 'Forbidden' },
  second_factor_missing: { status: 403, title: 'Forbidden' },
  not_found: { status: 404, title: 'Not Found' },
  method_not_allowed: { status: 405, title: 'Method Not Allowed' },
  conflict: { status: 409, title: 'Conflict' },
  changed_since: { status: 409, title: 'Conflict' },
  gone: { status: 410, title: 'Gone' },
  too_slow: { status: 408, title: 'Request Timeout' },
  too_large: { status: 413, title: 'Content Too Large' },
  unsupported_media: { status: 415, title: 'Unsupported Media Type' },
  unprocessable: { status: 422, title: 'Unprocessable Content' },
  period_locked: { status: 422, title: 'Unprocessable Content' },
  queue_full: { status: 429, title: 'Too Many Requests' },
  too_often: { status: 429, title: 'Too Many Requests' },
  store_away: { status: 503, title: 'Service Unavailable' },
  bad_setting: { status: 500, title: 'Internal Server Error' },
  directory_in_use: { status: 500, title: 'Internal Server Error' },
  migration_edited: { status: 500, title: 'Internal Server Error' },
  migration_newer: { status: 500, title: 'Internal Server Error' },
}

/** An AppError as RFC 9457 `application/problem+json`; in Chinese where that is asked for and there is such a text. */
export function problem(c: Context, error: AppError): Response {
  const { status, title } = HTTP_FAULTS[error.code]
  if (error.retryAfterS !== null) c.header('Retry-After', String(error.retryAfterS))
  if (status === 408) c.header('Connection', 'close')
  if (status === 401) c.header('WWW-Authenticate', 'Bearer')
  const isChinese = /^zh\b/i.test(c.req.header('accept-language') ?? '')
  const detail = (isChinese ? error.zh : null) ?? error.message
  return c.body(JSON.stringify({ type: 'about:blank', title, status, code: error.code, detail }), status, {
    'content-type': 'application/problem+json',
  })
}

/** Where a request came from: the address of its connection, or of whom a trusted proxy stands for. */
export function addressOf(c: Context): string {
  return c.get('address') ?? getConnInfo(c).remote.address ?? 'unknown'
}

/** The parsed query string. @throws AppError `bad_request` that names the parameter and what it must be. */
export function readQuery<T extends z.ZodType>(c: Context, schema: T): z.infer<T> {
  return parsed(schema.safeParse(c.req.query()))
}

/** The parsed JSON body. @throws AppError `bad_request`. */
export async function readBody<T extends z.ZodType>(c: Context, schema: T): Promise<z.infer<T>> {
  let body: unknown
  try {
    body = JSON.parse(await c.req.text(), (_key, value) =>
      typeof value === 'string' ? storableText(value) : value,
    )
  } catch {
    throw new AppError('bad_request', 'the body is not valid JSON')
  }
  return parsed(schema.safeParse(body))
}

function parsed<T>(result: { success: true; data: T } | { success: false; error: z.ZodError }): T {
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new AppError(
    'bad_request',
    `${issue?.path.join('.') || 'the request'}: ${issue?.message ?? 'is not valid'}`,
  )
}

/** An instant parameter: ISO 8601 with offset, or a date or date-time of Asia/Shanghai; milliseconds. */
export const InstantParam = z.string().transform((text, context) => {
  // A "+08:00" that was not escaped arrives as a space.
  const ms = parseInstant(text.replace(/ (\d{2}:\d{2})$/, '+$1'))
  if (ms === null)
    context.addIssue({
      code: 'custom',
      message: 'must be a time like 2026-11-24T09:30:00+08:00 or a date like 2026-11-24',
    })
  return ms ?? 0
})
/** What a DateTime64 of the engine can hold, with room for an interval on both sides. */
const COUNTED_YEARS = { fromMs: Date.UTC(1901, 0, 1), untilMs: Date.UTC(2200, 0, 1) }
const instantParam = (zh: string, en: string, example: string) =>
  InstantParam.refine(
    (ms) => ms >= COUNTED_YEARS.fromMs && ms < COUNTED_YEARS.untilMs,
    'must lie in the years 1901 to 2199',
  )
    .meta({ zh, en, example })
    .optional()

export const RegionParam = z
  .string()
  .transform((text, context) => {
    const code = canonicalRegion(text)
    if (code === null) context.addIssue({ code: 'custom', message: 'is not a region code of GB/T 2260' })
    return code as string | null
  })
  .meta({
    zh: '行政区划代码（GB/T 2260），含其下级',
    en: 'Region code of GB/T 2260, with all that lies in it',
    example: '4305',
  })

const byList = z
  .string()
  .transform((text, context) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part.length > 0)
      .flatMap((part) => {
        const dimension = Dimension.safeParse(part)
        if (!dimension.success)
          context.addIssue({
            code: 'custom',
            message: `${maskIdentifiers(part.slice(0, 40))} is not a dimension; use ${Dimension.options.join(', ')}`,
          })
        return dimension.success ? [dimension.data] : []
      }),
  )
  .meta({
    zh: '按哪些维度分组，以逗号分隔',
    en: 'Dimensions to split by, between commas',
    type: 'array',
    items: { type: 'string', enum: Dimension.options },
    example: ['work.county'],
  })

/** Parameters shared by the analytics endpoints. `at` defaults to now, `from`…`to` to the last 30 days. */
export const AskParams = z.object({
  measure: z
    .string()
    .transform((text, context) => {
      const id = MeasureId.safeParse(text)
      if (!id.success)
        context.addIssue({ code: 'custom', message: `must be one of ${MeasureId.options.join(', ')}` })
      return id.data ?? 'workers.count'
    })
    .meta({ zh: '指标', en: 'Measure', enum: MeasureId.options, example: 'arrears.workers' }),
  by: byList.optional(),
  region: RegionParam.optional(),
  role: z.enum(['home', 'work'], 'must be home or work').optional().meta({
    zh: '行政区划指户籍地还是务工地；默认依指标',
    en: 'Whether the region is where people are registered or where they work; by default as the measure has it',
    example: 'work',
  }),
  sector: Sector.optional().meta({ zh: '行业门类（GB/T 4754）', en: 'Sector of GB/T 4754', example: 'E' }),
  at: instantParam('存量的时点；默认现在', 'The instant of a stock; now by default', '2026-09-01'),
  from: instantParam(
    '流量或序列的起点（含）；默认 30 天前',
    'Start of a flow or series, in it; by default 30 days before its end',
    '2026-08-01',
  ),
  to: instantParam(
    '流量或序列的终点（不含）；默认现在',
    'End of a flow or series, not in it; now by default',
    '2026-09-01',
  ),
  knownAt: instantParam(
    '只计此刻之前收到的数据：当时看到的数',
    'Count only what was received by then: the number as it was known',
    '2026-10-01T00:00:00+08:00',
  ),
  format: z.enum(['json', 'csv'], 'must be json or csv').default('json').meta({
    zh: '答复的格式',
    en: 'Form of the answer',
    example: 'json',
  }),
})

/** The parameters as the counting asks for them. */
export function askOf(params: z.infer<typeof AskParams>, nowMs: number) {
  const toMs = params.to ?? params.at ?? nowMs
  return {
    measure: params.measure,
    by: params.by ?? [],
    region: params.region ?? null,
    role: params.role ?? null,
    sector: params.sector ?? null,
    atMs: params.at ?? params.to ?? nowMs,
    fromMs: params.from ?? toMs - 30 * DAY_MS,
    toMs,
    knownAtMs: params.knownAt ?? null,
  }
}

/** In a file, in place of a value that is not shown: no number stands there, as what is hidden may be any. */
const HIDDEN = 'hidden'

/** An answer as JSON, or as CSV with one column a dimension and the value last. */
export function sendAnswer(c: Context, answer: Answer, columns: readonly string[], format: 'json' | 'csv') {
  if (format === 'json') return c.json(answer)
  const lines = [
    [...columns, `value (${answer.unit})`],
    ...answer.rows.map((row) => [...columns.map((column) => row[column]), row.hidden ? HIDDEN : row.value]),
  ]
  return c.body(`\ufeff${lines.map(csvLine).join('\r\n')}\r\n`, 200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${answer.measure}.csv"`,
  })
}
