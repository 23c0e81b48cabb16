import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as driver } from 'playwright-core'

/** How long a browser that another test file unpacks just now is waited for. */
const UNPACKING_MS = 30_000

/**
 * A real headless Chromium: the machine's own where there is one, else the one that comes with npm. That is unpacked on first
 * use, once a run: of two test files that begin at once the second finds a program that is still being written.
 */
export async function openBrowser(): Promise<Browser> {
  for (const end = Date.now() + UNPACKING_MS; ; await wait(200))
    try {
      return await launch()
    } catch (error) {
      if (!String(error).includes('ETXTBSY') || Date.now() > end) throw error
    }
}

async function launch(): Promise<Browser> {
  const system = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync)
  return await driver.launch({
    executablePath: system ?? (await chromium.executablePath()),
    // Not the package's own arguments: they put everything in one process, which ends with its first closed page.
    args: [
      '--no-sandbox',
      '--no-zygote',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
    ],
    // Without a locale of UTF-8 it can name no file in Chinese, as the machines of people do.
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    headless: true,
  })
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
