import { existsSync, readFileSync } from 'node:fs'
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/** What no page of ours asks a browser for. */
const NOTHING_OF = ['camera', 'microphone', 'geolocation', 'payment', 'usb', 'serial', 'bluetooth'] as const
/** Data is shown by nothing and framed by nobody. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
const FRAMES = "; frame-ancestors 'none'; form-action 'self'"
const YEAR_S = 31_536_000

/**
 * The headers by which a browser holds our pages to themselves. `page` is the built page, whose own policy names the hash
 * of its one inline script: it is sent as a header too, as a policy in a page cannot forbid frames.
 */
export function protectiveHeaders(publicUrl: string | null, page: string): MiddlewareHandler[] {
  const isHttps = publicUrl?.startsWith('https:') ?? false
  const pagePolicy = existsSync(page) ? policyOf(readFileSync(page, 'utf8')) + FRAMES : DATA_POLICY
  return [
    secureHeaders({
      xFrameOptions: 'DENY',
      strictTransportSecurity: isHttps ? `max-age=${YEAR_S}; includeSubDomains` : false,
      permissionsPolicy: Object.fromEntries(NOTHING_OF.map((feature) => [feature, []])),
    }),
    async (c, next) => {
      await next()
      const isData = c.req.path.startsWith('/v1/')
      c.header('content-security-policy', isData ? DATA_POLICY : pagePolicy)
      // Answers name people and places: neither the browser nor a proxy keeps one, unless a route says so.
      if (isData && !c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
    },
  ]
}

function policyOf(page: string): string {
  const policy = /<meta http-equiv="content-security-policy" content="([^"]+)">/.exec(page)?.[1]
  if (!policy) throw new Error('the built page has no content policy: see csp in web/vite.config.ts')
  return policy
}
