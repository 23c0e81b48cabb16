import { redirect } from '@sveltejs/kit'
import { accountApi } from '../../lib/account-api.ts'

/** How one may log in. Whoever comes back from the single sign-on logged in goes on to where they wanted. */
export async function load({ url }: { url: URL }): Promise<{ singleSignOn: boolean }> {
  if (url.searchParams.has('sso')) {
    const next = sessionStorage.getItem('next') ?? ''
    sessionStorage.removeItem('next')
    redirect(307, /^\/(?![/\\])/.test(next) ? next : '/map')
  }
  return await accountApi.ways().catch(() => ({ singleSignOn: false }))
}
