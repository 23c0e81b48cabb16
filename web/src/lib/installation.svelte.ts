import type { Status } from '#domain/installation.ts'
import { api } from './api.ts'
import { store, stored } from './stored.ts'

const STORED = 'xiangrong.synthetic'

/**
 * What the installation is, as the server last said it on this device: a page that could not be read must not look as if
 * synthetic people were real ones.
 */
class Installation {
  #isSynthetic = $state(false)

  get isSynthetic(): boolean {
    return this.#isSynthetic
  }

  start(): void {
    this.#isSynthetic = stored(STORED) !== null
  }

  /** Asks how it stands. @throws ApiError. */
  status = async (): Promise<Status> => {
    const status = await api.status()
    this.#isSynthetic = status.isSynthetic
    store(STORED, status.isSynthetic ? 'yes' : null)
    return status
  }
}

export const installation = new Installation()
