import { api } from '../../lib/api.ts'

/** The description of the API. A failure is data too: the page keeps its frame and says what failed. */
export async function load() {
  const status = api.status().catch(() => null)
  try {
    return { document: await api.openApi(), failure: null, isSynthetic: (await status)?.isSynthetic ?? false }
  } catch (error) {
    return { document: null, failure: error, isSynthetic: false }
  }
}
