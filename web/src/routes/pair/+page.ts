import { redirect } from '@sveltejs/kit'
import { api } from '../../lib/api.ts'

/** Who may see the wall already has nothing to wait for here. */
export async function load(): Promise<void> {
  const me = await api.me().catch(() => null)
  if (me) redirect(307, '/wall')
}
