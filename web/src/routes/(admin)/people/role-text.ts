import type { Role } from '#domain/right.ts'
import type { Lang } from '#domain/text.ts'

/** The titles of roles by their ids; an id where the role is gone. */
export function roleNames(ids: readonly string[], roles: readonly Role[], lang: Lang): string {
  return ids
    .map((id) => roles.find((role) => role.id === id)?.title[lang] ?? id)
    .join(lang === 'zh' ? '、' : ', ')
}
