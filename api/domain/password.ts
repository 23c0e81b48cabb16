/** Fewest and most characters of a password. Source: NIST SP 800-63B-4 asks for length, not for kinds of characters. */
export const PASSWORD_LENGTH_MIN = 10
export const PASSWORD_LENGTH_MAX = 128

/** Why a password is not taken: too `short`, too `long`, it is or holds the `userName`, or one of the most `common`. */
export type PasswordFault = 'short' | 'long' | 'userName' | 'common'

/** Words that Chinese passwords are made of, which with nothing but digits behind or before them are guessed early. */
const COMMON_STEMS =
  /^(\d*)(woaini|aini|woai|wo|ai|nihao|zhongguo|china|beijing|changsha|hunan|xiangrong|admin|administrator|root|password|passwd|qwerty|asdf|zxcv|abc|abcd|aa|qq|iloveyou|test|user|guest|nongmingong)[@._!#-]?(\d*)$/

/**
 * Why a password is not taken, `null` when it is. Any characters may be used; their length is counted in code points.
 * The long list of common passwords is asked on the server, `isListed`.
 */
export function passwordFault(
  password: string,
  userName: string,
  isListed: (lowerCase: string) => boolean = () => false,
): PasswordFault | null {
  const length = [...password].length
  if (length < PASSWORD_LENGTH_MIN) return 'short'
  if (length > PASSWORD_LENGTH_MAX) return 'long'
  const lower = password.toLowerCase()
  const name = userName.toLowerCase()
  if (name !== '' && lower.includes(name) && lower.length - name.length <= PASSWORD_LENGTH_MIN / 2)
    return 'userName'
  // One character, or two that alternate, or digits alone that fit a date or a telephone number.
  if (/^(.{1,3})\1+.{0,2}$/u.test(lower) || /^\d{10,12}$/.test(lower) || COMMON_STEMS.test(lower))
    return 'common'
  return isListed(lower) ? 'common' : null
}
