import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beginStores } from '../support/begin-stores.ts'
import { Client } from '../support/client.ts'
import { enterAdmin } from '../support/people.ts'
import { ADMIN, startServer, type TestServer } from '../support/server.ts'
import { totpOf } from '../support/totp.ts'

/** The scripts that an operator runs beside a stopped server, each in a process of its own. */
const run = (script: string, dataDir: string, ...args: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url)), ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: dataDir },
    encoding: 'utf8',
    timeout: 60_000,
  })

let root: string
let server: TestServer
const dataDir = () => join(root, 'data')

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'xiangrong-'))
  await beginStores(dataDir())
  server = await startServer({ DATA_DIR: dataDir() })
})
afterAll(async () => {
  await server.stop()
  rmSync(root, { recursive: true, force: true })
})

describe('where no server ever was', () => {
  it.each(['audit-verify.ts', 'person-link.ts'])('%s calls nothing sound and makes nothing', (script) => {
    const elsewhere = join(root, 'mistyped')
    const { status, stdout, stderr } = run(
      script,
      elsewhere,
      ...(script === 'person-link.ts' ? ['admin'] : []),
    )
    expect(stderr).toBe(`setting DATA_DIR: nothing is stored in ${elsewhere}; set it as the server has it\n`)
    expect([status, stdout]).toEqual([1, ''])
    expect(existsSync(elsewhere)).toBe(false)
  })
})

describe('a directory that is in use', () => {
  it.each(['audit-verify.ts', 'person-link.ts'])('is left alone by %s, in one line', (script) => {
    const { status, stderr } = run(script, dataDir(), ...(script === 'person-link.ts' ? ['admin'] : []))
    expect(status).toBe(1)
    expect(stderr).toMatch(/^.* is in use by process \d+: stop it, or set DATA_DIR to another directory\n$/)
  })
})

describe('nobody who manages people can log in any more', () => {
  it('and a link made at the server lets the last of them in again, also without the second factor', async () => {
    const admin = await enterAdmin(server)
    const { body } = await admin.ask('/v1/auth/two-factor/enable', { password: ADMIN.password })
    await admin.ask('/v1/auth/two-factor/verify-totp', { code: totpOf(body.totpURI) })
    await server.kill()

    expect(run('person-link.ts', dataDir(), 'nobody')).toMatchObject({
      status: 1,
      stderr: 'nobody has this user name\n',
    })
    expect(run('person-link.ts', dataDir())).toMatchObject({ status: 1, stdout: '' })
    const { status, stdout } = run('person-link.ts', dataDir(), 'Admin', '--without-second-factor')
    expect(status).toBe(0)
    const [, token = ''] = /\/welcome#([\w-]{32})\n/.exec(stdout) ?? []
    const sound = run('audit-verify.ts', dataDir())
    expect([sound.status, sound.stdout]).toEqual([0, expect.stringMatching(/^\d+ entries, all sound\n$/)])

    await server.restart()
    expect((await admin.ask('/v1/account')).status).toBe(401)
    const again = new Client(server)
    const password = 'a-new-passphrase-of-it'
    expect((await again.ask('/v1/password-links/use', { token, password })).status).toBe(200)
    expect((await again.signIn({ username: ADMIN.username, password })).status).toBe(200)
    expect((await again.ask('/v1/account')).body).toMatchObject({ hasSecondFactor: false })
    const { entries } = (await again.ask('/v1/audit?action=password.reset,secondFactor.reset')).body
    expect(entries).toMatchObject([
      { action: 'secondFactor.reset', whoId: '', reason: 'at the server', subjectName: { en: 'admin' } },
      { action: 'password.reset', whoId: '', reason: 'at the server', subjectName: { en: 'admin' } },
    ])
  })
})
