import { expect } from 'vitest'
import type { TestServer } from './server.ts'

/** Asks below `/v1` as a person, or with the key of a source; the body of the answer, which must be a good one. */
export type Ask = (method: string, path: string, body?: unknown, key?: string) => Promise<any>

export const askOf =
  (server: TestServer, cookie: string): Ask =>
  async (method, path, body, key) => {
    const response = await fetch(`${server.url}/v1${path}`, {
      method,
      headers: {
        ...(key ? { authorization: `Bearer ${key}` } : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect([200, 201], path).toContain(response.status)
    return await response.json()
  }
