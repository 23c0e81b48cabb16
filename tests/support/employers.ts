import { employerCheckCharacter } from '#domain/person.ts'

/** A unified social credit code that passes its check, of an employer that does not exist. */
export function employerCode(serial: number): string {
  const first17 = `91430100XX${String(serial).padStart(7, '0')}`
  return first17 + employerCheckCharacter(first17)
}
