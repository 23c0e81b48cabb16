import { z } from 'zod'
import { ImportedPeople, KnownPerson, PasswordLink } from '#domain/account.ts'
import { Post, type Side } from '#domain/right.ts'
import { patch, post, read, sendFile } from './api.ts'

/** A post as it is asked for; times are days or instants, absent: now, `null`: until further notice. */
export type AskedPost = {
  role: string
  regions: readonly string[]
  side: Side
  sectors: readonly string[]
  startsAt?: string
  endsAt: string | null
}

const of = (person: string) => `/v1/people/${encodeURIComponent(person)}`

/** Who there is, and who may do what where. */
export const peopleApi = {
  list: (query: Record<string, string | number | undefined>) =>
    read('/v1/people', query, z.object({ people: z.array(KnownPerson), total: z.int(), pageSize: z.int() })),
  create: (person: AskedPost & { username: string; name: string }) =>
    post('/v1/people', person, z.object({ id: z.string(), username: z.string(), link: PasswordLink })),
  change: (
    person: string,
    change: { name?: string; isDisabled?: boolean; singleSignOnName?: string | null },
  ) => patch(of(person), change, KnownPerson),
  resetPassword: (person: string) => post(`${of(person)}/password-link`, {}, PasswordLink),
  resetSecondFactor: (person: string) => post(`${of(person)}/second-factor/reset`, {}, z.unknown()),
  endSessions: (person: string) => post(`${of(person)}/sessions/end`, {}, z.unknown()),
  posts: (person: string) => read(`${of(person)}/posts`, {}, z.object({ posts: z.array(Post) })),
  give: (person: string, asked: AskedPost) => post(`${of(person)}/posts`, asked, Post),
  endPost: (person: string, one: string) =>
    patch(`${of(person)}/posts/${encodeURIComponent(one)}`, { endsAt: 'now' }, Post),
  import: (mode: 'validate' | 'commit', file: Blob) =>
    sendFile(`/v1/people/import?mode=${mode}`, file, ImportedPeople),
}

/** The address by which a person sets a password; what stands behind the "#" reaches no server. */
export function linkAddress(token: string): string {
  return `${location.origin}/welcome#${token}`
}
