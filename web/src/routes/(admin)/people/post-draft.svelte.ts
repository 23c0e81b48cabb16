import type { Side } from '#domain/right.ts'
import type { Sector } from '#domain/sector.ts'
import { DAY_MS, parseInstant } from '#domain/time.ts'
import { dayText } from '../../../lib/clock.ts'
import type { AskedPost } from '../../../lib/people-api.ts'

/** A post while it is being filled in. Days are `YYYY-MM-DD`, the last one is part of it; '' is now, or until further notice. */
export class PostDraft {
  role = $state('')
  regions = $state.raw<string[]>([])
  side = $state<Side>('both')
  sectors = $state<Sector[]>([])
  startsAt = $state('')
  endsAt = $state('')

  get asked(): AskedPost {
    const { role, regions, side, sectors, startsAt, endsAt } = this
    const lastMs = parseInstant(endsAt)
    const until = lastMs === null ? endsAt || null : dayText(lastMs + DAY_MS)
    return { role, regions, side, sectors, ...(startsAt && { startsAt }), endsAt: until }
  }
}
