import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeXlsx } from 'hucre/xlsx'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStores } from '#sql/open.ts'
import { deriveKeys } from '../../ingestion/secret.ts'
import { openBrowser } from '../support/browser.ts'
import { everyTable, leakFinder, overhear } from '../support/leaks.ts'
import { LiveClient } from '../support/live.ts'
import { ADMIN, startServer, type TestServer, waitFor } from '../support/server.ts'
import { arrears, idNumberFor, industry, worker } from '../support/signals.ts'

const SECRET = 'a secret of the scan for leaks, long enough'
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const REASON = '核实工资发放对象'
const EMPLOYER = '可见的用人单位'
const { personKey } = deriveKeys(SECRET)

/** People whose every datum is like nothing else here, so that one found anywhere has leaked. */
const SURNAMES = [...'亓亖亗亱亶亷亸仈仐仕']
const PEOPLE = Array.from({ length: 100 }, (_, n) => ({
  idNumber: idNumberFor(n * 37),
  name: `${SURNAMES[n % 10]}${SURNAMES[Math.floor(n / 10)]}氏`,
  phone: `1990${String(1_234_567 + n * 7_919).padStart(7, '0')}`,
}))
const person = (n: number) => PEOPLE[n % PEOPLE.length] ?? { idNumber: '', name: '', phone: '' }
const leaks = leakFinder(PEOPLE.flatMap(({ idNumber, name, phone }) => [idNumber, name, phone]))

/** How numbers come that were typed with an input method, pasted from a telephone, or written for reading. */
const wide = (text: string) =>
  text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0))
const pasted = (text: string) => [...text].join('\u200b')
const parted = (text: string) => `${text.slice(0, 3)}\u3000${text.slice(3, 7)} – ${text.slice(7)}`

let dataDir: string
let server: TestServer
let key: string
let cookie: string
const problems: string[] = []
let urls: string[]
let frames: string[]
const heard: string[] = []
/** What is told to who looks at rows that wait and at alerts. */
const told: string[] = []

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'xiangrong-'))
  server = await startServer({ SECRET, DATA_DIR: dataDir })
  key = (await server.createSource({ name: '全部来源' })).key
  cookie = await server.signIn()
  const live = new LiveClient(server)
  await loadEverything()
  await spellOtherwise()
  await actOnThem()
  await askWhatIsWrong()
  await lookPeopleUp()
  await walkThePages()
  await waitFor(() => live.entries.length > 0 && live.pulses.length > 0)
  heard.push(...live.events.map((event) => JSON.stringify(event)))
  live.close()
  await server.stop()
}, 180_000)
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

async function ask(path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server.url}${path}`, init)
  const text = await response.text()
  if (response.status >= 400) problems.push(text)
  return { status: response.status, text }
}
const send = (
  kind: string,
  body: string | Buffer<ArrayBuffer>,
  type = 'application/json',
  headers: Record<string, string> = {},
) =>
  ask(`/v1/signals/${kind}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': type, ...headers },
    body,
  })
const post = (path: string, body: object) =>
  ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify(body),
  })

const rowsOf = (from: number, count: number, over: Record<string, unknown> = {}) =>
  Array.from({ length: count }, (_, i) => worker({ ...person(from + i), employer: EMPLOYER, ...over }))
/** Each is refused for another reason, and each carries somebody's number, name and phone. */
const BAD: Record<string, unknown>[] = [
  { status: 'unheard-of' },
  { homeRegion: '999999' },
  { phone: `${person(0).phone}99` },
  { idNumber: `${person(0).idNumber.slice(0, 17)}A` },
  { name: person(0).name.repeat(40) },
  { observedAt: person(0).name },
  { sector: person(0).idNumber },
  { monthlyWage: person(0).name },
  { [person(0).idNumber]: person(0).name },
  { [`联系 ${parted(person(0).phone)}`]: person(0).name },
]

