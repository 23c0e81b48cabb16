import { redirect } from '@sveltejs/kit'
import { api } from '../lib/api.ts'
import { homeFor, isClosedTo } from '../lib/places.ts'

/** The wall is what a bare address means, to whom it is open; its query (`?lang=en`) goes along. */
export async function load({ url }: { url: URL }) {
  const me = await api.me().catch(() => null)
  redirect(307, `${isClosedTo(me, '/wall') ? homeFor(me) : '/wall'}${url.search}`)
}
