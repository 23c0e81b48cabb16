import { immutable } from '$app/manifest'
import { self as worker } from '$app/service-worker'

/**
 * Lets the reporting page open without a network: keeps its shell and the code, nothing else. It is registered for
 * `/report` alone, so no other page is ever answered from here. Data is never kept.
 */
const CACHE = 'report'
const SHELL = '/report'
const CODE = immutable
  .map(({ path }) => `/${path}`.replace(/^\/+/, '/'))
  .filter((path) => /\.(js|css)$/.test(path))

// The page's own types know no workers.
type Lasting = Event & { waitUntil(work: Promise<unknown>): void }
type Fetching = Event & { request: Request; respondWith(answer: Promise<Response>): void }

worker.addEventListener('install', (event: Lasting) =>
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([SHELL, ...CODE]))),
)

worker.addEventListener('activate', (event: Lasting) => event.waitUntil(dropOldCode()))

worker.addEventListener('fetch', (event: Fetching) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  if (request.mode === 'navigate') event.respondWith(fetch(request).catch(() => kept(SHELL)))
  else if (CODE.includes(pathname)) event.respondWith(kept(pathname).catch(() => fetch(request)))
})

async function kept(path: string): Promise<Response> {
  const found = await caches.match(path)
  if (!found) throw new TypeError(`${path} is not kept`)
  return found
}

async function dropOldCode(): Promise<void> {
  const cache = await caches.open(CACHE)
  const wanted = new Set([SHELL, ...CODE])
  for (const request of await cache.keys())
    if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request)
}
