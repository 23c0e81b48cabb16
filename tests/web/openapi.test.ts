import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { curlOf, isFound, type Told, typeText } from '../../web/src/lib/openapi.ts'

const told = (over: Partial<Told> = {}): Told => ({
  method: 'post',
  path: '/v1/alerts/{id}/actions',
  operationId: 'postAlertsIdActions',
  tags: ['alerts'],
  summary: '签收或批注',
  'x-summary-en': 'Acknowledge or comment',
  security: [{ session: [] }],
  parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' }, example: 'alt_1' }],
  responses: {},
  ...over,
})

describe('the command of an operation', () => {
  /** What a shell hands to curl. */
  const argumentsOf = (command: string): string[] =>
    execFileSync('bash', ['-c', command.replace(/^curl/, "printf '%s\\n'")], { encoding: 'utf8' })
      .trimEnd()
      .split('\n')

  test('keeps an example with quotes and dollars as it is', () => {
    const note = `it's "$HOME" \`x\``
    const command = curlOf(
      told({
        requestBody: { content: { 'application/json': { schema: {}, examples: { one: { value: note } } } } },
      }),
      'http://localhost:8080',
    )
    expect(argumentsOf(command)).toEqual([
      '-X',
      'POST',
      'http://localhost:8080/v1/alerts/alt_1/actions',
      '-b',
      'jar',
      '-H',
      'content-type: application/json',
      '-d',
      note,
    ])
  })

  test('asks with the parameters that must be there, and with the key where one is needed', () => {
    const measure = {
      name: 'measure',
      in: 'query',
      required: true,
      schema: {},
      example: 'arrears.owed',
    } as const
    const sector = { name: 'sector', in: 'query', required: false, schema: {}, example: 'E' } as const
    const ask = told({
      method: 'get',
      path: '/v1/x',
      parameters: [measure, sector],
      security: [{ sourceKey: [] }],
    })
    expect(argumentsOf(`KEY=xr_1; ${curlOf(ask, 'http://h')}`.replace('; curl', "; printf '%s\\n'"))).toEqual(
      ['http://h/v1/x?measure=arrears.owed', '-H', 'authorization: Bearer xr_1'],
    )
  })
})

test('an operation is found by its address, by words of either language and by a parameter', () => {
  expect(['/actions', '批注', 'COMMENT alerts', 'post id'].map((search) => isFound(told(), search))).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(isFound(told(), 'comment batches')).toBe(false)
})

test('a type is said in a few words', () => {
  expect(typeText({ anyOf: [{ $ref: '#/components/schemas/Alert' }, { type: 'null' }] })).toBe('Alert | null')
  expect(typeText({ type: 'array', items: { type: 'string', format: 'date' } })).toBe('string (date)[]')
})