async function loadEverything(): Promise<void> {
  const bad = BAD.map((over, i) => worker({ ...person(i), ...over }))
  expect((await send('workers', JSON.stringify([...rowsOf(0, 20), ...bad]))).status).toBe(200)
  expect(JSON.parse((await send('workers', JSON.stringify(bad))).text)).toMatchObject({
    accepted: 0,
    status: 422,
  })
  const waiting = await send('workers', JSON.stringify([worker({ ...person(10), status: 'unheard-of' })]))
  const place = `${JSON.parse(waiting.text).batch}/1`
  expect((await post(`/v1/quarantine/${place}/correct`, { value: worker(person(10)) })).status).toBe(200)
  const lines = rowsOf(20, 20).map((row) => JSON.stringify(row))
  await send(
    'workers',
    [...lines, '{"idNumber":', `{"name":"${person(1).name}"`].join('\n'),
    'application/x-ndjson',
  )
  const header = ['姓名', '身份证号', '电话', '户籍地', '状态', '采集时间']
  const table = Array.from({ length: 30 }, (_, i) => {
    const { name, idNumber, phone } = person(40 + i)
    return [name, idNumber, phone, i % 5 === 0 ? name : '430522', '在岗', '2026-10-01']
  })
  await send('workers', [header, ...table].map((cells) => cells.join(',')).join('\n'), 'text/csv')
  // What is read over is named by who made the sheet, and kept as it was named: in one piece and where nobody waits.
  const title = `联系 ${parted(person(2).phone)}`
  const titled = [[...header, title], ...table].map((cells) => cells.join(',')).join('\n')
  const said = { 'xiangrong-columns': encodeURIComponent(JSON.stringify({ [title]: null })) }
  for (const prefer of ['', 'respond-async']) await send('workers', titled, 'text/csv', { ...said, prefer })
  await send('workers', titled.replace('电话', '身份证'), 'text/csv')
  const workbook = await writeXlsx({ sheets: [{ name: person(2).name, rows: [header, ...table] }] })
  await send('workers', Buffer.from(workbook), XLSX)
  const later = await send('workers', JSON.stringify([...rowsOf(70, 30), ...bad]), 'application/json', {
    prefer: 'respond-async',
  })
  const { batch } = JSON.parse(later.text) as { batch: string }
  await waitFor(async () => (await server.get(`/v1/batches/${batch}`, cookie)).state === 'done')
  const { idNumber, phone } = person(3)
  const note = `工人身份证${idNumber}，电话 ${phone}`
  await send('arrears', JSON.stringify([arrears({ note, gathering: 46, workers: 46, employer: EMPLOYER })]))
  await send('arrears', JSON.stringify([arrears({ note, owed: person(4).name })]))
  await send('industry', JSON.stringify([industry({ majorEvent: note }), industry({ headcount: phone })]))
  for (const [i, write] of [wide, pasted, parted].entries()) {
    const told = `工人 ${write(idNumber)}，电话 ${write(phone)}`
    const over = { caseId: `${i} ${write === parted ? '' : write(phone)}`, note: told, owed: '60000.00' }
    await send('arrears', JSON.stringify([arrears({ ...over, project: write === parted ? '' : told })]))
  }
}

/** Numbers of persons in the codes and names of cases, with what some registers put beside them. */
async function spellOtherwise(): Promise<void> {
  const { idNumber, phone } = person(11)
  const spelled = [
    `2026-${idNumber.slice(0, 6)}-${idNumber.slice(6, 14)}-${idNumber.slice(14)}`,
    `LD${idNumber}`,
    `${idNumber}01`,
    `班组+86${phone}`,
  ]
  const rows = spelled.flatMap((text, i) => [
    arrears({ caseId: text, project: text, owed: '60000.00' }),
    arrears({ caseId: `雇主 ${i}`, employer: text, owed: '60000.00' }),
  ])
  expect(JSON.parse((await send('arrears', JSON.stringify(rows))).text)).toMatchObject({ accepted: 8 })
  const codes = [worker({ ...person(11), employerCode: '43052219850315061X' })]
  expect((await send('workers', JSON.stringify(codes))).status).toBe(422)
}

/** Who acts gives reasons and writes notes that hold a number; who looks at rows that wait is told none. */
async function actOnThem(): Promise<void> {
  const { idNumber, phone } = person(12)
  const reason = `本人 ${idNumber}（${phone}）要求`
  const done = async (path: string, body: object) => expect((await post(path, body)).status, path).toBe(200)
  const kept = await send(
    'workers',
    JSON.stringify([worker(person(12)), worker({ ...person(13), status: 'x' })]),
  )
  const { batch } = JSON.parse(kept.text)
  await done('/v1/quarantine/dismiss', { rows: [{ batch, row: 2 }], reason })
  await done(`/v1/batches/${batch}/withdraw`, { reason })
  await waitFor(async () => (await server.get('/v1/alerts', cookie)).alerts.length > 0)
  const [alert] = (await server.get('/v1/alerts', cookie)).alerts
  await done(`/v1/alerts/${alert.id}/actions`, {
    action: 'comment',
    note: `已联系 ${idNumber}，${parted(phone)}`,
  })
  for (const path of [
    '/v1/quarantine?cells=true&limit=500',
    '/v1/alerts/log?limit=1000',
    '/v1/audit?limit=500',
  ])
    told.push((await ask(path, { headers: { cookie } })).text)
  told.push((await ask('/v1/alerts/log?limit=1000')).text)
}

