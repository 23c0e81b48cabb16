import type { Side } from '#domain/right.ts'
import type { Sector } from '#domain/sector.ts'
import type { AskedPost } from '../../../lib/people-api.ts'

/** A post while it is being filled in. Days are `YYYY-MM-DD`; '' is now, or until further notice. */
export class PostDraft {
  role = $state('')
  regions = $state.raw<string[]>([])
  side = $state<Side>('both')
  sectors = $state<Sector[]>([])
  startsAt = $state('')
  endsAt = $state('')

  get asked(): AskedPost {
    const { role, regions, side, sectors, startsAt, endsAt } = this
    return { role, regions, side, sectors, ...(startsAt && { startsAt }), endsAt: endsAt || null }
  }
}
