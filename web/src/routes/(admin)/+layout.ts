import { redirect } from '@sveltejs/kit'
import { api } from '../../lib/api.ts'
import { logInFor, rejectWithoutEntry } from '../../lib/entry.ts'
import { installation } from '../../lib/installation.svelte.ts'

/** Who is logged in. The wall's view is not enough here: it is sent to the log-in. */
export async function load({ url }: { url: URL }) {
  const [me] = await Promise.all([api.me(), installation.status().catch(() => null)]).catch(
    (error: unknown) => {
      rejectWithoutEntry(error, url)
      throw error
    },
  )
  if (me.user === null) redirect(307, logInFor(url))
  return { me }
}
