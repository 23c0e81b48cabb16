import { Kind } from '#domain/signal.ts'
import { addressOf as withQuery } from '../../../lib/api.ts'
import { ROW_STATES, type RowState } from '../../../lib/quarantine-api.ts'
import type { SourceState } from '../../../lib/sources-api.ts'

export const SORTS = ['name', 'received', 'observed', 'rejected'] as const
type Sort = (typeof SORTS)[number]

/**
 * What the address asks for. `source` is the open one, or `new` for the form; `batch` the upload that is looked at; `rows`
 * the rejected rows, of the batch or of the whole source, by what became of them; `row` the one being corrected.
 */
export type View = {
  text: string
  kind: Kind | null
  isSilent: boolean
  sort: Sort
  source: string | null
  batch: string | null
  rows: RowState | null
  row: { batch: string; row: number } | null
}

/** Nothing open beside the list, or in a source. */
export const CLOSED = { batch: null, rows: null, row: null } as const

export function viewFrom(search: Pick<URLSearchParams, 'get'>): View {
  return {
    text: search.get('q') ?? '',
    kind: Kind.safeParse(search.get('kind')).data ?? null,
    isSilent: search.get('silent') === 'true',
    sort: SORTS.find((sort) => sort === search.get('sort')) ?? 'name',
    source: search.get('source'),
    batch: search.get('batch'),
    rows: ROW_STATES.find((state) => state === search.get('rows')) ?? null,
    row: rowFrom(search.get('row') ?? ''),
  }
}

/** The address of a view; what is as by default is left out. */
export function addressOf(view: View): string {
  return withQuery('/sources', {
    q: view.text,
    kind: view.kind ?? undefined,
    silent: view.isSilent ? 'true' : undefined,
    sort: view.sort === 'name' ? undefined : view.sort,
    source: view.source ?? undefined,
    batch: view.batch ?? undefined,
    rows: view.rows ?? undefined,
    row: view.row ? `${view.row.batch}/${view.row.row}` : undefined,
  })
}

function rowFrom(text: string): View['row'] {
  const [, batch, row] = /^([^/]+)\/(\d{1,9})$/.exec(text) ?? []
  return batch === undefined ? null : { batch, row: Number(row) }
}

/** The sources of a view: by name, else what needs a look first — the latest, the longest behind, the least clean. */
export function sourcesOf(view: View, sources: readonly SourceState[]): SourceState[] {
  const text = view.text.trim().toLowerCase()
  const ms = (iso: string | null) => (iso === null ? 0 : Date.parse(iso))
  const by: Record<Sort, (a: SourceState, b: SourceState) => number> = {
    name: (a, b) => a.name.localeCompare(b.name, 'zh'),
    received: (a, b) => ms(b.lastReceivedAt) - ms(a.lastReceivedAt),
    observed: (a, b) => ms(a.newestObservedAt) - ms(b.newestObservedAt),
    rejected: (a, b) => (b.last30Days.rejectedShare ?? -1) - (a.last30Days.rejectedShare ?? -1),
  }
  return sources
    .filter(
      (one) =>
        one.name.toLowerCase().includes(text) &&
        (view.kind === null || one.kinds.includes(view.kind)) &&
        (!view.isSilent || one.isSilent),
    )
    .sort((a, b) => by[view.sort](a, b) || a.id.localeCompare(b.id))
}
