import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { openRows } from '../../ingestion/formats/rows.ts'
import { deriveFileSeal, type SealedAs } from '../../ingestion/sealed-files.ts'
import { ARREARS_HEAD, workbook } from '../support/workbook.ts'

const folder = mkdtempSync(join(tmpdir(), 'sealed-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SECRET = 'a secret of the sealed files, long enough'
const KIB = 1024
let version = 1
const seal = deriveFileSeal(SECRET, () => version)
let made = 0

/** Puts bytes down in pieces of this size. */
async function putDown(content: Uint8Array, pieces = content.length || 1) {
  const path = join(folder, String(++made))
  const writer = await seal.create(path)
  for (let at = 0; at < content.length; at += pieces) await writer.write(content.subarray(at, at + pieces))
  await writer.end()
  await writer.close()
  return { path, bytes: content.length, sealedAs: writer.sealedAs }
}
const read = (file: { path: string; bytes: number; sealedAs?: SealedAs }, of = seal) =>
  buffer(of.readerOf(file)())
const bytesOf = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 7919) % 251))

test('opens to what was written, whole and any part of it, however it came', async () => {
  const edges = [0, 1, 256 * KIB - 1, 256 * KIB, 256 * KIB + 1, 512 * KIB, 700 * KIB]
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...edges),
      fc.integer({ min: 1, max: 300 * KIB }),
      fc.nat(700 * KIB),
      fc.nat(700 * KIB),
      async (length, pieces, a, b) => {
        const content = bytesOf(length)
        const file = await putDown(content, pieces)
        expect((await read(file)).equals(content)).toBe(true)
        const [from, until] = [Math.min(a, b, length), Math.min(Math.max(a, b), length)]
        const part = await buffer(seal.readerOf(file)(from, until))
        expect(part.equals(content.subarray(from, until))).toBe(true)
      },
    ),
    { seed: 20261129, numRuns: 40 },
  )
})

test('says nothing of what is in it, nor twice the same', async () => {
  const text = Buffer.from('430102199001011234 张三'.repeat(20_000))
  const [one, two] = [await putDown(text), await putDown(text)]
  const onDisk = readFileSync(one.path)
  expect(onDisk.includes('430102199001011234')).toBe(false)
  expect(onDisk.includes('张三')).toBe(false)
  expect(onDisk.equals(readFileSync(two.path))).toBe(false)
})

test('does not open where it was cut off, changed, put in another order, or is another file', async () => {
  const frame = 256 * KIB + 16
  const file = await putDown(bytesOf(600 * KIB))
  const whole = readFileSync(file.path)
  const other = await putDown(bytesOf(600 * KIB))
  const flipped = Buffer.from(whole)
  flipped.writeUInt8(flipped.readUInt8(frame + 5) ^ 1, frame + 5)
  const swapped = Buffer.concat([
    whole.subarray(frame, 2 * frame),
    whole.subarray(0, frame),
    whole.subarray(2 * frame),
  ])
  for (const bytes of [
    whole.subarray(0, -1),
    whole.subarray(0, 2 * frame),
    whole.subarray(0, 0),
    Buffer.concat([whole, Buffer.alloc(1)]),
    flipped,
    swapped,
    readFileSync(other.path),
  ]) {
    writeFileSync(file.path, bytes)
    await expect(read(file)).rejects.toMatchObject({ code: 'gone', zh: expect.stringContaining('打不开') })
  }
  // Cut off at a frame, by somebody who changes also how long it is said to be.
  writeFileSync(file.path, whole.subarray(0, 2 * frame))
  await expect(read({ ...file, bytes: 512 * KIB })).rejects.toMatchObject({ code: 'gone' })
  writeFileSync(file.path, whole)
  expect(await read(file)).toHaveLength(600 * KIB)
  await expect(
    read(
      file,
      deriveFileSeal(`another ${SECRET}`, () => 1),
    ),
  ).rejects.toMatchObject({ code: 'gone' })
})

test('opens after the key was changed, and new ones are under the new key', async () => {
  const before = await putDown(bytesOf(10))
  version = 2
  const after = await putDown(bytesOf(10))
  expect([before.sealedAs.version, after.sealedAs.version]).toEqual([1, 2])
  expect(await read(before)).toEqual(await read(after))
  await expect(read({ ...after, sealedAs: { ...after.sealedAs, version: 1 } })).rejects.toMatchObject({
    code: 'gone',
  })
})

test('a file that an earlier release put down is in clear and is read', async () => {
  const path = join(folder, 'clear')
  writeFileSync(path, 'in clear')
  expect((await read({ path, bytes: 8 })).toString()).toBe('in clear')
})

test('a workbook is read where its parts lie; a changed one is told from one that was sent damaged', async () => {
  const bytes = workbook([ARREARS_HEAD, ['甲', '2025-06-10']])
  const file = await putDown(bytes)
  const options = {
    kind: 'arrears',
    sheet: null,
    given: null,
    remembered: new Map(),
    isPreview: true,
  } as const
  const body = { ...file, kind: 'spooled', type: 'xlsx', isGzip: false, heardMs: 0, hash: () => '' } as const
  const reading = await openRows({ ...body, read: seal.readerOf(file) }, options)
  const rows: unknown[] = []
  for await (const chunk of reading.chunks) rows.push(...chunk)
  expect(rows).toHaveLength(1)
  await reading.close()
  const onDisk = readFileSync(file.path)
  onDisk.writeUInt8(onDisk.readUInt8(100) ^ 1, 100)
  writeFileSync(file.path, onDisk)
  await expect(openRows({ ...body, read: seal.readerOf(file) }, options)).rejects.toMatchObject({
    code: 'gone',
  })
  const cut = await putDown(bytes.subarray(0, -30))
  await expect(
    openRows({ ...body, bytes: cut.bytes, read: seal.readerOf(cut) }, options),
  ).rejects.toMatchObject({ code: 'bad_request' })
})
