import { RIGHTS, type Right, type RoleChange } from '#domain/right.ts'
import { locale, t } from './locale.svelte.ts'

/** The titles of rights, as a list in a sentence. */
export function rightNames(rights: readonly Right[]): string {
  return rights.map((right) => locale.of(RIGHTS[right])).join(locale.lang === 'zh' ? '、' : '”, “')
}

/** What becomes of a role, in words. */
export function changeText({ grant, revoke, needsSecondFactor }: Omit<RoleChange, 'role'>): string {
  return [
    grant.length > 0 ? t('roles.grants', { rights: rightNames(grant) }) : '',
    revoke.length > 0 ? t('roles.revokes', { rights: rightNames(revoke) }) : '',
    needsSecondFactor === undefined ? '' : t(needsSecondFactor ? 'roles.needsFactor' : 'roles.needsNoFactor'),
  ]
    .filter(Boolean)
    .join(locale.lang === 'zh' ? '；' : '; ')
}
