import type { Me } from '../../../lib/api.ts'
import { rejectClosed } from '../../../lib/places.ts'

/** The wall asks for its figures itself, again and again; here only whether it is open to who looks. */
export async function load({
  url,
  parent,
}: {
  url: URL
  parent: () => Promise<{ me: Me | null }>
}): Promise<void> {
  rejectClosed((await parent()).me, '/wall', url)
}
