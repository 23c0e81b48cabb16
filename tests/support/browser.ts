import { once } from 'node:events'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as driver } from 'playwright-core'
import { waitFor } from './server.ts'

/** A real headless Chromium: the machine's own where there is one, else the one that comes with npm. */
export async function openBrowser(): Promise<Browser> {
  const system = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync)
  return await driver.launch({
    executablePath: system ?? (await unpacked()),
    // Not the package's own arguments: they put everything in one process, which ends with its first closed page.
    args: [
      '--no-sandbox',
      '--no-zygote',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
    ],
    headless: true,
  })
}

/** The browser from npm. It unpacks itself; who asks while another process is at it would be given half of it. */
async function unpacked(): Promise<string> {
  const mark = join(tmpdir(), 'chromium-unpacked')
  const lock = `${mark}.lock`
  if (existsSync(mark)) return await chromium.executablePath()
  try {
    mkdirSync(lock)
  } catch {
    await waitFor(() => existsSync(mark), 60_000)
    return await chromium.executablePath()
  }
  try {
    const path = await chromium.executablePath()
    writeFileSync(mark, '')
    return path
  } finally {
    rmdirSync(lock)
  }
}

/** A cable between a browser and a server that can be pulled and plugged in again. */
export async function openCable(port: number) {
  let isPulled = false
  const sockets = new Set<Socket>()
  const cable = createServer((near) => {
    if (isPulled) return void near.destroy()
    const far = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  }).listen(0, '127.0.0.1')
  await once(cable, 'listening')
  const address = cable.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    pull() {
      isPulled = true
      for (const socket of sockets) socket.destroy()
    },
    plugIn() {
      isPulled = false
    },
    close() {
      this.pull()
      cable.close()
    },
  }
}
