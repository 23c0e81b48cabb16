import { type KeyState, vaultApi } from '../../../lib/vault-api.ts'

const LOOKS = 12

/** The newest acts on identities and the state of the key. A failure is data too: the page says what failed. */
export async function load({ depends }: { depends: (name: `${string}:${string}`) => void }) {
  depends('vault:looks')
  try {
    const action = 'identity.search,identity.read,identity.erase,identity.refused,identity.rotate'
    const [{ entries }, key] = await Promise.all([
      vaultApi.audit({ action, limit: LOOKS }),
      vaultApi.keyState(),
    ])
    return { looks: entries, key: key as KeyState | null, failure: null }
  } catch (error) {
    return { looks: [], key: null, failure: error }
  }
}
