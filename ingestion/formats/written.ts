import type { FieldMeta } from '#domain/signal.ts'
import type { Lang } from '#domain/text.ts'

/** A value as a person writes it into a cell, so that reading it gives the same again. */
export function written(value: unknown, meta: FieldMeta | undefined, lang: Lang): unknown {
  if (!meta) return value
  if (typeof value === 'boolean') return lang === 'zh' ? (value ? '是' : '否') : value ? 'yes' : 'no'
  if (meta.labels && typeof value === 'string') return meta.labels[value]?.[lang] ?? value
  if (meta.cell === 'list' && Array.isArray(value) && value.every((item) => typeof item === 'string'))
    return value.join('、')
  return value
}

/** What stands in the cell of a value; blank for nothing. */
export function textOf(value: unknown): string {
  return value === undefined || value === null
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value)
}
