import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { servedBy } from '#domain/operation.ts'
import { KINDS } from '#domain/signal.ts'
import { type AppDeps, createApp } from '../../api/app.ts'
import { startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears, industry, worker } from '../support/signals.ts'
import { UNAUDITED, WRITTEN_ELSEWHERE } from './unaudited.ts'

/** The routes as they are mounted; nothing behind them is asked. */
const { routes } = createApp({
  roles: new Set(['api', 'ingestion']),
  ingestion: {},
  auth: { settings: { publicUrl: null } },
} as unknown as AppDeps)

type Operation = {
  method: string
  path: string
  security: object[]
  parameters?: { name: string; in: string; required: boolean; schema: any; example?: unknown }[]
  requestBody?: { content: Record<string, { examples: Record<string, Example> }> }
  responses: Record<string, any>
}
type Example = { value: unknown; 'x-status'?: number }

let server: TestServer
let document: any
let operations: Operation[]
const ajv = new Ajv2020({ strict: false, validateFormats: false })

/** The log-in that the description shows is the one this server knows. */
const LOG_IN = { username: 'demo', password: 'demo-hunan-2026' }

beforeAll(async () => {
  server = await startServer({ ADMIN_USERNAME: LOG_IN.username, ADMIN_PASSWORD: LOG_IN.password })
  document = await server.get('/v1/openapi.json')
  ajv.addSchema(document, 'api')
  operations = Object.entries<Record<string, any>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, ...operation })),
  )
})
afterAll(() => server.stop())

/** What is wrong with a value by the schema that stands at a place of the document; `null` when nothing is. */
function faultOf(place: readonly string[], value: unknown): string | null {
  const pointer = place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
  const validate = ajv.getSchema(`api#/${pointer.join('/')}`)
  if (!validate) return `there is no schema at ${place.join(' ')}`
  return validate(value) ? null : `${place.join(' ')}: ${ajv.errorsText(validate.errors)}`
}

/** Where the description of an answer stands, and what it says; a named one is looked up. */
function answerOf(
  { path, method, responses }: Operation,
  status: number,
): { place: string[]; answer: any } | null {
  const answer = responses[status]
  if (!answer) return null
  if (!answer.$ref) return { place: ['paths', path, method, 'responses', String(status)], answer }
  const place: string[] = answer.$ref.slice(2).split('/')
  return { place, answer: place.reduce((node, part) => node[part], document) }
}

