import { Hono } from 'hono'
import { z } from 'zod'
import { MEASURES, type MeasureId, measureFor } from '#domain/measure.ts'
import { INTERVALS } from '#domain/time.ts'
import { AskParams, askOf, readQuery, sendAnswer } from '../http.ts'
import type { Gate } from '../identity/gate.ts'
import type { Measures } from '../measures/answers.ts'

const SeriesParams = AskParams.extend({
  interval: z.enum(INTERVALS, `must be ${INTERVALS.join(', ')}`).default('day'),
})
const FlowsParams = AskParams.extend({
  level: z.enum(['province', 'city', 'county'], 'must be province, city or county').default('city'),
})

/** The catalogue and the three shapes of an answer. */
export function analyticsRoutes(deps: { measures: Measures; gate: Gate }) {
  return new Hono()
    .get('/measures', async (c) => {
      await deps.gate.viewer(c.req.raw.headers)
      return c.json({ measures: Object.keys(MEASURES).map((id) => measureFor(id as MeasureId)) })
    })
    .get('/distribution', async (c) => {
      await deps.gate.viewer(c.req.raw.headers)
      const params = readQuery(c, AskParams)
      return sendAnswer(
        c,
        await deps.measures.distribution(askOf(params, Date.now())),
        params.by ?? [],
        params.format,
      )
    })
    .get('/series', async (c) => {
      await deps.gate.viewer(c.req.raw.headers)
      const params = readQuery(c, SeriesParams)
      return sendAnswer(
        c,
        await deps.measures.series(askOf(params, Date.now()), params.interval),
        ['t', ...(params.by ?? [])],
        params.format,
      )
    })
    .get('/flows', async (c) => {
      await deps.gate.viewer(c.req.raw.headers)
      const params = readQuery(c, FlowsParams)
      return sendAnswer(
        c,
        await deps.measures.flows(askOf(params, Date.now()), params.level),
        ['home', 'work'],
        params.format,
      )
    })
}
