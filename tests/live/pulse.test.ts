import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Pulse } from '#domain/live-events.ts'
import { everythingFor } from '#domain/scope.ts'
import type { Engine } from '#sql/engine.ts'
import { PulseMaker } from '../../api/live/pulse.ts'
import { Measures } from '../../api/measures/answers.ts'
import { type Commit, commitTo } from '../support/commit.ts'
import { waitFor } from '../support/server.ts'
import { worker } from '../support/signals.ts'
import { openTestStores } from '../support/stores.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>
let commit: Commit

beforeAll(async () => {
  stores = await openTestStores()
  commit = commitTo(stores)
})
afterAll(() => stores.close())

test('what could not be worked out is told by the next try: its kind has still changed', async () => {
  await commit('workers', [worker()])
  let fails = 1
  const engine: Engine = {
    ...stores.engine,
    query: async (query, params) => {
      if (query.name === 'measure workers.count' && fails-- > 0) throw new Error('too many queries')
      return await stores.engine.query(query, params)
    },
  }
  const [sent, failures]: [Pulse[], unknown[]] = [[], []]
  const pulse = new PulseMaker({
    engine: stores.engine,
    measures: new Measures(engine, stores.postgres, 'a key of the test'),
    send: (value) => sent.push(value),
    failed: (error) => failures.push(error),
    worked: () => undefined,
    watchers: () => [everythingFor('a test')],
  })
  pulse.ring()
  await waitFor(() => sent.length > 0)
  pulse.close()
  expect(failures).toEqual([new Error('too many queries')])
  expect(sent).toMatchObject([
    { changed: ['workers'], values: { 'workers.count': 1, 'workers.outOfProvince': 1 } },
  ])
})
