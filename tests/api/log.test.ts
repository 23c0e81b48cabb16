import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../api/log.ts'
import { openTestStores } from '../support/stores.ts'

const MARKER = '测试甲430522198503150017'
let stores: Awaited<ReturnType<typeof openTestStores>>
let db: PGlite

beforeAll(async () => {
  stores = await openTestStores()
  db = await PGlite.create()
  await db.exec('CREATE TABLE people (name text UNIQUE, age integer CHECK (age < 200))')
  await db.query('INSERT INTO people VALUES ($1, 1)', [MARKER])
})
afterAll(async () => {
  await db.close()
  await stores.close()
})

const insertLine = (line: string) =>
  stores.engine.insert({ table: 'source_receipts_v1', columns: ['source', 'observations'], lines: [line] })

const FAULTS: Record<string, [() => Promise<unknown>, RegExp]> = {
  'a value that is no number': [() => db.query(`SELECT '${MARKER}'::int`), /invalid input syntax/],
  'a value that is no JSON': [
    () => db.query('SELECT ($1::text)::jsonb', [`{${MARKER}`]),
    /invalid input syntax/,
  ],
  'a value that is there already': [
    () => db.query('INSERT INTO people VALUES ($1, 2)', [MARKER]),
    /people_name_key/,
  ],
  'a row against a rule': [
    () => db.query('INSERT INTO people VALUES ($1, 201)', [`${MARKER}x`]),
    /people_age_check/,
  ],
  'a row that ClickHouse cannot read': [() => insertLine(JSON.stringify(['s', MARKER])), /parse/i],
  'an unknown name': [() => stores.engine.command(`SELECT '${MARKER}' + 1`), /type/i],
  'a text that is no JSON': [async () => JSON.parse(`{"name": "${MARKER}`), /JSON/],
}

test.each(Object.keys(FAULTS))('%s is logged with its reason and without the value', async (name) => {
  const [provoke, says] = FAULTS[name] ?? [async () => undefined, /never/]
  const error = await provoke().then(
    () => null,
    (cause: unknown) => cause,
  )
  expect(error).toBeInstanceOf(Error)
  let printed = ''
  const log = createLog({ write: (text) => (printed += text) })
  log.error({ err: error }, 'failed')
  log.error({ err: new Error('outer', { cause: error }) }, 'failed')
  expect(printed).toMatch(says)
  expect(printed).toContain('"at":["at ')
  expect(printed).not.toContain(MARKER)
  expect(printed).not.toContain('430522')
})
