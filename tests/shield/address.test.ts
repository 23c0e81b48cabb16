import { describe, expect, test } from 'vitest'
import { clientAddress, insideOf, isInside, parseNetworks } from '../../api/shield/address.ts'

const isProxy = (address: string) => {
  const networks = parseNetworks('10.0.0.0/8, 192.0.2.7, fd00::/8')
  return networks !== null && isInside(networks, address)
}

describe('networks', () => {
  test.each([
    '',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0/8',
    'proxy.local',
    '10.0.0.0/8/8',
    'fd00::/129',
    '10.0.0.0/-1',
  ])('%j is none', (text) => expect(parseNetworks(text)).toBeNull())

  test('hold what lies in them, in every spelling of it', () => {
    for (const address of ['10.255.0.1', '192.0.2.7', '::ffff:10.0.0.1', 'fd12::1'])
      expect([address, isProxy(address)]).toEqual([address, true])
    for (const address of ['11.0.0.1', '192.0.2.8', '::ffff:11.0.0.1', 'fe80::1%eth0', 'unknown', ''])
      expect([address, isProxy(address)]).toEqual([address, false])
  })
})

test('of networks that are kept as a list the same holds, and none hold nothing', () => {
  const isOurs = insideOf(['203.0.113.0/24', 'fd00::/8'])
  for (const address of ['203.0.113.9', '::ffff:203.0.113.9', 'fd12::1']) expect(isOurs(address)).toBe(true)
  for (const address of ['203.0.114.9', 'fe80::1', '']) expect(isOurs(address)).toBe(false)
  expect(insideOf([])('203.0.113.9')).toBe(false)
})

describe('whose request it is', () => {
  test.each<[string, string | undefined, string]>([
    // Nobody vouches for what a stranger writes.
    ['198.51.100.1', '203.0.113.9', '198.51.100.1'],
    ['198.51.100.1', undefined, '198.51.100.1'],
    ['10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['::ffff:10.0.0.1', '203.0.113.9:51234', '203.0.113.9'],
    ['fd00::1', '[2001:db8::5]:443', '2001:db8::5'],
    // The caller wrote the first hop himself; the proxy added the one that it saw.
    ['10.0.0.1', '192.0.2.99, 203.0.113.9', '203.0.113.9'],
    ['10.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['10.0.0.1', 'unknown', '10.0.0.1'],
    ['10.0.0.1', '203.0.113.9, <script>', '10.0.0.1'],
    ['10.0.0.1', undefined, '10.0.0.1'],
  ])('from %s with %j: %s', (connection, forwarded, expected) => {
    expect(clientAddress(connection, forwarded, isProxy)).toBe(expected)
  })
})
