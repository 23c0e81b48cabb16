import { api } from '../../../lib/api.ts'
import { rejectWithoutEntry } from '../../../lib/entry.ts'

type Load = { url: URL; depends: (name: `${string}:${string}`) => void; parent: () => Promise<unknown> }

/** The open unit, or why it is not there: one that is gone does not take the list with it. `null`: none is open. */
export async function load({ url, depends, parent }: Load) {
  depends('live:units')
  // The layout says whether anything of it is open.
  await parent()
  const open = url.searchParams.get('unit')
  if (open === null || open === 'new') return { unit: null }
  try {
    return { unit: { kind: 'found', unit: await api.unit(open) } as const }
  } catch (error) {
    rejectWithoutEntry(error, url)
    return { unit: { kind: 'failed', error } as const }
  }
}
