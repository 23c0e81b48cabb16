/**
 * Sends large files to a server of its own and prints rows a second and memory above idle: `node tests/large-upload.ts
 * --rows 1000000 --files workers.csv,workers.xlsx`; also `industry.csv`, and `arrears.csv`: cases at a fifth as many sites (or
 * `--sites`), two fifths of which become alerts. `--query 'atomic=all'` is sent with each.
 */
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { writeXlsxStream } from 'hucre/xlsx'
import { type Memory, memoryOf } from './support/memory.ts'
import { startServer } from './support/server.ts'
import { idNumberFor } from './support/signals.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    files: { type: 'string', default: 'workers.csv,workers.xlsx' },
    sites: { type: 'string' },
    query: { type: 'string', default: '' },
  },
})
const ROWS = Number(values.rows)
const MIB = 1024 * 1024
/** What nobody has sent before: the lines of every file begin with another number. */
type Ledger = { head: string[]; lineOf: (i: number) => (string | number)[] }
const LEDGERS: Record<string, Ledger> = {
  workers: {
    head: ['姓名', '身份证号', '户籍地', '务工地', '行业', '用人单位', '状态', '月工资', '观测时间'],
    lineOf: (i) => [
      '测试甲',
      idNumberFor(i),
      '430522',
      '440300',
      'C',
      `示例厂${i % 5000}`,
      '在岗',
      4000 + (i % 3000),
      OBSERVED,
    ],
  },
  arrears: {
    head: [
      '案件编号',
      '线索渠道',
      '欠薪发生地',
      '行业',
      '用人单位',
      '项目',
      '状态',
      '涉及人数',
      '尚欠金额',
      '观测时间',
    ],
    lineOf: (i) => [
      `案-${i}`,
      '信访',
      '430503',
      'E',
      `示例建筑${i % 5000}`,
      `工程${i % SITES}`,
      '已受理',
      4,
      1_000 + (i % 15) * 1_000,
      OBSERVED,
    ],
  },
  industry: {
    head: [
      '监测点编号',
      '所属期',
      '监测点所在地',
      '行业',
      '在岗人数',
      '新进人数',
      '离职人数',
      '缺工人数',
      '观测时间',
    ],
    lineOf: (i) => [`P-${i}`, '2025-06', '430503', 'C', 100 + (i % 900), i % 7, i % 5, i % 3, OBSERVED],
  },
}
const OBSERVED = '2025-06-10 09:30'
const SITES = Number(values.sites ?? Math.ceil(ROWS / 5))

const folder = mkdtempSync(join(tmpdir(), 'xiangrong-large-'))
const server = await startServer()
try {
  const { key } = await server.createSource()
  await send('warm.workers.csv', key, await writeCsv('workers', 9_000_000, 20_000))
  for (const [i, file] of values.files.split(',').entries()) {
    const [kind = '', form] = file.split('.')
    await measure(file, key, await (form === 'xlsx' ? writeWorkbook : writeCsv)(kind, i * ROWS, ROWS))
  }
} finally {
  await server.stop()
  rmSync(folder, { recursive: true })
}

async function measure(name: string, key: string, path: string): Promise<void> {
  // What the file before left is collected or given back meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  const idle = await memoryOf(server)
  // The kernel keeps the most that was resident: from here on.
  writeFileSync(`/proc/${server.process.pid}/clear_refs`, '5')
  let peak = idle
  let isSending = true
  const sampling = (async () => {
    while (isSending) {
      const now = await memoryOf(server)
      if (now.resident > peak.resident) peak = now
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })()
  const begin = performance.now()
  const answer = await send(name, key, path)
  const seconds = (performance.now() - begin) / 1000
  await judged()
  isSending = false
  await sampling
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8')
  peak.resident = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  const { errors: _, ...counts } = JSON.parse(answer)
  const above = Object.entries(peak).map(
    ([what, mib]) => `${what} ${Math.round(mib - idle[what as keyof Memory])}`,
  )
  console.log(
    `${name}: ${(statSync(path).size / MIB).toFixed(1)} MiB, ${Math.round(ROWS / seconds)} rows/s in ${seconds.toFixed(1)} s; idle ${Math.round(idle.resident)} MiB, at the peak MiB above it: ${above.join(', ')}`,
    counts,
  )
}

/** Alerts are judged behind the commits: resolves when none has changed for three seconds. */
async function judged(): Promise<void> {
  for (let before = '', now = 'none yet'; before !== now; ) {
    before = now
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    now = (metrics.match(/^xiangrong_alert_decisions_total.*$/gm) ?? []).join()
  }
}

/** By hand: `fetch` gives up waiting after five minutes. */
function send(name: string, key: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const type = name.endsWith('csv')
      ? 'text/csv'
      : 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
    const headers = {
      'content-type': type,
      authorization: `Bearer ${key}`,
      'content-length': statSync(path).size,
    }
    const kind = name.split('.').at(-2)
    const url = `${server.url}/v1/signals/${kind}?${values.query}`
    const asked = request(url, { method: 'POST', headers }, async (answer) => {
      let text = ''
      for await (const part of answer) text += part
      resolve(text)
    })
    asked.on('error', reject)
    createReadStream(path).pipe(asked)
  })
}

function ledgerOf(kind: string): Ledger {
  const ledger = LEDGERS[kind]
  if (!ledger) throw new Error(`${kind} is none of ${Object.keys(LEDGERS)}`)
  return ledger
}

async function writeCsv(kind: string, first: number, rows: number): Promise<string> {
  const path = join(folder, `${first}.csv`)
  const { head, lineOf } = ledgerOf(kind)
  function* text() {
    yield `${head.join(',')}\n`
    for (let i = 0; i < rows; i += 1_000)
      yield Array.from(
        { length: Math.min(1_000, rows - i) },
        (_, j) => `${lineOf(first + i + j).join(',')}\n`,
      ).join('')
  }
  await pipeline(Readable.from(text()), createWriteStream(path))
  return path
}

async function writeWorkbook(kind: string, first: number, rows: number): Promise<string> {
  const path = join(folder, `${first}.xlsx`)
  const { head, lineOf } = ledgerOf(kind)
  function* lines() {
    for (let i = 0; i < rows; i++) yield lineOf(first + i)
  }
  // With shared strings, as a spreadsheet saves them.
  const columns = head.map((header) => ({ header }))
  await pipeline(
    Readable.fromWeb(writeXlsxStream(lines(), { name: '台账', columns, inlineStrings: false }) as never),
    createWriteStream(path),
  )
  return path
}
