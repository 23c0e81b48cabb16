/**
 * A long run of tests/scenarios/nothing-leaks.test.ts: `node tests/demo-leaks.ts --workers 20000 --seconds 60`. Runs the
 * whole demo, uses its pages and its API, wrongly too, and looks for the ID numbers, names and phones of everybody it sent
 * in all that may not hold them: what the server printed, refusals, addresses, frames, tables. Exit code 1 when any does.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { Identity } from '#domain/person.ts'
import { openStores, type Stores } from '#sql/open.ts'
import { deriveIdentitySeal } from '../ingestion/identity-seal.ts'
import { openBrowser } from './support/browser.ts'
import { Client } from './support/client.ts'
import { everyTable, leakFinder, overhear } from './support/leaks.ts'
import { freePort, waitFor } from './support/server.ts'
import { arrears, worker } from './support/signals.ts'

const { values } = parseArgs({
  options: { workers: { type: 'string', default: '20000' }, seconds: { type: 'string', default: '60' } },
})
const ACCOUNT = { username: 'demo', password: 'demo-hunan-2026' }
const REASON = '核实工资发放对象'
const PAGES = [
  '/wall',
  '/map',
  '/registry',
  '/sources',
  '/people',
  '/walls',
  '/audit',
  '/account',
  '/docs',
  '/report',
]
const dataDir = mkdtempSync(join(tmpdir(), 'xiangrong-'))
const url = `http://127.0.0.1:${await freePort()}`

const refusals: string[] = []
const overheard = { urls: [] as string[], frames: [] as string[] }
const demo = spawn(
  process.execPath,
  [
    'scripts/demo.ts',
    '--data',
    dataDir,
    '--port',
    new URL(url).port,
    '--workers',
    values.workers,
    '--rate',
    '600',
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
process.on('exit', () => demo.kill('SIGTERM'))
let printed = ''
demo.stdout.on('data', (text) => (printed += text))
await waitFor(() => /^live now/m.test(printed) || demo.exitCode !== null, 600_000)

const admin = new Client({ url })
await admin.signIn(ACCOUNT)
const persons = await someone()
const untilMs = Date.now() + Number(values.seconds) * 1_000
do {
  await askWrongly()
  await walkThePages()
} while (Date.now() < untilMs)
demo.kill('SIGTERM')
await once(demo, 'exit')

const stores = await openStores({ dataDir })
const people = await everybody(stores)
const leaks = leakFinder(
  people.flatMap(({ idNumber, name, phone }) => [idNumber, name, phone].filter(Boolean)),
  {
    isWhole: true,
  },
)
const places = new Map<string, string[]>([
  ['what the demo printed', leaks(printed)],
  ['what the server printed', leaks(readFileSync(join(dataDir, 'server.log'), 'utf8'))],
  [`${refusals.length} refusals`, leaks(refusals.join('\n'))],
  [`${overheard.urls.length} addresses`, leaks(overheard.urls.map(decodeURIComponent).join('\n'))],
  [`${overheard.frames.length} frames`, leaks(overheard.frames.join('\n'))],
])
for await (const { table, text } of everyTable(stores))
  places.set(`${table}, ${(text.length / 1e6).toFixed(1)} MB`, leaks(text))
await stores.close()
rmSync(dataDir, { recursive: true, force: true })

console.log(`${people.length} people`)
for (const [place, found] of places)
  console.log(
    `${place}: ${found.length === 0 ? 'nothing' : `${found.length} LEAKS, ${found.slice(0, 5).join(' ')}`}`,
  )
const isSound = people.length > 0 && [...places.values()].every((found) => found.length === 0)
console.log(isSound ? 'sound' : 'NOT SOUND')
process.exit(isSound ? 0 : 1)

/** Some of the people that were sent, in clear, as the vault opens them: the households of one village. */
async function someone(): Promise<Identity[]> {
  const { rows } = (await admin.ask('/v1/distribution?measure=workers.count&by=home.township')).body
  for (const row of rows) {
    const villages = (await admin.ask(`/v1/households?region=${row['home.township']}`)).body.rows ?? []
    const village = villages.find((one: { households: number | null }) => (one.households ?? 0) > 0)?.village
    if (!village) continue
    const { households } = (await admin.ask(`/v1/households?region=${village}`)).body
    const { members } = (await admin.ask('/v1/households/read', { key: households[0].key, reason: REASON }))
      .body
    return await Promise.all(members.map(({ personKey }: { personKey: string }) => opened(personKey)))
  }
  throw new Error('nobody is known by household')
}

