import { fetchPatiently, refusalText, SendError, type SourceKeys } from './send.ts'
import { graceHoursFor, NETWORK, type SourcePlan } from './sources.ts'
import { REPORTER, unitsOf } from './units.ts'

/** How to act as an administrator: a session cookie, or what signs one in. */
export type Access = { readonly cookie: string } | { readonly username: string; readonly password: string }

const CREATED_AT_ONCE = 4

/** Creates every source of the network and its unit in the registry, and answers their keys by slug. `now`: the history's end. `onSource` is called after each. */
export async function joinNetwork(
  baseUrl: string,
  access: Access,
  now: number,
  onSource: (done: number, total: number) => void = () => {},
): Promise<SourceKeys> {
  const cookie = 'cookie' in access ? access.cookie : await signIn(baseUrl, access)
  const keys: Record<string, string> = {}
  const ids = new Map<string, string>()
  const waiting = NETWORK.values()
  const worker = async () => {
    for (const source of waiting) {
      const { id, key } = await createSource(baseUrl, cookie, source, now)
      keys[source.slug] = key
      ids.set(source.slug, id)
      onSource(Object.keys(keys).length, NETWORK.length)
    }
  }
  await Promise.all(Array.from({ length: CREATED_AT_ONCE }, worker))
  await joinRegistry(baseUrl, cookie, unitsOf(ids, now))
  return keys
}

/** Enters all units with one call, and makes the reporter of the one that the demo's log-in speaks for. */
async function joinRegistry(baseUrl: string, cookie: string, units: readonly object[]): Promise<void> {
  const headers = { cookie, origin: new URL(baseUrl).origin }
  const entered = await postJson(`${baseUrl}/v1/units/import`, { units }, headers)
  if (!entered.ok) throw new SendError(await refusalText(entered, 'entering the units'))
  const { ids } = (await entered.json()) as { ids: string[] }
  const unit = ids[units.findIndex((one) => 'pointId' in one && one.pointId === REPORTER.pointId)]
  const { username, password } = REPORTER
  const made = await postJson(`${baseUrl}/v1/people`, { username, role: 'reporter', unit }, headers)
  // A second province on one server shares the reporter of the first.
  if (made.status === 409) return
  if (!made.ok) throw new SendError(await refusalText(made, 'making the reporter'))
  const { link } = (await made.json()) as { link: { token: string } }
  const set = await postJson(`${baseUrl}/v1/password-links/use`, { token: link.token, password }, headers)
  if (!set.ok) throw new SendError(await refusalText(set, 'setting the password of the reporter'))
}

async function signIn(
  baseUrl: string,
  { username, password }: { username: string; password: string },
): Promise<string> {
  const response = await postJson(
    `${baseUrl}/v1/auth/sign-in/username`,
    { username, password },
    { origin: new URL(baseUrl).origin },
  )
  if (!response.ok) throw new SendError(await refusalText(response, `signing in as ${username}`))
  const cookie = response.headers
    .getSetCookie()
    .map((set) => set.split(';')[0])
    .join('; ')
  if (cookie === '')
    throw new SendError(`signing in as ${username} set no cookie; a second factor cannot be answered here`)
  return cookie
}

async function createSource(
  baseUrl: string,
  cookie: string,
  source: SourcePlan,
  now: number,
): Promise<{ id: string; key: string }> {
  const { name, kinds, region, dueEvery } = source
  const graceHours = graceHoursFor(source, now)
  const response = await postJson(
    `${baseUrl}/v1/sources`,
    { name, kinds, region, synthetic: true, dueEvery, graceHours },
    { cookie, origin: new URL(baseUrl).origin },
  )
  if (!response.ok) throw new SendError(await refusalText(response, `creating the source ${name}`))
  return (await response.json()) as { id: string; key: string }
}

function postJson(url: string, body: object, headers: Record<string, string>): Promise<Response> {
  return fetchPatiently(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}
