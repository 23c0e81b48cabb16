import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appendAudit, readHead, verifyAudit } from '../../api/identity/audit.ts'
import { openTestStores } from '../support/stores.ts'
import { openVault } from '../support/vault.ts'

let stores: Awaited<ReturnType<typeof openTestStores>>

beforeAll(async () => {
  stores = await openTestStores()
})
afterAll(() => stores.close())

/** What only somebody with the database's own powers can do: the triggers are off while it happens. */
async function tamper(...statements: string[]): Promise<void> {
  const tables = ['audit_log', 'audit_head']
  for (const table of tables) await stores.postgres.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`)
  for (const statement of statements) await stores.postgres.query(statement)
  for (const table of tables) await stores.postgres.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`)
}
const act = (n: number) => ({
  who: { id: 'u1', username: '管理员' },
  action: 'identity.read' as const,
  subject: `person-${n}`,
  reason: '核实工资发放对象',
  address: '192.0.2.1',
})
const append = (n: number) =>
  stores.postgres.transaction((sql) => appendAudit(sql, act(n), Date.UTC(2026, 9, n)))

beforeEach(async () => {
  await tamper('TRUNCATE audit_log', `UPDATE audit_head SET seq = 0, hash = ''`)
  for (let n = 1; n <= 5; n++) await append(n)
})

describe('the audit log', () => {
  it('chains each entry to the one before by SHA-256 over what it says', async () => {
    const rows = await stores.postgres.query<{ hash: string; prevHash: string }>(
      'SELECT hash, "prevHash" FROM audit_log ORDER BY seq',
    )
    let prevHash = ''
    rows.forEach((row, i) => {
      const at = `2026-10-0${i + 1}T00:00:00.000Z`
      const said = `[${i + 1},"${at}","u1","管理员","identity.read","person-${i + 1}","核实工资发放对象","192.0.2.1","${prevHash}"]`
      expect(row.prevHash).toBe(prevHash)
      prevHash = createHash('sha256').update(said).digest('hex')
      expect(row.hash).toBe(prevHash)
    })
    expect(await verifyAudit(stores.postgres)).toEqual({ entries: 5, broken: null })
  })

  it('has no gap after a transaction that was rolled back, nor under writers at once', async () => {
    const failing = stores.postgres.transaction(async (sql) => {
      await appendAudit(sql, act(6))
      throw new Error('rolled back')
    })
    await expect(failing).rejects.toThrow('rolled back')
    await Promise.all(Array.from({ length: 20 }, (_, i) => append(i + 1)))
    expect(await verifyAudit(stores.postgres)).toEqual({ entries: 25, broken: null })
  })

  it.each([
    'UPDATE audit_log SET reason = reason WHERE seq = 3',
    'DELETE FROM audit_log WHERE seq = 5',
    'TRUNCATE audit_log',
    'UPDATE audit_head SET seq = seq - 1',
    'UPDATE audit_head SET seq = seq + 2',
    'DELETE FROM audit_head',
    'TRUNCATE audit_head',
  ])('refuses %s', async (statement) => {
    await expect(stores.postgres.query(statement)).rejects.toThrow(/append-only|forward only/)
    expect(await verifyAudit(stores.postgres)).toEqual({ entries: 5, broken: null })
  })
})

