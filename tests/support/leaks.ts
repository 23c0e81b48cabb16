import type { Page } from 'playwright-core'
import { z } from 'zod'
import type { Stores } from '#sql/open.ts'

/**
 * Says which of the secrets a text holds, each once. `isWhole`: a number counts only where no digit stands before or after
 * it, for texts so long that some stretch of other digits is one of many numbers by chance.
 */
export function leakFinder(secrets: Iterable<string>, { isWhole = false } = {}): (text: string) => string[] {
  const known = new Set(secrets)
  const lengthsBy = new Map<string, Set<number>>()
  for (const secret of known) {
    const first = secret.charAt(0)
    lengthsBy.set(first, (lengthsBy.get(first) ?? new Set()).add(secret.length))
  }
  const isDigit = (one: string) => one >= '0' && one <= '9'
  return (text) => {
    const found = new Set<string>()
    for (let at = 0; at < text.length; at++)
      for (const length of lengthsBy.get(text.charAt(at)) ?? []) {
        const piece = text.slice(at, at + length)
        if (!known.has(piece)) continue
        const isPart =
          isDigit(piece.charAt(0)) && (isDigit(text.charAt(at - 1)) || isDigit(text.charAt(at + length)))
        if (!isWhole || !isPart) found.add(piece)
      }
    return [...found]
  }
}

/** Every row of every table of both stores as text, a table at a time. */
export async function* everyTable({
  engine,
  postgres,
}: Stores): AsyncGenerator<{ table: string; text: string }> {
  const tables = await engine.query({
    name: 'tables',
    unscoped: 'a test',
    sql: `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'`,
    row: z.object({ name: z.string() }),
  })
  for (const { name } of tables) {
    const rows = await engine.query({
      name,
      unscoped: 'a test',
      sql: `SELECT toString(tuple(*)) AS line FROM ${name}`,
      row: z.object({ line: z.string() }),
    })
    yield { table: `clickhouse ${name}`, text: rows.map(({ line }) => line).join('\n') }
  }
  const names = await postgres.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  )
  for (const { name } of names) {
    const rows = await postgres.query<{ line: string }>(`SELECT t::text AS line FROM "${name}" t`)
    yield { table: `postgres ${name}`, text: rows.map(({ line }) => line).join('\n') }
  }
}

/** Every address that a page asks for from now on, and every frame of its sockets. */
export function overhear(page: Page): { urls: string[]; frames: string[] } {
  const urls: string[] = []
  const frames: string[] = []
  page.on('request', (request) => urls.push(request.url()))
  page.on('websocket', (socket) => {
    urls.push(socket.url())
    const note = ({ payload }: { payload: string | Buffer }) => frames.push(String(payload))
    socket.on('framesent', note).on('framereceived', note)
  })
  return { urls, frames }
}
