import { AREAS, TRADES } from '#domain/organisation.ts'
import type { Bilingual, Lang } from '#domain/text.ts'
import { agoOf } from '../../../lib/clock.ts'
import { decimal, hundredthsOf, NO_VALUE } from '../../../lib/format.ts'
import type { Key } from '../../../lib/locale.svelte.ts'
import { placeName } from '../../../lib/place-name.ts'
import type { UnitSummary } from '../../../lib/units.ts'

type Words = (key: Key, values?: Record<string, string | number>) => string
type Locale = { readonly lang: Lang; of(text: Bilingual): string; t: Words }

/** What a unit is, in a few words: "国家级园区", "家政行业协会", "邵阳市驻珠三角服务站". */
export function kindText(unit: UnitSummary, { t, of, lang }: Locale): string {
  const rank = t(`registry.rank.${unit.rank}`)
  if (unit.kind === 'association' && unit.trade)
    return t('registry.is.association', { trade: of(TRADES[unit.trade]) })
  if (unit.kind === 'station' && unit.area)
    return t('registry.is.station', {
      rank,
      owner: placeName(unit.ownerRegion ?? '43', lang),
      area: of(AREAS[unit.area]),
    })
  return t(`registry.is.${unit.kind === 'station' || unit.kind === 'association' ? 'office' : unit.kind}`, {
    rank,
  })
}

/** The share of reports on time, with how many were due: "91.7%"; a dash where none was due. */
export function rateText({ punctuality: { rate } }: UnitSummary): string {
  return rate === null ? NO_VALUE : `${decimal(hundredthsOf(rate * 100), 0, 1)}%`
}

/** When something happened: relative up to an hour, then absolute; a dash when it never did. */
export function whenText(iso: string | null, nowMs: number, t: Words): string {
  if (iso === null) return NO_VALUE
  const ago = agoOf(Date.parse(iso), nowMs)
  if (ago.kind === 'now') return t('time.now')
  return ago.kind === 'minutes' ? t('time.minutes', { count: ago.minutes }) : ago.text
}
