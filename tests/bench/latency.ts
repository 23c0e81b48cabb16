import { io } from 'socket.io-client'
import type { AlertLogEntry } from '#domain/alert.ts'
import { generateRows } from '../../scripts/synthetic/province.ts'
import { startServer } from '../support/server.ts'
import { arrears } from '../support/signals.ts'
import { percentile } from './figures.ts'

const SAMPLES = 200
const BACKGROUND_ROWS_PER_SECOND = 1_000
const PER_REQUEST = 100

/** From "request sent" to "alert in a connected client", while another sender keeps 1,000 rows a second coming. */
export async function run(): Promise<void> {
  const server = await startServer()
  const { key } = await server.createSource()
  const socket = io(server.url, { path: '/live', transports: ['websocket'] })
  const waiting = new Map<string, (at: number) => void>()
  socket.on('alert', ({ alert }: AlertLogEntry) => waiting.get(alert.project)?.(performance.now()))
  await new Promise<void>((resolve) => socket.once('snapshot', () => resolve()))
  const background = startBackground(server.url, key)
  const latencies: number[] = []
  for (let i = 0; i < SAMPLES; i++) {
    await new Promise((resolve) => setTimeout(resolve, 120 + (i % 7) * 20))
    const project = `示例工地${i}`
    const started = performance.now()
    const seen = new Promise<number>((resolve) => waiting.set(project, resolve))
    const row = arrears({
      caseId: `case-${i}`,
      project,
      owed: '60000.00',
      observedAt: new Date().toISOString(),
    })
    const { status } = await server.send('arrears', key, [row])
    if (status !== 200) throw new Error(`sending answered ${status}`)
    latencies.push((await seen) - started)
  }
  const sent = await background.stop()
  console.log(
    `\nlatency: request sent → alert in a connected client, ${SAMPLES} alerts at ${Math.round(sent)} rows/s in the background`,
  )
  console.log(
    `  p50 ${percentile(latencies, 0.5).toFixed(0)} ms, p99 ${percentile(latencies, 0.99).toFixed(0)} ms`,
  )
  socket.close()
  await server.stop()
}

function startBackground(url: string, key: string) {
  const rows = generateRows('workers', 7, 10_000_000)
  const started = performance.now()
  let sent = 0
  const timer = setInterval(
    () => {
      const body = Array.from({ length: PER_REQUEST }, () => JSON.stringify(rows.next().value)).join('\n')
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' }
      fetch(`${url}/v1/signals/workers`, { method: 'POST', headers, body }).then(
        (response) => {
          if (response.ok) sent += PER_REQUEST
          return response.arrayBuffer()
        },
        () => undefined,
      )
    },
    (PER_REQUEST / BACKGROUND_ROWS_PER_SECOND) * 1000,
  )
  return {
    /** Stops and answers the rows per second that were accepted. */
    async stop() {
      clearInterval(timer)
      return (sent / (performance.now() - started)) * 1000
    },
  }
}
