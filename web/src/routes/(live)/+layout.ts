import { redirect } from '@sveltejs/kit'
import { api, type Me } from '../../lib/api.ts'
import { entryFor } from '../../lib/entry.ts'

/** Who looks; sends to the log-in when that is needed, a wall to its code. A server that does not answer is the page's matter to show. */
export async function load({ url }: { url: URL }): Promise<{ me: Me | null }> {
  try {
    return { me: await api.me() }
  } catch (error) {
    const entry = entryFor(error, url)
    if (entry !== null) redirect(307, entry)
    return { me: null }
  }
}
