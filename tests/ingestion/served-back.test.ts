import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import { XLSX } from '../support/forms.ts'
import { openIntake } from '../support/intake.ts'
import { ARREARS_HEAD, workbook } from '../support/workbook.ts'

/** What every virus scanner knows, harmless by itself; in two pieces, so that none takes this file for it. Source: EICAR. */
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('')
const TYPES = {
  xlsx: XLSX,
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
}
/** Its number of workers is none, so the row comes back. */
const FAULTY = ['R-1', '2025-06-10', '信访', '430702', 'E', '示例建筑', '已受理', '四', '5.00']

const intake = openIntake()

const send = (type: keyof typeof TYPES, body: string | Uint8Array, query = '') =>
  intake.post('arrears', body, { query, headers: { 'content-type': TYPES[type] } })
const fetchBack = async (path: string) => {
  const answer = await fetch(`${intake.server.url}/v1${path}`, {
    headers: { authorization: `Bearer ${intake.key}` },
  })
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) }
}

/** The parts of a workbook by their names. */
async function partsOf(book: Buffer): Promise<Map<string, Buffer>> {
  const parts = new Map<string, Buffer>()
  const archive = await fromBufferPromise(book)
  for await (const entry of archive.eachEntry())
    parts.set(entry.fileName, await buffer(await archive.openReadStreamPromise(entry)))
  return parts
}

describe('no file is served back as it came', () => {
  test('of a workbook with macros, an object, a picture and a link the cells alone come back, in a workbook of ours', async () => {
    const parts = {
      'xl/vbaProject.bin': EICAR,
      'xl/embeddings/oleObject1.bin': EICAR,
      'xl/media/image1.png': EICAR,
      'xl/externalLinks/externalLink1.xml': EICAR,
      'customXml/item1.xml': EICAR,
    }
    const backs = []
    for (const book of [workbook([ARREARS_HEAD, FAULTY]), workbook([ARREARS_HEAD, FAULTY], { parts })]) {
      const { body } = await send('xlsx', book)
      expect(body).toMatchObject({ received: 1, rejected: 1 })
      backs.push(await partsOf((await fetchBack(`/batches/${body.batch}/errors.xlsx`)).bytes))
    }
    const [plain, other] = backs
    expect([...(other?.keys() ?? [])]).toEqual([...(plain?.keys() ?? [])])
    for (const [name, part] of other ?? []) expect([name, part.includes(EICAR)]).toEqual([name, false])
  })

  test('a text of a cell stays a text: no sheet begins with it, or holds it as anything else', async () => {
    const row = FAULTY.with(5, EICAR)
    const { body } = await send('csv', [ARREARS_HEAD, row].map((line) => line.join(',')).join('\n'))
    const csv = await fetchBack(`/batches/${body.batch}/errors.csv`)
    expect(csv.headers.get('content-disposition')).toMatch(/^attachment/)
    expect(csv.bytes.indexOf(EICAR)).toBeGreaterThan(100)
    const parts = await partsOf((await fetchBack(`/batches/${body.batch}/errors.xlsx`)).bytes)
    for (const [name, part] of parts) if (part.includes(EICAR)) expect(name).toMatch(/sheet1|sharedStrings/)
  })

  test.each(['xlsx', 'csv', 'json', 'ndjson'] as const)(
    'a file that is nothing else, sent as %s, is taken by nobody, and no address answers it',
    async (type) => {
      for (const query of ['', '?mode=validate', '?atomic=all']) {
        const { status, body } = await send(type, EICAR, query)
        expect(status).toBeGreaterThanOrEqual(400)
        if (typeof body.batch !== 'string') continue
        for (const path of ['', '/errors.csv', '/errors.xlsx', '/errors.json']) {
          const { bytes } = await fetchBack(`/batches/${body.batch}${path}`)
          const begins = bytes.subarray(0, 20).includes(EICAR.slice(0, 10))
          expect([path, begins]).toEqual([path, false])
        }
      }
    },
  )
})
