import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { TestServer } from './server.ts'

/** Begins a request to send workers by hand: all of its headers, and as much of the body as is given. The rest is the caller's. */
export async function begin(
  server: TestServer,
  key: string,
  headers: Record<string, string | number>,
  part: Uint8Array,
  path = '',
): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  // The server may cut the connection first; what it said by then is looked at by who cares.
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const lines = Object.entries({ host: 'x', authorization: `Bearer ${key}`, ...headers })
  socket.write(
    `POST /v1/signals/workers${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  )
  if (!socket.write(part) && !socket.destroyed)
    await Promise.race([once(socket, 'drain'), once(socket, 'close')])
  return socket
}