describe('verifying finds', () => {
  it.each(['"whoId"', '"whoName"', 'subject', 'reason', 'address', 'hash', '"prevHash"'])(
    'an entry whose %s was edited',
    async (column) => {
      await tamper(`UPDATE audit_log SET ${column} = ${column} || 'x' WHERE seq = 3`)
      expect(await verifyAudit(stores.postgres)).toEqual({ entries: 2, broken: { seq: 3, kind: 'altered' } })
    },
  )

  it('an entry whose time or action was edited', async () => {
    await tamper(`UPDATE audit_log SET at = at + interval '1 ms' WHERE seq = 2`)
    expect((await verifyAudit(stores.postgres)).broken).toEqual({ seq: 2, kind: 'altered' })
    await tamper(`UPDATE audit_log SET action = 'identity.search' WHERE seq = 1`)
    expect((await verifyAudit(stores.postgres)).broken).toEqual({ seq: 1, kind: 'altered' })
  })

  it('one that was taken out, and any number cut from the end', async () => {
    await tamper('DELETE FROM audit_log WHERE seq = 3')
    expect((await verifyAudit(stores.postgres)).broken).toEqual({ seq: 3, kind: 'missing' })
    await tamper('DELETE FROM audit_log WHERE seq >= 3')
    expect((await verifyAudit(stores.postgres)).broken).toEqual({ seq: 3, kind: 'cut' })
    await tamper('DELETE FROM audit_log')
    expect((await verifyAudit(stores.postgres)).broken).toEqual({ seq: 1, kind: 'cut' })
  })

  it('a chain that was made anew as a whole, against an anchor that was kept elsewhere', async () => {
    const anchor = await readHead(stores.postgres)
    expect(anchor).toMatchObject({ seq: 5, hash: expect.stringMatching(/^[0-9a-f]{64}$/) })
    await append(6)
    expect(await verifyAudit(stores.postgres, anchor)).toEqual({ entries: 6, broken: null })
    await tamper('TRUNCATE audit_log', `UPDATE audit_head SET seq = 0, hash = ''`)
    for (let n = 1; n <= 4; n++) await append(n)
    expect((await verifyAudit(stores.postgres, anchor)).broken).toEqual({ seq: 5, kind: 'cut' })
    await append(50)
    expect((await verifyAudit(stores.postgres)).broken).toBeNull()
    expect((await verifyAudit(stores.postgres, anchor)).broken).toEqual({ seq: 5, kind: 'altered' })
  })

  it('one in the middle of a long log, and nothing in a sound one', async () => {
    for (let n = 6; n <= 2_100; n++) await append(1)
    expect(await verifyAudit(stores.postgres)).toEqual({ entries: 2_100, broken: null })
    await tamper(`UPDATE audit_log SET subject = 'other' WHERE seq = 1500`)
    expect((await verifyAudit(stores.postgres)).broken).toEqual({ seq: 1_500, kind: 'altered' })
  })
})

describe('reading the log', () => {
  it('is by action, subject and time, newest first, a page at a time, and as a sheet', async () => {
    const v = await openVault(stores)
    const admin = await v.logIn('admin', 'administrator')
    const seqs = async (query: string) =>
      (await v.ask(`/v1/audit${query}`, admin)).body.entries.map((entry: any) => entry.seq)
    expect(await seqs('')).toEqual([5, 4, 3, 2, 1])
    expect(await seqs('?limit=2')).toEqual([5, 4])
    expect(await seqs('?limit=2&before=4')).toEqual([3, 2])
    expect(await seqs('?subject=person-2')).toEqual([2])
    expect(await seqs('?action=identity.search,identity.erase')).toEqual([])
    expect(await seqs('?action=identity.read,identity.erase&limit=1')).toEqual([5])
    // Half-open, by the clock of Shanghai: entry n is of 08:00 on October n there.
    expect(await seqs('?from=2026-10-02T08:00:00%2B08:00&to=2026-10-04T08:00:00%2B08:00')).toEqual([3, 2])
    expect(await seqs('?who=u1&text=PERSON-3')).toEqual([3])
    expect(await seqs(`?who=${encodeURIComponent('管理员')}&text=192.0.2.1&limit=1`)).toEqual([5])
    for (const none of ['who=u', 'text=person-_', 'text=%25', 'text=%27%20OR%201=1'])
      expect([none, await seqs(`?${none}`)]).toEqual([none, []])
    for (const query of ['?action=nonsense', '?limit=501', '?before=x', '?from=yesterday'])
      expect([query, (await v.ask(`/v1/audit${query}`, admin)).status]).toEqual([query, 400])
    const sheet = await v.ask('/v1/audit?format=csv&subject=person-2', admin)
    expect(sheet.text.trim()).toBe(
      'seq,at,whoName,action,subject,subjectName,reason,address\r\n2,2026-10-02T08:00:00.000+08:00,管理员,identity.read,person-2,,核实工资发放对象,192.0.2.1',
    )
    expect((await v.ask('/v1/audit?limit=1', admin)).body.entries).toMatchObject([
      { seq: 6, action: 'audit.export', whoName: 'admin', reason: 'subject=person-2' },
    ])
    expect((await v.ask('/v1/audit/verify', admin)).body).toEqual({ entries: 6, broken: null })
    await v.vault.close()
  })
})
