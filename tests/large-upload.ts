/** Sends a large CSV and a large XLSX to a server of its own and prints rows a second and memory above idle: `node tests/large-upload.ts --rows 1000000`. */
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
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

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } })
const ROWS = Number(values.rows)
const MIB = 1024 * 1024
const HEAD = ['姓名', '身份证号', '户籍地', '务工地', '行业', '用人单位', '状态', '月工资', '观测时间']
/** People nobody has sent before: the files begin with another number each. */
const lineOf = (first: number, i: number) =>
  [
    '测试甲',
    idNumberFor(first + i),
    '430522',
    '440300',
    'C',
    `示例厂${i % 5000}`,
    '在岗',
    4000 + (i % 3000),
    '2025-06-10 09:30',
  ] as const

const folder = mkdtempSync(join(tmpdir(), 'xiangrong-large-'))
const server = await startServer()
try {
  const { key } = await server.createSource()
  await send('warm.csv', key, await writeCsv(4_000_000, 20_000))
  await measure('large.csv', key, await writeCsv(0, ROWS))
  await measure('large.xlsx', key, await writeWorkbook(ROWS, ROWS))
} finally {
  await server.stop()
  rmSync(folder, { recursive: true })
}

async function measure(name: string, key: string, path: string): Promise<void> {
  // What the file before left is collected or given back meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  const idle = await memoryOf(server)
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
  isSending = false
  await sampling
  const { errors: _, ...counts } = JSON.parse(answer)
  const above = Object.entries(peak).map(
    ([what, mib]) => `${what} ${Math.round(mib - idle[what as keyof Memory])}`,
  )
  console.log(
    `${name}: ${(statSync(path).size / MIB).toFixed(1)} MiB, ${Math.round(ROWS / seconds)} rows/s in ${seconds.toFixed(1)} s; idle ${Math.round(idle.resident)} MiB, at the peak MiB above it: ${above.join(', ')}`,
    counts,
  )
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
    const asked = request(`${server.url}/v1/signals/workers`, { method: 'POST', headers }, async (answer) => {
      let text = ''
      for await (const part of answer) text += part
      resolve(text)
    })
    asked.on('error', reject)
    createReadStream(path).pipe(asked)
  })
}

async function writeCsv(first: number, rows: number): Promise<string> {
  const path = join(folder, `${first}.csv`)
  function* text() {
    yield `${HEAD.join(',')}\n`
    for (let i = 0; i < rows; i += 1_000)
      yield Array.from(
        { length: Math.min(1_000, rows - i) },
        (_, j) => `${lineOf(first, i + j).join(',')}\n`,
      ).join('')
  }
  await pipeline(Readable.from(text()), createWriteStream(path))
  return path
}

async function writeWorkbook(first: number, rows: number): Promise<string> {
  const path = join(folder, `${first}.xlsx`)
  function* lines() {
    for (let i = 0; i < rows; i++) yield [...lineOf(first, i)]
  }
  // With shared strings, as a spreadsheet saves them.
  const columns = HEAD.map((header) => ({ header }))
  await pipeline(
    Readable.fromWeb(writeXlsxStream(lines(), { name: '台账', columns, inlineStrings: false }) as never),
    createWriteStream(path),
  )
  return path
}
