import { redirect } from '@sveltejs/kit'

/** The wall is what a bare address means; its query (`?lang=en`) goes along. */
export function load({ url }: { url: URL }) {
  redirect(307, `/wall${url.search}`)
}
