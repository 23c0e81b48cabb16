import { redirect } from '@sveltejs/kit'
import type { Me } from '../../lib/api.ts'
import { ApiError, api } from '../../lib/api.ts'

/** Who looks; sends to the log-in when that is needed, a wall to its code. A server that does not answer is the page's matter to show. */
export async function load({ url }: { url: URL }): Promise<{ me: Me | null }> {
  try {
    return { me: await api.me() }
  } catch (error) {
    if (error instanceof ApiError && error.status === 401)
      redirect(
        307,
        url.pathname === '/wall' ? '/pair' : `/login?next=${encodeURIComponent(url.pathname + url.search)}`,
      )
    return { me: null }
  }
}
