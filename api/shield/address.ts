import { BlockList, isIP } from 'node:net'

declare module 'hono' {
  interface ContextVariableMap {
    /** Where the request came from; set by `api/app.ts` before anything else. */
    address?: string
  }
}

/** Networks in a list like `10.0.0.0/8, 192.0.2.7, fd00::/8`; `null` when one of them is none. */
export function parseNetworks(text: string): BlockList | null {
  const networks = new BlockList()
  for (const part of text.split(',').map((one) => one.trim())) {
    const [address = '', length, ...rest] = part.split('/')
    const version = isIP(address)
    const bits = version === 4 ? 32 : 128
    const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
    if (version === 0 || rest.length > 0 || !(prefix <= bits)) return null
    networks.addSubnet(address, prefix, familyOf(address))
  }
  return networks
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