async function askWhatIsWrong(): Promise<void> {
  const { idNumber, name, phone } = person(5)
  const whole = JSON.stringify(worker(person(5)))
  await send('workers', whole.slice(0, -5))
  await send('workers', whole, 'text/csv')
  await send('workers', whole, XLSX)
  await send('workers', whole, 'application/pdf')
  await send('workers', whole, 'application/json', { 'idempotency-key': 'k' })
  await send('workers', JSON.stringify(worker(person(6))), 'application/json', { 'idempotency-key': 'k' })
  const columns = encodeURIComponent(JSON.stringify({ [name]: idNumber }))
  await send('workers', `${name}\n1`, 'text/csv', { 'xiangrong-columns': columns })
  await send(idNumber, whole)
  for (const path of [
    `/v1/distribution?measure=${phone}`,
    `/v1/distribution?measure=workers.count&by=${idNumber}`,
    `/v1/distribution?measure=workers.count&region=${idNumber}`,
    `/v1/alerts/${idNumber}`,
    `/v1/batches/${phone}`,
    `/v1/${phone}`,
    `/v1/audit?action=${phone}`,
  ])
    await ask(path, { headers: { cookie } })
  await post('/v1/households/read', { key: idNumber, reason: REASON })
  await post('/v1/identities/search', { idNumber: `${idNumber}x`, reason: REASON })
  await post('/v1/identities/search', { phone: name, reason: name })
  await post('/v1/auth/sign-in/username', { username: phone, password: idNumber })
  await post('/v1/people', { username: name, password: idNumber, role: phone, unit: phone })
}

async function lookPeopleUp(): Promise<void> {
  const { idNumber, phone } = person(7)
  expect((await post('/v1/identities/search', { idNumber, reason: `${REASON} ${idNumber}` })).text).toContain(
    personKey(idNumber),
  )
  await post('/v1/identities/search', { phone, reason: REASON })
  const opened = await post('/v1/identities/read', { personKey: personKey(idNumber), reason: REASON })
  expect(opened.text).toContain(idNumber)
  expect(
    (await post('/v1/identities/erase', { personKey: personKey(person(8).idNumber), reason: REASON })).status,
  ).toBe(200)
  await ask('/v1/distribution?measure=workers.count&by=employer&format=csv', { headers: { cookie } })
}

async function walkThePages(): Promise<void> {
  const browser = await openBrowser()
  const page = await browser.newPage({ locale: 'zh-CN' })
  ;({ urls, frames } = overhear(page))
  await page.goto(`${server.url}/identity`)
  await page.locator('input[autocomplete="username"]').fill(ADMIN.username)
  await page.locator('input[type="password"]').fill(ADMIN.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/identity')
  await openPerson(page, person(9).phone)
  for (const path of ['/wall', '/map', '/households?region=430522', '/registry', '/sources', '/audit']) {
    await page.goto(`${server.url}${path}`)
    await page.waitForLoadState('networkidle')
  }
  await browser.close()
}

async function openPerson(page: Page, phone: string): Promise<void> {
  await page.getByLabel('身份证号').first().fill(phone)
  await page.getByLabel('事由').first().fill(REASON)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: '显示明文' }).click()
  await page.getByText(person(9).name).waitFor()
}

describe('numbers, names and phones that were sent are in none of', () => {
  test('what the process prints', () => {
    expect(server.output()).toContain('xiangrong is ready')
    expect(leaks(server.output())).toEqual([])
  })

  test('the refusals, of every form', () => {
    expect(problems.length).toBeGreaterThan(20)
    expect(problems.filter((text) => leaks(text).length > 0)).toEqual([])
  })

  test('what is told of rows that wait, of alerts and of acts; on the wall there are no notes at all', () => {
    const [waiting = '', log = '', acts = '', wall = ''] = told
    expect(waiting).toContain('"***"')
    for (const text of [log, acts]) expect(text).toContain('已联系 430****，199****')
    expect(acts).toContain('本人 430****（199****）要求')
    expect(wall).not.toContain('已联系')
    // A word in the column of a place is shown, as it may be the name of one.
    expect(leaks(waiting).filter((leak) => /\d/.test(leak))).toEqual([])
    expect([log, acts, wall].flatMap((text) => leaks(text))).toEqual([])
  })

  test('the addresses that the pages ask for', () => {
    expect(urls.some((url) => url.includes('/v1/identities/read'))).toBe(true)
    expect(urls.some((url) => url.includes('/live'))).toBe(true)
    expect(urls.filter((url) => leaks(decodeURIComponent(url)).length > 0)).toEqual([])
  })

  test('the frames of the socket', () => {
    expect(frames.length).toBeGreaterThan(0)
    expect(heard.join()).toContain('聚集')
    expect([...frames, ...heard].filter((text) => leaks(text).length > 0)).toEqual([])
  })

  test('the tables of either store, where what may be read is found by the same search', async () => {
    const stores = await openStores({ dataDir })
    const stored = new Map<string, string>()
    for await (const { table, text } of everyTable(stores)) stored.set(table, text)
    await stores.close()
    expect(stored.get('clickhouse workers_observations_v1')).toContain(EMPLOYER)
    expect(stored.get('postgres audit_log')).toContain(personKey(person(7).idNumber))
    const key = personKey(person(10).idNumber)
    expect(stored.get('postgres rejected_rows')?.split(key)).toHaveLength(2)
    expect([...stored.keys()].filter((table) => table.startsWith('clickhouse')).length).toBeGreaterThan(10)
    for (const [table, text] of stored) {
      const bare = text.normalize('NFKC').replace(/[\p{Cf}\p{Zs}\p{Pd}]/gu, '')
      expect([table, leaks(text), leaks(bare)]).toEqual([table, [], []])
    }
  })
})
