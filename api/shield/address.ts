import { BlockList, isIP } from 'node:net'

declare module 'hono' {
  interface ContextVariableMap {
    /** Where the request came from; set by `api/app.ts` before anything else. */
    address?: string
  }
}

/** A network or a single address in one spelling, like `10.0.0.0/8` or `192.0.2.7/32`; `null` when it is none. */
export function canonicalNetwork(text: string): string | null {
  const [address = '', length, ...rest] = text.trim().toLowerCase().split('/')
  const bitsMax = isIP(address) === 4 ? 32 : 128
  const bits = length === undefined ? bitsMax : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  const isNetwork = isIP(address) !== 0 && !address.includes('%') && rest.length === 0 && bits <= bitsMax
  return isNetwork ? `${address}/${bits}` : null
}

/** Networks in a list like `10.0.0.0/8, 192.0.2.7, fd00::/8`; `null` when one of them is none. */
export function parseNetworks(text: string): BlockList | null {
  const networks = new BlockList()
  for (const part of text.split(',')) {
    const [address, bits] = canonicalNetwork(part)?.split('/') ?? []
    if (address === undefined) return null
    networks.addSubnet(address, Number(bits), familyOf(address))
  }
  return networks
}

/** Tells of an address whether one of some networks holds it; networks that are none hold nothing. */
export function insideOf(networks: readonly string[]): (address: string) => boolean {
  const parsed = parseNetworks(networks.join(','))
  return (address) => parsed !== null && isInside(parsed, address)
}

/**
 * Whose request it is: the address of the connection, or where that is a trusted proxy, the last one in
 * `X-Forwarded-For` that is none. Whoever is not trusted may write there what he likes, and is not believed.
 */
export function clientAddress(
  connection: string,
  forwarded: string | undefined,
  isTrusted: (address: string) => boolean,
): string {
  let address = plainAddress(connection)
  for (const hop of (forwarded ?? '').split(',').reverse()) {
    const before = plainAddress(hop.trim())
    if (!isTrusted(address) || isIP(before) === 0) break
    address = before
  }
  return address
}

/** Whether an address lies in the networks; `false` for what is no address. */
export function isInside(networks: BlockList, address: string): boolean {
  const plain = plainAddress(address)
  return isIP(plain) !== 0 && networks.check(plain, familyOf(plain))
}

const familyOf = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6')

/** Without a port, brackets, a zone, or the form that IPv4 takes on an IPv6 socket. */
function plainAddress(text: string): string {
  const bare = /^\[(.+)\](:\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  return bare.replace(/%.*$/, '').replace(/^::ffff:(?=[\d.]+$)/i, '')
}
