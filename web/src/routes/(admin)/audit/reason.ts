import { z } from 'zod'
import type { AuditEntry } from '#domain/audit.ts'
import { Post, Right, RoleChange } from '#domain/right.ts'
import { dayText } from '../../../lib/clock.ts'
import { locale, t } from '../../../lib/locale.svelte.ts'
import { placeName } from '../../../lib/place-name.ts'
import { changeText, rightNames } from '../../../lib/role-change.ts'

const Put = z.object({ title: RoleChange.shape.title.unwrap(), rights: z.array(Right) })
const Changed = RoleChange.omit({ role: true })

/** Why or how, as the log has it; what the log keeps for machines (roles, posts) in words. Anything else as it is. */
export function reasonText({ action, reason }: Pick<AuditEntry, 'action' | 'reason'>): string {
  const kept = jsonOf(reason)
  if (action === 'post.put') {
    const post = Post.safeParse(kept).data
    return post ? postText(post) : reason
  }
  if (action !== 'role.put') return reason
  const change = Changed.safeParse(kept).data
  if (change) return [change.title && locale.of(change.title), changeText(change)].filter(Boolean).join(' · ')
  const put = Put.safeParse(kept).data
  return put
    ? `${locale.of(put.title)} · ${t('roles.hasRights', { rights: rightNames(put.rights) })}`
    : reason
}

function postText({ role, regions, side, startsAt, endsAt }: Post): string {
  const where =
    regions.length === 0
      ? t('people.everywhere')
      : regions.map((code) => placeName(code, locale.lang)).join(locale.lang === 'zh' ? '、' : ', ')
  const from = dayText(Date.parse(startsAt))
  const when =
    endsAt === null
      ? t('people.since', { from })
      : t('people.fromTo', { from, to: dayText(Date.parse(endsAt)) })
  return [role, where, t(`people.side.${side}`), when].join(' · ')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
