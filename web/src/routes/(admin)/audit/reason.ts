import { z } from 'zod'
import type { AuditAction, NamedEntry } from '#domain/audit.ts'
import { Post, Right, RoleChange, Side } from '#domain/right.ts'
import { SECTORS, Sector } from '#domain/sector.ts'
import { Kind } from '#domain/signal.ts'
import { SourceKey } from '#domain/source-key.ts'
import { dayText } from '../../../lib/clock.ts'
import { limitTexts } from '../../../lib/key-terms.ts'
import { type Key, locale, t } from '../../../lib/locale.svelte.ts'
import { placeName } from '../../../lib/place-name.ts'
import { changeText, rightNames } from '../../../lib/role-change.ts'
import type { RoleTitles } from '../../../lib/vault-api.ts'

type Said = Pick<NamedEntry, 'action' | 'reason'>

const Put = z.object({ title: RoleChange.shape.title.unwrap(), rights: z.array(Right) })
const Changed = RoleChange.omit({ role: true })
const Due = z.object({
  dueEvery: z.enum(['day', 'month']).nullable().optional(),
  graceHours: z.int().optional(),
})
const KeyTerms = SourceKey.pick({ kinds: true, region: true, allowedAddresses: true, rowsPerMinute: true })
  .extend({ expiresInDays: z.int().nullable() })
  .partial()
const SmallCounts = z.object({ k: z.int() })

/** What the server itself gives as a reason, which it keeps in one language. */
const WORDS: Partial<Record<AuditAction, Readonly<Record<string, Key>>>> = {
  'signIn.success': {
    totp: 'audit.by.totp',
    'recovery code': 'audit.by.recoveryCode',
    'single sign-on': 'audit.by.singleSignOn',
  },
  'password.change': { 'by link': 'audit.by.link' },
  'password.reset': { 'at the server': 'audit.by.server' },
  'secondFactor.reset': { 'at the server': 'audit.by.server' },
  'session.revoke': { 'all others': 'audit.by.allOthers', 'by an administrator': 'audit.by.administrator' },
  'person.update': { name: 'people.name', singleSignOnName: 'people.sso' },
}

/** Why or how, in words: what the log keeps for machines as sentences, ids of roles as their titles. Anything else as it is. */
export function reasonText({ action, reason }: Said, roles: RoleTitles): string {
  const words = WORDS[action]
  if (words) return listOf(reason.split(', ').map((one) => (words[one] ? t(words[one]) : one)))
  switch (action) {
    case 'post.put':
    case 'person.create': {
      const post = Post.safeParse(jsonOf(reason)).data
      // Of a person that an older release made it says the role alone.
      return post ? postText(post, roles) : titleOf(reason, roles)
    }
    case 'role.put':
      return roleText(reason)
    case 'smallCounts.put': {
      const kept = SmallCounts.safeParse(jsonOf(reason)).data
      return kept ? t('audit.by.smallCounts', kept) : reason
    }
    case 'wall.pair':
      return wallText(reason)
    case 'key.create':
    case 'key.change':
      return keyText(reason)
    case 'source.change':
      return dueText(reason)
    case 'key.rotate':
      return reason.replace(/^(\d+) h$/, (_, hours: string) => t('audit.by.overlap', { hours }))
    case 'quarantine.replay':
      return /^\d+$/.test(reason) ? t('audit.by.replayed', { count: Number(reason) }) : reason
    case 'unit.create':
      return /^\d+$/.test(reason) ? t('audit.by.imported', { count: Number(reason) }) : reason
    case 'batch.send':
    case 'columns.put':
      return reason.replace(/^[a-z]+/, (word) => {
        const kind = Kind.safeParse(word).data
        return kind ? t(`kind.${kind}`) : word
      })
    case 'refused':
    case 'identity.refused':
      return refusalText(reason)
    default:
      return reason
  }
}

