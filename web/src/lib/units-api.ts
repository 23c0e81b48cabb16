import { z } from 'zod'
import type { Unit } from '#domain/organisation.ts'
import { post, put, read } from './api.ts'
import { DutyEntry, EarlierReport } from './units.ts'

const Id = z.object({ id: z.string() })
const at = (unit: string) => `/v1/units/${encodeURIComponent(unit)}`

/** Keeping the registry: for administrators; the duty calendar also for those who report for the unit. */
export const unitsApi = {
  create: async (unit: Unit, earlierReports: readonly EarlierReport[]) =>
    (await post('/v1/units', { ...unit, earlierReports }, Id)).id,
  update: async (id: string, unit: Unit) => (await put(at(id), unit, Id)).id,
  retire: (id: string) => post(`${at(id)}/retire`, {}, Id),
  duty: async (id: string) =>
    (await read(`${at(id)}/duty`, {}, z.object({ entries: z.array(DutyEntry) }))).entries,
  earlierReports: async (id: string) =>
    (await read(`${at(id)}/earlier-reports`, {}, z.object({ reports: z.array(EarlierReport) }))).reports,
  putEarlierReports: (id: string, reports: readonly EarlierReport[]) =>
    put(`${at(id)}/earlier-reports`, { reports }, Id),
  putDuty: (id: string, entries: readonly DutyEntry[]) => put(`${at(id)}/duty`, { entries }, Id),
}
