import type { Me } from '../../../lib/api.ts'
import { rejectClosed } from '../../../lib/places.ts'
import { vaultApi } from '../../../lib/vault-api.ts'

const PAGE = 100

/** What the address asks for: `action`, `who`, `subject`, `text`, `from` and `to` (days, both included), `before` (a number). */
export async function load({ url, parent }: { url: URL; parent: () => Promise<{ me: Me }> }) {
  rejectClosed((await parent()).me, '/audit', url)
  const param = (name: string) => url.searchParams.get(name) || undefined
  const view = {
    action: param('action'),
    who: param('who'),
    subject: param('subject'),
    text: param('text'),
    from: param('from'),
    to: param('to'),
  }
  const query = { ...view, to: view.to && dayAfter(view.to) }
  try {
    const { entries, roles } = await vaultApi.audit({ ...query, before: param('before'), limit: PAGE })
    return { view, query, entries, roles, hasMore: entries.length === PAGE, failure: null }
  } catch (error) {
    return { view, query, entries: [], roles: {}, hasMore: false, failure: error }
  }
}

function dayAfter(day: string): string {
  const ms = Date.parse(day)
  return Number.isNaN(ms) ? day : new Date(ms + 86_400_000).toISOString().slice(0, 10)
}
