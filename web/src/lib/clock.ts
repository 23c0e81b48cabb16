import type { Lang } from '#domain/text.ts'
import { DAY_MS, HOUR_MS, shanghaiDay } from '#domain/time.ts'

const ZONE = 'Asia/Shanghai'
const LOCALE: Record<Lang, string> = { zh: 'zh-CN', en: 'en-US' }
const formats = new Map<string, Intl.DateTimeFormat>()

/** "14:05:27", the clock of Asia/Shanghai. */
export function clockText(ms: number): string {
  return format('zh', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(ms)
}

/** "14:05". */
function minuteText(ms: number): string {
  return format('zh', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms)
}

/** "2026-11-24 14:05:27", for a record of what happened when. */
export function momentText(ms: number): string {
  return `${shanghaiDay(ms)} ${clockText(ms)}`
}

/** "2026-11-24". */
export function dayText(ms: number): string {
  return shanghaiDay(ms)
}

/** "星期二" or "Tuesday". */
export function weekdayText(ms: number, lang: Lang): string {
  return format(lang, { weekday: 'long' }).format(ms)
}

/** "11-24", for the axis of a chart. */
export function monthDayText(ms: number): string {
  return shanghaiDay(ms).slice(5)
}

/** "11 月" or "Nov", for the ticks of a monthly axis alone: January is "2027 年" or "Jan 2027" there. */
export function monthText(ms: number, lang: Lang): string {
  const [year, month] = shanghaiDay(ms).split('-').map(Number)
  if (month === 1) return lang === 'en' ? yearMonthText(ms, lang) : `${year} 年`
  return lang === 'en' ? format('en', { month: 'short' }).format(ms) : `${month} 月`
}

/** "2027 年 1 月" or "Jan 2027". */
export function yearMonthText(ms: number, lang: Lang): string {
  const [year, month] = shanghaiDay(ms).split('-').map(Number)
  return lang === 'en' ? `${format('en', { month: 'short' }).format(ms)} ${year}` : `${year} 年 ${month} 月`
}

/** A span of time up to now: just now, minutes up to an hour, then the time of day, the date as well, of another year the date alone. */
export type Ago =
  | { readonly kind: 'now' }
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: 'at'; readonly text: string }

/** How to say when something happened: relative up to an hour, then absolute (with the date when it was another day). */
export function agoOf(ms: number, nowMs: number): Ago {
  const passed = Math.max(0, nowMs - ms)
  if (passed < 60_000) return { kind: 'now' }
  if (passed < HOUR_MS) return { kind: 'minutes', minutes: Math.floor(passed / 60_000) }
  if (shanghaiDay(ms) === shanghaiDay(nowMs)) return { kind: 'at', text: minuteText(ms) }
  return { kind: 'at', text: dateText(ms, nowMs) }
}

/** "11-24 14:05"; of another year, where that would be read as one to come or long past, "2025-11-24". */
function dateText(ms: number, nowMs: number): string {
  const day = shanghaiDay(ms)
  return day.slice(0, 4) === shanghaiDay(nowMs).slice(0, 4) ? `${day.slice(5)} ${minuteText(ms)}` : day
}

/** A moment of the past: the time of day, with the date when it was another day. */
export function sinceText(ms: number, nowMs: number): string {
  return shanghaiDay(ms) === shanghaiDay(nowMs) ? clockText(ms) : dateText(ms, nowMs)
}

/** A waiting time as hours and minutes, "00:38"; from 100 hours on in days: "5 d" (the unit is the caller's). */
export function waitedText(ms: number): { readonly text: string; readonly isDays: boolean } {
  if (ms >= 100 * HOUR_MS) return { text: String(Math.floor(ms / DAY_MS)), isDays: true }
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  return {
    text: `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`,
    isDays: false,
  }
}

function format(lang: Lang, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = lang + JSON.stringify(options)
  const found = formats.get(key) ?? new Intl.DateTimeFormat(LOCALE[lang], { timeZone: ZONE, ...options })
  formats.set(key, found)
  return found
}
