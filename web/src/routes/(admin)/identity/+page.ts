import type { Me } from '../../../lib/api.ts'
import { mayEverywhere, rejectClosed } from '../../../lib/places.ts'
import { vaultApi } from '../../../lib/vault-api.ts'

const LOOKS = 12

type Load = { url: URL; depends: (name: `${string}:${string}`) => void; parent: () => Promise<{ me: Me }> }

/**
 * The newest acts on identities and the state of the key, each `null` for who may not see it. A failure is data too: the page
 * says what failed.
 */
export async function load({ url, depends, parent }: Load) {
  depends('vault:looks')
  const { me } = await parent()
  rejectClosed(me, '/identity', url)
  const action = 'identity.search,identity.read,identity.erase,identity.refused,identity.rotate'
  try {
    const [looks, key] = await Promise.all([
      mayEverywhere(me, 'audit.read') ? vaultApi.audit({ action, limit: LOOKS }) : null,
      mayEverywhere(me, 'identity.rotate') ? vaultApi.keyState() : null,
    ])
    return { looks: looks?.entries ?? null, key, failure: null }
  } catch (error) {
    return { looks: null, key: null, failure: error }
  }
}
