import type { Alert, AlertLogEntry } from './alert.ts'

/** What follows the beginning of a name: of a site, where it is that of a firm, and where it may be that of a person. */
const SOME_PROJECT = '某项目'
const SOME_FIRM = '某公司'
const SOMEBODY = '某'
/** A name of so few characters may be a person's: of that even the second would say who. */
const PERSON_CHARACTERS_MAX = 4

/**
 * An alert as a hall full of people may see it: without whoever took it, without the name that a group carries, and with the
 * names of employer and site abbreviated unless the case was verified. Abbreviating again changes nothing.
 */
export function alertInHall(alert: Alert): Alert {
  const { employer, project } = alert
  return {
    ...alert,
    group: alert.id,
    acknowledgedBy: null,
    ...(alert.isVerified
      ? {}
      : { employer: abbreviated(employer, SOME_FIRM), project: abbreviated(project, SOME_PROJECT) }),
  }
}

/**
 * A log entry as who looks may see it. What people write is read by people; a paired screen in a hall is not told either who wrote,
 * while the wall in the room has the names.
 */
export function entryShownTo(kind: 'person' | 'device' | 'wall', entry: AlertLogEntry): AlertLogEntry {
  if (kind === 'person') return entry
  const unwritten = { ...entry, note: null }
  return kind === 'wall' ? unwritten : { ...unwritten, by: null, alert: alertInHall(entry.alert) }
}

/** '湖南长盛建筑有限公司' → '湖南某公司', '张三' → '张某'; '' stays. */
function abbreviated(name: string, rest: string): string {
  const characters = [...name.trim()]
  if (characters.length === 0) return ''
  if (characters.length <= PERSON_CHARACTERS_MAX) return `${characters[0]}${SOMEBODY}`
  return `${characters.slice(0, 2).join('')}${rest}`
}
