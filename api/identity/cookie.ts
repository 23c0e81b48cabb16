/**
 * Over TLS, also where a proxy ends it, a cookie is bound to this host alone: no other site of the domain can set or read it
 * (`__Host-`, RFC 6265bis §4.1.3). `headers` are those of the request, `publicUrl` where people reach the system.
 */
export function cookieName(name: string, headers: Headers, publicUrl: string | null): string {
  return isOverTls(headers, publicUrl) ? `${HOST_PREFIX}${name}` : name
}

export const HOST_PREFIX = '__Host-'

/**
 * Whether whoever asks has reached us over TLS: what a proxy in front says, of sockets too, which some call `wss`. Of one that
 * says nothing, whether the public address is asked for and is `https`.
 */
export function isOverTls(headers: Headers, publicUrl: string | null): boolean {
  const said = headers.get('x-forwarded-proto')?.split(',')[0]?.trim()
  if (said) return said === 'https' || said === 'wss'
  if (publicUrl === null) return false
  const { protocol, host } = new URL(publicUrl)
  return protocol === 'https:' && headers.get('host') === host
}
