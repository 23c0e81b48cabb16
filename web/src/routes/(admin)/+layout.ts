import { redirect } from '@sveltejs/kit'
import { api } from '../../lib/api.ts'
import { logInFor, rejectWithoutEntry } from '../../lib/entry.ts'

/** Who is logged in, and whether the data is synthetic. The wall's view is not enough here: it is sent to the log-in. */
export async function load({ url }: { url: URL }) {
  const [me, status] = await Promise.all([api.me(), api.status().catch(() => null)]).catch(
    (error: unknown) => {
      rejectWithoutEntry(error, url)
      throw error
    },
  )
  if (me.user === null) redirect(307, logInFor(url))
  return { me, isSynthetic: status?.isSynthetic ?? false }
}