describe('the description', () => {
  test('is OpenAPI 3.1 to a validator', async () => {
    const result = await new Validator().validate(structuredClone(document))
    expect(result.errors ?? []).toEqual([])
    expect(result).toMatchObject({ valid: true })
    expect(document.openapi).toMatch(/^3\.1\./)
  })

  test('tells what any route answers, what some do, and where no body need come', () => {
    const at = (path: string) => document.paths[path].post
    const sent = at('/v1/signals/workers')
    expect(sent.requestBody.required).toBe(false)
    expect(Object.keys(sent.responses[202].headers)).toEqual(['Location', 'Preference-Applied'])
    expect(sent.responses[429].$ref).toMatch(/queue_full$/)
    const preview = at('/v1/signals/{kind}/preview')
    expect(preview.requestBody.required).toBe(false)
    expect(Object.keys(preview.requestBody.content)).toEqual(
      expect.arrayContaining(['application/json', 'application/x-ndjson']),
    )
    expect(preview.responses[429].$ref).toMatch(/queue_full$/)
    expect(at('/v1/quarantine/dismiss').responses).toHaveProperty('404')
    for (const { method, path, requestBody, responses } of operations.filter((one) =>
      one.path.startsWith('/v1/'),
    )) {
      expect(responses, `${method} ${path}`).toHaveProperty('429')
      if (requestBody) expect(responses, `${method} ${path}`).toHaveProperty('413')
    }
  })

  test('tells every route under /v1, and tells of none that is not served', () => {
    const isOurs = ({ path }: { path: string }) => path.startsWith('/v1/') && !path.includes('*')
    const key = (method: string, path: string) => `${method.toUpperCase()} ${path}`
    const told = new Set(
      routes.flatMap((route) =>
        servedBy(route.handler, route.method, route.path).length > 0 ? [key(route.method, route.path)] : [],
      ),
    )
    const silent = routes.filter(isOurs).filter((route) => !told.has(key(route.method, route.path)))
    expect(silent.map((route) => `${route.method} ${route.path}: add describeRoute() beside it`)).toEqual([])

    const unserved = operations.filter(({ method, path }) => {
      const isMatch = (pattern: string) =>
        new RegExp(
          `^${pattern
            .replace(/[.]/g, '\\.')
            .replace(/:\w+(\{[^}]*\})?/g, '[^/]+')
            .replace(/\*/g, '.*')}$`,
        ).test(path)
      return !routes.some(
        (route) =>
          route.method === method.toUpperCase() && !/^\/(v1\/)?\*$/.test(route.path) && isMatch(route.path),
      )
    })
    expect(unserved.map(({ method, path }) => key(method, path))).toEqual([])
  })

  test('says everything in Chinese and in English', () => {
    const missing: string[] = []
    const look = (node: any, place: string) => {
      if (typeof node !== 'object' || node === null) return
      for (const field of ['summary', 'description'])
        if (
          typeof node[field] === 'string' &&
          (!/\p{Script=Han}/u.test(node[field]) || !node[`x-${field}-en`])
        )
          missing.push(`${place} ${field}`)
      for (const [name, child] of Object.entries(node)) if (name !== 'value') look(child, `${place}/${name}`)
    }
    look(document, '')
    expect(missing).toEqual([])
    for (const { method, path, parameters = [] } of operations)
      for (const { name, ...parameter } of parameters)
        expect(parameter, `${method} ${path} ${name}`).toHaveProperty('description')
  })

  test('shows for every body an example that its schema allows', () => {
    const faults: (string | null)[] = []
    const check = (place: string[], content: Record<string, any> = {}, isRefused = (_: Example) => false) => {
      for (const [mediaType, { examples }] of Object.entries(content)) {
        // A workbook has no text to show; `tests/ingestion` reads and writes real ones.
        if (Object.keys(examples).length === 0 && !mediaType.endsWith('spreadsheetml.sheet'))
          faults.push(`${place.join(' ')} ${mediaType} has no example`)
        for (const example of Object.values<Example>(examples))
          if (!isRefused(example))
            faults.push(faultOf([...place, 'content', mediaType, 'schema'], example.value))
      }
    }
    for (const operation of operations) {
      const { path, method, requestBody, responses } = operation
      check(['paths', path, method, 'requestBody'], requestBody?.content, (example) => 'x-status' in example)
      for (const status of Object.keys(responses)) {
        const { place, answer } = answerOf(operation, Number(status)) ?? { place: [], answer: {} }
        check(place, answer.content)
      }
    }
    expect(faults.filter(Boolean)).toEqual([])
  })
})

