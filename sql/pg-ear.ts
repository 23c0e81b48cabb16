import pg from 'pg'

const RECONNECT_MS = 1_000

/**
 * The one connection of a process that hears NOTIFY. When it breaks it is made anew, and every listener is called once,
 * as something may have been said meanwhile.
 */
export class PgEar {
  readonly #url: string
  readonly #listeners = new Map<string, Set<() => void>>()
  #client: pg.Client | null = null
  #connecting: Promise<void> | null = null
  #retry: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(url: string) {
    this.#url = url
  }

  /** Several may listen to one channel. Resolves when it is heard, or when it will be after the next reconnection. */
  async listen(channel: string, heard: () => void): Promise<void> {
    const listeners = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, listeners.add(heard))
    if (this.#client) await this.#client.query(`LISTEN "${channel}"`)
    else await this.#connect()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#retry)
    await this.#connecting
    await this.#client?.end()
  }

  #connect(): Promise<void> {
    this.#connecting ??= this.#open()
      .catch(() => this.#again())
      .finally(() => {
        this.#connecting = null
      })
    return this.#connecting
  }

  #again(): void {
    clearTimeout(this.#retry)
    if (!this.#isClosed) this.#retry = setTimeout(() => void this.#connect(), RECONNECT_MS)
  }

  async #open(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    })
    client.on('error', () => undefined) // An 'end' follows.
    client.on('notification', ({ channel }) => {
      for (const heard of this.#listeners.get(channel) ?? []) heard()
    })
    try {
      await client.connect()
      for (const channel of this.#listeners.keys()) await client.query(`LISTEN "${channel}"`)
    } catch (error) {
      await client.end().catch(() => undefined)
      throw error
    }
    client.on('end', () => {
      this.#client = null
      this.#again()
    })
    this.#client = client
    for (const listeners of this.#listeners.values()) for (const heard of listeners) heard()
  }
}
