import { redirect } from '@sveltejs/kit'
import { ApiError, api } from '../../lib/api.ts'

/** Who is logged in, and whether the data is synthetic. The wall's view is not enough here: it is sent to the log-in. */
export async function load({ url }: { url: URL }) {
  const logIn = () => redirect(307, `/login?next=${encodeURIComponent(url.pathname + url.search)}`)
  const [me, status] = await Promise.all([api.me(), api.status().catch(() => null)]).catch(
    (error: unknown) => {
      if (error instanceof ApiError && error.status === 401) logIn()
      throw error
    },
  )
  if (me.user === null) logIn()
  return { me, isSynthetic: status?.isSynthetic ?? false }
}
