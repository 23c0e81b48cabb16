import { api, type Me } from '../../lib/api.ts'
import { rejectWithoutEntry } from '../../lib/entry.ts'

/** Who looks; sends to the log-in when that is needed, a wall to its code. A server that does not answer is the page's matter to show. */
export async function load({ url }: { url: URL }): Promise<{ me: Me | null }> {
  try {
    return { me: await api.me() }
  } catch (error) {
    rejectWithoutEntry(error, url)
    return { me: null }
  }
}
