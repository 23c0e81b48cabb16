import { api } from '../../lib/api.ts'
import { installation } from '../../lib/installation.svelte.ts'

/** The description of the API. A failure is data too: the page keeps its frame and says what failed. */
export async function load() {
  const me = api.me().catch(() => null)
  void installation.status().catch(() => null)
  try {
    return {
      document: await api.openApi(),
      failure: null,
      me: await me,
    }
  } catch (error) {
    return { document: null, failure: error, me: await me }
  }
}
