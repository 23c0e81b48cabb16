import { accountApi } from '../../lib/account-api.ts'
import { api } from '../../lib/api.ts'
import { rejectWithoutEntry } from '../../lib/entry.ts'
import { installation } from '../../lib/installation.svelte.ts'

/** The own account. `me` is `null` while a second factor that the role needs is missing: then nothing else opens. */
export async function load({ url, depends }: { url: URL; depends: (name: string) => void }) {
  depends('account:own')
  try {
    const [account, { sessions }] = await Promise.all([accountApi.account(), accountApi.sessions()])
    const [me] = account.mustEnrol
      ? [null]
      : await Promise.all([api.me().catch(() => null), installation.status().catch(() => null)])
    return { account, sessions, me }
  } catch (error) {
    rejectWithoutEntry(error, url)
    throw error
  }
}
