import { expect, test } from 'vitest'
import { sendMalformed } from '../support/malformed.ts'
import { startServer } from '../support/server.ts'
import { arrears } from '../support/signals.ts'

/** A short run of tests/malformed.ts. */
test('thousands of malformed rows: each is taken, or refused with place and reason, and the server goes on', async () => {
  const server = await startServer()
  try {
    const source = await server.createSource()
    for await (const { rows, accepted, rejected, refused, faults } of sendMalformed(
      server,
      source,
      10_000,
      1,
    )) {
      expect(faults).toEqual([])
      expect(accepted + rejected).toBeGreaterThan(5_000)
      expect(rows).toBeGreaterThanOrEqual(accepted + rejected)
      expect(refused).toBeGreaterThan(0)
    }
    const replayed = await fetch(`${server.url}/v1/quarantine/replay`, {
      method: 'POST',
      headers: { cookie: await server.signIn(), 'content-type': 'application/json' },
      body: '{}',
    })
    expect(await replayed.json()).toMatchObject({ replayed: 0, next: null })
    expect((await server.send('arrears', source.key, [arrears({ caseId: 'after' })])).body.accepted).toBe(1)
    expect(server.output()).not.toContain('"level":50')
  } finally {
    await server.stop()
  }
})
