/** Sends a large CSV and a large XLSX to a server of its own and prints rows a second and memory above idle: `node tests/large-upload.ts --rows 1000000`. */
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { writeXlsxStream } from 'hucre/xlsx'
import { startServer } from './support/server.ts'

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } })
const ROWS = Number(values.rows)
const MIB = 1024 * 1024
const HEAD = [
  '案件编号',
  '观测时间',
  '线索渠道',
  '欠薪发生地',
  '行业',
  '用人单位',
  '状态',
  '涉及人数',
  '尚欠金额',
]
/** The files hold different cases, so that each is fresh. */
const lineOf = (file: string, i: number) =>
  [
    `${file}-${i}`,
    '2025-06-10 09:30',
    '信访',
    '430102',
    'E',
    `示例建筑${i % 5000}`,
    '已受理',
    i % 90,
    `${i % 1000}.50`,
  ] as const

const folder = mkdtempSync(join(tmpdir(), 'xiangrong-large-'))
const server = await startServer()
try {
  const { key } = await server.createSource()
  await send('warm.csv', key, await writeCsv('warm', 20_000))
  await measure('large.csv', key, await writeCsv('csv', ROWS))
  await measure('large.xlsx', key, await writeWorkbook('xlsx', ROWS))
} finally {
  await server.stop()
  rmSync(folder, { recursive: true })
}

async function measure(name: string, key: string, path: string): Promise<void> {
  // What the file before left is collected or given back meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  const idle = rssOf()
  let peak = idle
  const sampling = setInterval(() => {
    peak = Math.max(peak, rssOf())
  }, 50)
  const begin = performance.now()
  const answer = await send(name, key, path)
  const seconds = (performance.now() - begin) / 1000
  clearInterval(sampling)
  const { errors: _, ...counts } = JSON.parse(answer)
  console.log(
    `${name}: ${(statSync(path).size / MIB).toFixed(1)} MiB, ${Math.round(ROWS / seconds)} rows/s in ${seconds.toFixed(1)} s, idle ${Math.round(idle)} MiB, peak ${Math.round(peak - idle)} MiB above`,
    counts,
  )
}

/** Resident memory of the server in MiB. */
function rssOf(): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
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
    const asked = request(`${server.url}/v1/signals/arrears`, { method: 'POST', headers }, async (answer) => {
      let text = ''
      for await (const part of answer) text += part
      resolve(text)
    })
    asked.on('error', reject)
    createReadStream(path).pipe(asked)
  })
}

async function writeCsv(name: string, rows: number): Promise<string> {
  const path = join(folder, `${name}.csv`)
  function* text() {
    yield `${HEAD.join(',')}\n`
    for (let i = 0; i < rows; i += 1_000)
      yield Array.from(
        { length: Math.min(1_000, rows - i) },
        (_, j) => `${lineOf(name, i + j).join(',')}\n`,
      ).join('')
  }
  await pipeline(Readable.from(text()), createWriteStream(path))
  return path
}

async function writeWorkbook(name: string, rows: number): Promise<string> {
  const path = join(folder, `${name}.xlsx`)
  function* lines() {
    for (let i = 0; i < rows; i++) yield [...lineOf(name, i)]
  }
  // With shared strings, as a spreadsheet saves them.
  const columns = HEAD.map((header) => ({ header }))
  await pipeline(
    Readable.fromWeb(writeXlsxStream(lines(), { name: '台账', columns, inlineStrings: false }) as never),
    createWriteStream(path),
  )
  return path
}