/** What an entry is about: by its name of today, or by the beginning of an id that has none. */
export function subjectText({ action, subject, subjectName }: NamedEntry): string {
  if (subjectName === null) return subject.length > ID_SHOWN ? `${subject.slice(0, ID_SHOWN)}…` : subject
  const name = locale.of(subjectName)
  const kind = action.startsWith('lock.') ? Kind.safeParse(subject.split(' ')[0]).data : undefined
  return kind ? `${t(`kind.${kind}`)} · ${name}` : name
}

const ID_SHOWN = 14
const listOf = (words: readonly string[]) => words.join(locale.lang === 'zh' ? '、' : ', ')
const titleOf = (role: string, roles: RoleTitles) => {
  const title = roles[role]
  return title ? locale.of(title) : role
}

function roleText(reason: string): string {
  const kept = jsonOf(reason)
  const change = Changed.safeParse(kept).data
  if (change) return [change.title && locale.of(change.title), changeText(change)].filter(Boolean).join(' · ')
  const put = Put.safeParse(kept).data
  return put
    ? `${locale.of(put.title)} · ${t('roles.hasRights', { rights: rightNames(put.rights) })}`
    : reason
}

function postText({ role, regions, side, sectors, startsAt, endsAt }: Post, roles: RoleTitles): string {
  const where =
    regions.length === 0
      ? t('people.everywhere')
      : listOf(regions.map((code) => placeName(code, locale.lang)))
  const from = dayText(Date.parse(startsAt))
  const when =
    endsAt === null
      ? t('people.since', { from })
      : // It ends before that instant: at the beginning of a day, the last day is the one before.
        t('people.fromTo', { from, to: dayText(Date.parse(endsAt) - 1) })
  const what = listOf(sectors.flatMap((code) => sectorText(code) ?? []))
  return [titleOf(role, roles), where, t(`people.side.${side}`), what, when].filter(Boolean).join(' · ')
}

const sectorText = (code: string) => {
  const sector = Sector.safeParse(code).data
  return sector && SECTORS[sector].short[locale.lang]
}

const LIMITS = ['kinds', 'region', 'allowedAddresses', 'rowsPerMinute'] as const

/** The limits of a key that were set, and those that were taken away. */
function keyText(reason: string): string {
  const terms = KeyTerms.safeParse(jsonOf(reason)).data
  if (!terms) return reason
  const days = terms.expiresInDays
  const lifted = LIMITS.filter((name) => terms[name] === null || terms[name]?.toString() === '')
  return [
    ...limitTexts(terms),
    ...(lifted.length === LIMITS.length
      ? [t('audit.by.noLimit')]
      : lifted.map((name) => t(`audit.by.no.${name}`))),
    days === null ? t('keys.never') : days && t('audit.by.lasts', { count: days }),
  ]
    .filter(Boolean)
    .join(' · ')
}

function dueText(reason: string): string {
  const due = Due.safeParse(jsonOf(reason)).data
  if (!due) return reason
  const { dueEvery, graceHours } = due
  return [
    dueEvery === null ? t('registry.neverDue') : dueEvery && t(`sources.due.${dueEvery}`),
    graceHours !== undefined && t('audit.by.grace', { count: graceHours }),
  ]
    .filter(Boolean)
    .join(' · ')
}

/** `province 430503 both`: the board, the region (`*` everywhere) and its side, of a wall that was let in. */
function wallText(reason: string): string {
  const [, region = '', said] = /^province (\*|\d{2,12}) ([a-z]+)$/.exec(reason) ?? []
  const side = Side.safeParse(said).data
  if (side === undefined) return reason
  const shown =
    region === '*' ? [t('walls.everywhere')] : [placeName(region, locale.lang), t(`walls.side.${side}`)]
  return [t('walls.board.province'), ...shown].join(' · ')
}

/** `GET /v1/people 4305 +12`: the route as it is, the place by its name, and how often more. */
function refusalText(reason: string): string {
  const [, route = reason, place, more] = /^(\S+ \S+)(?: (\d{2,12}))?(?: \+(\d+))?$/.exec(reason) ?? []
  return [route, place && placeName(place, locale.lang), more && t('audit.by.more', { count: Number(more) })]
    .filter(Boolean)
    .join(' · ')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
