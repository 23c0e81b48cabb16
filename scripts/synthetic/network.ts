import { fetchPatiently, refusalText, SendError, type SourceKeys } from './send.ts'
import { graceHoursFor, NETWORK, type SourcePlan } from './sources.ts'

/** How to act as an administrator: a session cookie, or what signs one in. */
export type Access = { readonly cookie: string } | { readonly username: string; readonly password: string }

const CREATED_AT_ONCE = 4

/** Creates every source of the network and answers their keys by slug. `now`: the history's end. `onSource` is called after each. */
export async function joinNetwork(
  baseUrl: string,
  access: Access,
  now: number,
  onSource: (done: number, total: number) => void = () => {},
): Promise<SourceKeys> {
  const cookie = 'cookie' in access ? access.cookie : await signIn(baseUrl, access)
  const keys: Record<string, string> = {}
  const waiting = NETWORK.values()
  const worker = async () => {
    for (const source of waiting) {
      keys[source.slug] = await createSource(baseUrl, cookie, source, now)
      onSource(Object.keys(keys).length, NETWORK.length)
    }
  }
  await Promise.all(Array.from({ length: CREATED_AT_ONCE }, worker))
  return keys
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
): Promise<string> {
  const { name, kinds, region, dueEvery } = source
  const graceHours = graceHoursFor(source, now)
  const response = await postJson(
    `${baseUrl}/v1/sources`,
    { name, kinds, region, synthetic: true, dueEvery, graceHours },
    { cookie, origin: new URL(baseUrl).origin },
  )
  if (!response.ok) throw new SendError(await refusalText(response, `creating the source ${name}`))
  return ((await response.json()) as { key: string }).key
}

function postJson(url: string, body: object, headers: Record<string, string>): Promise<Response> {
  return fetchPatiently(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}