async function opened(personKey: string): Promise<Identity> {
  const { body } = await admin.ask('/v1/identities/read', { personKey, reason: REASON })
  return { idNumber: body.idNumber.value, name: body.name.value, phone: body.phone?.value ?? '' }
}

/** Puts what is known of people where it does not belong. */
async function askWrongly(): Promise<void> {
  const source = await admin.ask('/v1/sources', { name: '泄露检查', kinds: ['workers', 'arrears'] })
  const headers = { authorization: `Bearer ${source.body.key}`, cookie: '' }
  for (const { idNumber, name, phone } of persons) {
    const person = { idNumber, name, phone }
    // A name in free text cannot be told from other words, a number can.
    const note = `工人身份证${idNumber}，电话 ${phone}`
    const answers = [
      await admin.ask(
        '/v1/signals/workers',
        [worker({ ...person, status: '无' }), worker({ ...person, phone: name })],
        { headers },
      ),
      await admin.ask('/v1/signals/workers', [worker({ ...person, idNumber: `${idNumber}9` })], { headers }),
      await admin.ask('/v1/signals/workers', `{"idNumber":"${idNumber}","name":"${name}"`, { headers }),
      await admin.ask('/v1/signals/arrears', [arrears({ caseId: idNumber, owed: name, note })], { headers }),
      await admin.ask(
        '/v1/signals/arrears',
        [
          arrears({
            caseId: phone || idNumber,
            project: `${idNumber}宿舍`,
            note,
            workers: 60,
            gathering: 60,
          }),
        ],
        {
          headers,
        },
      ),
      await admin.ask(`/v1/distribution?measure=${phone}&by=${idNumber}`),
      await admin.ask(`/v1/distribution?measure=workers.count&region=${idNumber}`),
      await admin.ask(`/v1/alerts/${idNumber}`),
      await admin.ask('/v1/households/read', { key: name, reason: note }),
      await admin.ask(`/v1/batches/${phone}/errors.json`, { reason: note }),
      await admin.ask('/v1/identities/search', { idNumber: `${idNumber}9`, reason: note }),
      await admin.ask('/v1/identities/search', { phone, reason: note }),
      await admin.ask('/v1/people', { username: phone, name: idNumber, role: name }),
    ]
    const isRefused = ({ status, body }: (typeof answers)[number]) => status >= 400 || body.rejected > 0
    refusals.push(...answers.filter(isRefused).map(({ body }) => JSON.stringify(body)))
  }
  refusals.push(JSON.stringify((await admin.ask('/v1/quarantine?cells=true&limit=1000')).body))
}

/** Looks at every page, and opens a person on the one where that is done. */
async function walkThePages(): Promise<void> {
  const browser = await openBrowser()
  const page = await browser.newPage({ locale: 'zh-CN' })
  const { urls, frames } = overhear(page)
  await page.goto(`${url}/identity`)
  await page.locator('input[autocomplete="username"]').fill(ACCOUNT.username)
  await page.locator('input[type="password"]').fill(ACCOUNT.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/identity')
  await page
    .getByLabel('身份证号')
    .first()
    .fill(persons[0]?.idNumber ?? '')
  await page.getByLabel('事由').first().fill(REASON)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: '显示明文' }).click()
  await page
    .getByText(persons[0]?.name ?? '', { exact: true })
    .first()
    .waitFor()
  for (const path of PAGES) {
    await page.goto(url + path)
    await page.waitForLoadState('load')
    await page.waitForTimeout(1_500)
  }
  await browser.close()
  overheard.urls.push(...urls)
  overheard.frames.push(...frames)
}

/** Everybody whose record is in the vault. */
async function everybody({ engine }: Stores): Promise<Identity[]> {
  const seal = deriveIdentitySeal(readFileSync(join(dataDir, 'secret'), 'utf8').trim())
  const rows = await engine.query({
    name: 'everybody',
    unscoped: 'a test',
    sql: 'SELECT personKey, keyVersion, sealed FROM identities_v1',
    row: z.object({ personKey: z.string(), keyVersion: z.number(), sealed: z.string() }),
  })
  return rows.map(({ keyVersion, personKey, sealed }) => seal.open(keyVersion, personKey, sealed))
}
