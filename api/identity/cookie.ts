/**
 * Over TLS, also where a proxy ends it, a cookie is bound to this host alone: no other site of the domain can set or read it
 * (`__Host-`, RFC 6265bis §4.1.3). `headers` are those of the request.
 */
export function cookieName(name: string, headers: Headers): string {
  return isOverTls(headers) ? `${HOST_PREFIX}${name}` : name
}

export const HOST_PREFIX = '__Host-'

/** Whether whoever asks has reached us over TLS: what a proxy in front says. */
export function isOverTls(headers: Headers): boolean {
  return headers.get('x-forwarded-proto') === 'https'
}
