import { expect, test } from 'vitest'
import { cookieName, isOverTls } from '../../api/identity/cookie.ts'

const PUBLIC = 'https://xr.example'

test.each<[headers: Record<string, string>, publicUrl: string | null, isTls: boolean]>([
  [{}, null, false],
  [{ 'x-forwarded-proto': 'https' }, null, true],
  // What some proxies call a socket over TLS, and what a second proxy behind the first adds.
  [{ 'x-forwarded-proto': 'wss' }, null, true],
  [{ 'x-forwarded-proto': 'https, http' }, null, true],
  [{ 'x-forwarded-proto': 'http, https' }, null, false],
  [{ 'x-forwarded-proto': 'http', host: 'xr.example' }, PUBLIC, false],
  // A proxy that says nothing of it.
  [{ host: 'xr.example' }, PUBLIC, true],
  [{ host: 'xr.example' }, 'http://xr.example', false],
  // A screen in the hall that asks the server itself, beside the proxy.
  [{ host: '10.0.0.7:8080' }, PUBLIC, false],
])('a request with %o where people reach %s is over TLS: %s', (headers, publicUrl, isTls) => {
  expect(isOverTls(new Headers(headers), publicUrl)).toBe(isTls)
  expect(cookieName('a', new Headers(headers), publicUrl)).toBe(isTls ? '__Host-a' : 'a')
})
