import type { Alert } from '#domain/alert.ts'
import { alertInHall } from '#domain/hall.ts'
import { HUNAN, isWithin, regionShortName, regionTrail } from '#domain/region.ts'
import { SECTORS, Sector } from '#domain/sector.ts'
import type { Lang } from '#domain/text.ts'
import { shownText } from './format.ts'
import type { Key } from './locale.svelte.ts'
import { placeName } from './place-name.ts'

type Words = (key: Key, values?: Record<string, string | number>) => string

/**
 * What happened, as a clerk would say it: "聚集 46 人讨薪", "欠薪 51.2 万元 · 31 人"; of what is theirs in part only, whose figures
 * they do not have, "欠薪金额 · 部分在您的范围内".
 */
export function whatHappened(alert: Alert, t: Words, lang: Lang): string {
  if (alert.value === null) return t('alert.part', { title: alert.ruleTitle[lang] })
  const isOver = alert.state === 'resolved' && Number(alert.value) === 0
  if (isOver && alert.rule === 'D14') return t('alert.dispersed')
  if (isOver && alert.rule === 'D15') return t('alert.settled')
  if (alert.rule === 'D14') return t('alert.gathering', { count: Number(alert.value) })
  if (alert.rule === 'D15') {
    const sum = shownText(alert.value, 'yuan', lang)
    return alert.workers ? t('alert.owedWorkers', { sum, count: alert.workers }) : t('alert.owed', { sum })
  }
  return t('alert.other', { title: alert.ruleTitle[lang], value: shownText(alert.value, alert.unit, lang) })
}

/** Where an alert is, and that it is a sum over places where it is one: "长沙市 · 跨县区合计". */
export function placeOf({ region, isAcross }: Alert, t: Words, lang: Lang): string {
  const place = whereOf(region, lang)
  if (!isAcross) return place
  return t(region.length > 2 ? 'alert.acrossCounties' : 'alert.acrossCities', { place })
}

/** Where, in two parts: city and county in Hunan, province and city elsewhere, or as much as is known. */
function whereOf(code: string, lang: Lang): string {
  const [province, ...rest] = regionTrailOf(code)
  const named = rest.map((one) => (lang === 'zh' ? placeName(one, lang) : regionShortName(one).en))
  if (province === undefined || named.length === 0) return placeName(province ?? code, lang)
  const parts = isWithin(code, HUNAN) ? named : [regionShortName(province)[lang], ...named]
  return parts.slice(0, 2).join(lang === 'zh' ? ' · ' : ', ')
}

/**
 * Who, as a hall may know it: by name where the case was verified; else abbreviated, "湖南某公司", or in English, where an
 * abbreviation of Chinese says nothing, by sector: "Construction project".
 */
export function siteOf(alert: Alert, t: Words, lang: Lang): string {
  const { employer, project } = alertInHall(alert)
  const name = employer || project
  if (name !== '' && (alert.isVerified || lang === 'zh')) return name
  const sector = Sector.safeParse(alert.sector).data
  const short = sector === undefined ? '' : SECTORS[sector].short[lang].replace(/业$/, '')
  return t(alert.project === '' ? 'alert.site.employer' : 'alert.site.project', { sector: short }).trim()
}

/** The scale of the matter beside a headline that does not say it: "31 人 · 38.6 万元"; '' where it does or is not theirs. */
export function scaleOf(alert: Alert, t: Words, lang: Lang): string {
  if (alert.rule === 'D15' || alert.owed === null) return ''
  const sum = shownText(alert.owed, 'yuan', lang)
  return alert.workers ? t('alert.workersOwed', { count: alert.workers, sum }) : sum
}

/** Codes of alerts come from our own store, but a page outlives releases: an odd one is shown as it is. */
function regionTrailOf(code: string): readonly string[] {
  return /^\d{2}(\d{2}){0,2}(\d{3}){0,2}$/.test(code) ? regionTrail(code) : [code]
}
