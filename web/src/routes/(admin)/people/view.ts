import { addressOf as withQuery } from '../../../lib/api.ts'

/** What the address asks for. `person` is the open one, or `new` or `import` for the forms. */
export type View = { text: string; state: 'active' | 'disabled' | null; page: number; person: string | null }

export function viewFrom(search: Pick<URLSearchParams, 'get'>): View {
  const state = search.get('state')
  const page = Number(search.get('page'))
  return {
    text: search.get('q') ?? '',
    state: state === 'active' || state === 'disabled' ? state : null,
    page: Number.isInteger(page) && page > 0 ? page : 1,
    person: search.get('person'),
  }
}

/** The address of a view; what is as by default is left out. */
export function addressOf(view: View): string {
  return withQuery('/people', {
    q: view.text,
    state: view.state ?? undefined,
    page: view.page === 1 ? undefined : view.page,
    person: view.person ?? undefined,
  })
}
