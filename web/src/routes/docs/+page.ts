import { api } from '../../lib/api.ts'

/** The description of the API. A failure is data too: the page keeps its frame and says what failed. */
export async function load() {
  const [me, status] = [api.me().catch(() => null), api.status().catch(() => null)]
  try {
    return {
      document: await api.openApi(),
      failure: null,
      me: await me,
      isSynthetic: (await status)?.isSynthetic ?? false,
    }
  } catch (error) {
    return { document: null, failure: error, me: null, isSynthetic: false }
  }
}
