import type { TestServer } from './server.ts'

let people = 0

/** A new person with this one post: the cookie of the session. `admin` is a cookie of who may make it. */
export async function personWith(server: TestServer, admin: string, post: object): Promise<string> {
  const call = async (method: string, path: string, cookie: string, body: object) => {
    const response = await fetch(`${server.url}/v1${path}`, {
      method,
      headers: { cookie, origin: server.url, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${path} answered ${response.status} ${await response.text()}`)
    return response
  }
  const account = { username: `helper${++people}`, password: 'a-long-password-7' }
  const office = { kind: 'department', rank: 'city', name: '市局', region: '4305' }
  const unit = (await (await call('POST', '/units', admin, office)).json()) as { id: string }
  const made = await call('POST', '/people', admin, { ...account, role: 'reporter', unit: unit.id })
  const { id } = (await made.json()) as { id: string }
  await call('POST', `/people/${id}/posts`, admin, post)
  const signedIn = await call('POST', '/auth/sign-in/username', '', account)
  return (signedIn.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
}
