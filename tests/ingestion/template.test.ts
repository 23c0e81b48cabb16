import { expect, test } from 'vitest'
import { templateWorkbook } from '../../ingestion/sheets/template.ts'

test('a template is written once: anybody may ask for it, and it takes the one thread a tenth of a second', async () => {
  const [first, ...others] = await Promise.all([1, 2, 3].map(() => templateWorkbook('arrears', 'zh')))
  for (const other of others) expect(other).toBe(first)
  expect(await templateWorkbook('arrears', 'en')).not.toEqual(first)
  expect(await templateWorkbook('industry', 'zh')).not.toEqual(first)
})