describe('the server', () => {
  let cookie: string
  let source: { id: string; key: string }
  /** Where the real value of a name in an address comes from; one line for each that is new. */
  const real: Record<string, () => Promise<string>> = {
    kind: async () => 'arrears',
    batch: async () => batch,
    id: async () => alertId,
    source: async () => source.id,
    row: async () => '2',
    unit: async () => unit,
    wall: async () => {
      const { code } = await postJson('/v1/walls/pairings', {})
      return (await postJson('/v1/walls', { code, name: '示例大屏' })).id
    },
    keyId: async () => (await postJson(`/v1/sources/${source.id}/keys`, {})).id,
    // One more session each time, as it is ended.
    session: async () => {
      const own = await signIn()
      const { sessions } = await server.get('/v1/account/sessions', own)
      return sessions.find((one: { isCurrent: boolean }) => one.isCurrent).id
    },
    // Made again each time, as it is removed.
    role: async () => {
      await postJson(
        '/v1/roles/countyAnalyst',
        exampleOf(operationAt('put', '/v1/roles/{role}')) as object,
        'PUT',
      )
      return 'countyAnalyst'
    },
    person: async () => person,
    post: async () => post,
  }
  let unit: string
  let auditor: string
  const written = new Set<string>()
  /** The number of the newest entry; logging in again, after an example has ended the session, is none of theirs. */
  const lastEntry = async (): Promise<number> => {
    const { entries } = await server.get('/v1/audit?limit=1', auditor)
    if (entries) return entries[0]?.seq ?? 0
    auditor = await signIn()
    return (await lastEntry()) - 1
  }
  let batch: string
  let alertId: string
  let person: string
  let post: string

  /** Sends what an operation describes, as who may, and checks the answer by what it describes. */
  async function ask(operation: Operation, query: URLSearchParams, mediaType?: string, value?: unknown) {
    let address = operation.path
    for (const [, name = ''] of operation.path.matchAll(/\{(\w+)\}/g)) {
      const find = real[name]
      if (!find) throw new Error(`${operation.path}: say in this test where a real ${name} comes from`)
      address = address.replace(`{${name}}`, await find())
    }
    const isSession = operation.security.some((one) => 'session' in one)
    const isKey = operation.security.some((one) => 'sourceKey' in one)
    const response = await fetch(`${server.url}${address}?${query}`, {
      method: operation.method.toUpperCase(),
      headers: {
        origin: server.url,
        ...(isSession ? { cookie } : {}),
        ...(isKey ? { authorization: `Bearer ${source.key}` } : {}),
        ...(mediaType ? { 'content-type': mediaType } : {}),
      },
      ...(mediaType
        ? {
            body:
              mediaType.endsWith('json') && typeof value !== 'string' ? JSON.stringify(value) : String(value),
          }
        : {}),
    })
    const body = await response.text()
    const what = `${operation.method} ${address}?${query} ${mediaType ?? ''} answered ${response.status} ${body.slice(0, 300)}`
    const described = answerOf(operation, response.status)
    expect(described, `${what}, a status that is not described`).not.toBeNull()
    if (Object.keys(described?.answer.content ?? {}).length === 0) {
      expect(body, what).toBe('')
      return { status: response.status, body, what }
    }
    const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? ''
    expect(Object.keys(described?.answer.content ?? {}), `${what} of ${type}`).toContain(type)
    const read = type.endsWith('json') ? JSON.parse(body) : body
    expect(faultOf([...(described?.place ?? []), 'content', type, 'schema'], read), what).toBeNull()
    return { status: response.status, body: read, what }
  }

  async function postJson(path: string, body: object, method = 'POST'): Promise<any> {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    })
    return await response.json()
  }

  const queryOf = ({ parameters = [] }: Operation, isWhole: boolean) =>
    new URLSearchParams(
      parameters.flatMap(({ name, in: place, required, example }) =>
        place === 'query' && example !== undefined && (isWhole || required)
          ? [[name, String(example)] as [string, string]]
          : [],
      ),
    )
  const operationAt = (method: string, path: string): Operation => {
    const found = operations.find((one) => one.method === method && one.path === path)
    if (!found) throw new Error(`${method} ${path} is not described`)
    return found
  }
  const exampleOf = (operation: Operation, name = 'example') =>
    operation.requestBody?.content['application/json']?.examples[name]?.value

  const signIn = async () => {
    const operation = operationAt('post', '/v1/auth/sign-in/username')
    const signedIn = await fetch(`${server.url}${operation.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(exampleOf(operation)),
    })
    return (signedIn.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
  }

  beforeAll(async () => {
    cookie = await signIn()
    auditor = await signIn()
    source = await postJson('/v1/sources', { name: '示例来源', kinds: ['workers', 'arrears', 'industry'] })
    const sent = await ask(
      operationAt('post', '/v1/signals/arrears'),
      new URLSearchParams(),
      'application/json',
      exampleOf(operationAt('post', '/v1/signals/arrears'), 'partly'),
    )
    batch = sent.body.batch
    const park = exampleOf(operationAt('post', '/v1/units'))
    unit = (await postJson('/v1/units', { ...(park as object), pointId: 'N01', sourceId: source.id })).id
    await ask(
      operationAt('post', '/v1/signals/arrears'),
      new URLSearchParams(),
      'application/json',
      exampleOf(operationAt('post', '/v1/signals/arrears'), 'one'),
    )
    await waitFor(async () => (await server.get('/v1/alerts')).alerts.length > 0)
    alertId = (await server.get('/v1/alerts')).alerts[0].id
    const someone = await fetch(`${server.url}/v1/people`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ username: 'someone', role: 'analyst' }),
    })
    person = ((await someone.json()) as { id: string }).id
    const given = await fetch(`${server.url}/v1/people/${person}/posts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ role: 'leader' }),
    })
    post = ((await given.json()) as { id: string }).id
    await server.send('workers', source.key, [worker()])
  })

  test('answers every example as it says, with bodies of the form that it says', async () => {
    // The token of a set-up link is never known beforehand.
    const expected: Record<string, number> = { '/v1/setup': 403 }
    // What would spoil the others comes last: a unit that is changed or retired, then the end of the session.
    const last = [
      '/v1/batches/{batch}/withdraw',
      '/v1/units/{unit}',
      '/v1/units/{unit}/retire',
      '/v1/auth/sign-out',
    ]
    const inOrder = operations.toSorted((a, b) => last.indexOf(a.path) - last.indexOf(b.path))
    for (const operation of inOrder) {
      const before = await lastEntry()
      const good = expected[operation.path] ?? Number(Object.keys(operation.responses)[0])
      const bodies = Object.entries(operation.requestBody?.content ?? {}).flatMap(
        ([mediaType, { examples }]) => Object.values(examples).map((example) => ({ mediaType, example })),
      )
      if (bodies.length === 0)
        for (const isWhole of [false, true]) {
          const { status, what } = await ask(operation, queryOf(operation, isWhole))
          expect(status, what).toBe(good)
        }
      for (const { mediaType, example } of bodies) {
        const { status, what } = await ask(operation, queryOf(operation, false), mediaType, example.value)
        expect(status, what).toBe(example['x-status'] ?? good)
      }
      await askMore(operation)
      if ((await lastEntry()) > before) written.add(`${operation.method.toUpperCase()} ${operation.path}`)
    }
  })

  /** What leaves an entry in the audit log though no example shows it: a sheet, and bodies that are real only here. */
  async function askMore({ method, path, parameters = [] }: Operation): Promise<void> {
    const query = queryOf({ method, path, parameters } as Operation, false)
    if (parameters.some(({ name }) => name === 'format'))
      await fetch(`${server.url}${path}?${query}&format=csv`, { headers: { cookie: auditor } })
    const body: Record<string, object> = {
      '/v1/people': { username: 'reporter1', password: 'demo-hunan-2026', role: 'reporter', unit },
      '/v1/units/{unit}/reports': industry({ pointId: 'N01' }),
      '/v1/quarantine/{batch}/{row}/correct': { value: arrears() },
    }
    const real = body[path]
    if (!real || method !== 'post') return
    const address = path.replace('{unit}', unit).replace('{batch}', batch).replace('{row}', '2')
    const headers = { 'content-type': 'application/json', cookie: auditor }
    await fetch(`${server.url}${address}`, { method: 'POST', headers, body: JSON.stringify(real) })
  }

  test('writes down every change and every sheet, but for what stands on the list with its reason', () => {
    const isSheet = ({ responses, parameters = [] }: Operation) =>
      parameters.some(({ name }) => name === 'format') ||
      Object.keys(responses[200]?.content ?? {}).some((type) => /csv|spreadsheetml/.test(type))
    const isLook = ({ path }: Operation) => path.startsWith('/v1/batches/{batch}/errors')
    const due = operations
      .filter((one) => one.method !== 'get' || isSheet(one) || isLook(one))
      .map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect(due.filter((one) => !written.has(one)).sort()).toEqual(
      [...Object.keys(UNAUDITED), ...Object.keys(WRITTEN_ELSEWHERE)].sort(),
    )
  })

  test.each(KINDS)('%s: its schema tells a form all it needs', async (kind) => {
    const { properties } = await server.get(`/v1/signals/${kind}/schema`)
    for (const [name, field] of Object.entries<any>(properties)) {
      const forms = field.anyOf ?? [field]
      expect(
        forms.map((form: any) => typeof form.type),
        name,
      ).not.toContain('undefined')
      expect(field, name).toMatchObject({ title: field.zh, zh: expect.any(String), en: expect.any(String) })
      for (const value of field.enum ?? [])
        expect(field['x-enum-titles'][value], `${name} ${value}`).toMatchObject({
          zh: expect.any(String),
          en: expect.any(String),
        })
    }
  })

  test('answers what is wrong as it says', async () => {
    const signals = operationAt('post', '/v1/signals/arrears')
    const refused = [
      await ask(operationAt('get', '/v1/distribution'), new URLSearchParams({ measure: 'no.such' })),
      await ask(signals, new URLSearchParams({ mode: 'perhaps' }), 'application/json', []),
      await ask(signals, new URLSearchParams(), 'application/pdf', 'x'),
    ]
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 415])
  })
})
