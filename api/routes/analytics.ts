import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { Answer, Dimension, MEASURES, MeasureId, measureFor } from '#domain/measure.ts'
import { describeRoute, json, type Operation, text } from '#domain/operation.ts'
import type { Scope } from '#domain/scope.ts'
import { INTERVALS } from '#domain/time.ts'
import { AskParams, askOf, readQuery, sendAnswer } from '../http.ts'
import { rejectBeyondBoard } from '../identity/board.ts'
import { type Gate, requireRight } from '../identity/gate.ts'
import type { Measures } from '../measures/answers.ts'
import { answerExample } from '../openapi/examples.ts'

const SeriesParams = AskParams.extend({
  interval: z
    .enum(INTERVALS, `must be ${INTERVALS.join(', ')}`)
    .default('day')
    .meta({ zh: '时间粒度', en: 'Length of a bucket', example: 'month' }),
})
const FlowsParams = AskParams.extend({
  level: z
    .enum(['province', 'city', 'county'], 'must be province, city or county')
    .default('city')
    .meta({ zh: '流出地与流入地的级别', en: 'Level of the places', example: 'province' }),
})
const Text = z.object({ zh: z.string(), en: z.string() })
const Catalogue = z.object({
  measures: z.array(
    z.object({
      id: MeasureId,
      kind: z.enum(['stock', 'flow']),
      unit: z.string(),
      signal: z.string(),
      dimensions: z.array(Dimension),
      role: z.enum(['home', 'work']),
      rise: z.enum(['good', 'bad', 'neutral']),
      title: Text,
      definition: Text,
    }),
  ),
})

/** What the three shapes of an answer have in common. */
const asking = (columns: string, row: Answer['rows'][number]): Omit<Operation, 'summary'> => ({
  chapter: 'analytics',
  description: {
    zh: '没有任何报送的分组不出现；确为零的分组以 0 出现。任职所及之外如同无人报送：答复不含其行，也不作区分。无个案权限者，少于 hidesBelow 人的值为 null 且 hidden 为 true，其余人数取其倍数。',
    en: 'A group nobody reported on is absent; one that is truly zero is there with 0. What lies beyond one’s posts is as if nobody had reported it: there are no rows of it, and nothing tells the two apart. For who may not see individuals, values of fewer than hidesBelow persons are null with hidden true, and other counts of persons are multiples of it.',
  },
  access: 'viewer',
  right: 'figures.read',
  query: AskParams,
  answers: {
    200: {
      ...json(Answer, answerExample([row])),
      ...text('text/csv', `\ufeff${columns},value (persons)\r\n${Object.values(row).join(',')}\r\n`),
    },
  },
})

/** The catalogue and the three shapes of an answer. */
export function analyticsRoutes(deps: { measures: Measures; gate: Gate }) {
  /** What is asked, by whoever may. `splitBy`: what the answer is split by where `by` does not say. */
  async function askedBy<T extends typeof AskParams>(
    c: Context,
    schema: T,
    splitBy: (params: z.infer<T>) => readonly Dimension[] | undefined = ({ by }) => by,
  ): Promise<{ scope: Scope; params: z.infer<T> }> {
    const { viewer, scope } = await deps.gate.see(c.req.raw.headers, 'figures.read')
    const params = readQuery(c, schema)
    if (params.format === 'csv') requireRight(viewer.access, 'figures.export')
    rejectBeyondBoard(viewer, { ...params, by: splitBy(params) })
    return { scope, params }
  }

  return new Hono()
    .get(
      '/measures',
      describeRoute({
        chapter: 'analytics',
        summary: { zh: '指标目录', en: 'The measures there are' },
        access: 'viewer',
        right: 'figures.read',
        answers: { 200: json(Catalogue, { measures: [measureFor('arrears.workers')] }) },
      }),
      async (c) => {
        await deps.gate.see(c.req.raw.headers, 'figures.read')
        return c.json({ measures: Object.keys(MEASURES).map((id) => measureFor(id as MeasureId)) })
      },
    )
    .get(
      '/distribution',
      describeRoute({
        ...asking('work.county', { 'work.county': '430503', value: 46 }),
        summary: {
          zh: '某一时点或时段，按维度分布',
          en: 'A measure split by dimensions, at an instant or over a span',
        },
      }),
      async (c) => {
        const { scope, params } = await askedBy(c, AskParams)
        return sendAnswer(
          c,
          await deps.measures.distribution(scope, askOf(params, Date.now())),
          params.by ?? [],
          params.format,
        )
      },
    )
    .get(
      '/series',
      describeRoute({
        ...asking('t,work.county', {
          t: '2026-08-01T00:00:00.000+08:00',
          'work.county': '430503',
          value: 46,
        }),
        summary: { zh: '按时间的序列', en: 'A measure over time' },
        query: SeriesParams,
      }),
      async (c) => {
        const { scope, params } = await askedBy(c, SeriesParams)
        return sendAnswer(
          c,
          await deps.measures.series(scope, askOf(params, Date.now()), params.interval),
          ['t', ...(params.by ?? [])],
          params.format,
        )
      },
    )
    .get(
      '/flows',
      describeRoute({
        ...asking('home,work', { home: '43', work: '44', value: 46 }),
        summary: { zh: '从户籍地到务工地的流向', en: 'From home to work region' },
        query: FlowsParams,
      }),
      async (c) => {
        const { scope, params } = await askedBy(c, FlowsParams, ({ level }) => [
          `home.${level}`,
          `work.${level}`,
        ])
        return sendAnswer(
          c,
          await deps.measures.flows(scope, askOf(params, Date.now()), params.level),
          ['home', 'work'],
          params.format,
        )
      },
    )
}
