import { Household, Households } from '#domain/household.ts'
import { read } from './api.ts'

export const householdsApi = {
  counts: (region: string) => read('/v1/households', { region }, Households),
  household: (key: string) => read(`/v1/households/${encodeURIComponent(key)}`, {}, Household),
}
