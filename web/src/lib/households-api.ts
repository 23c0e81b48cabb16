import { Household, Households } from '#domain/household.ts'
import { post, read } from './api.ts'

export const householdsApi = {
  counts: (region: string) => read('/v1/households', { region }, Households),
  /** Opens a household; the reason is in the audit log before the answer comes. */
  open: (key: string, reason: string) => post('/v1/households/read', { key, reason }, Household),
}
