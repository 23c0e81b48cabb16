import { Client } from './client.ts'
import { ADMIN, type TestServer } from './server.ts'

const PASSWORD = 'an-example-passphrase'

/** The administrator of the settings, logged in. */
export async function enterAdmin(server: Pick<TestServer, 'url'>): Promise<Client> {
  const admin = new Client(server)
  await admin.signIn(ADMIN)
  return admin
}

/** Makes a person by an administrator's client, sets the password by the link, and logs in. */
export async function enterPerson(
  server: Pick<TestServer, 'url'>,
  admin: Client,
  person: { username: string; role: string; [field: string]: unknown },
) {
  const made = await admin.ask('/v1/people', person)
  if (made.status !== 201) throw new Error(`/v1/people answered ${made.status} ${JSON.stringify(made.body)}`)
  const client = new Client(server)
  await client.ask('/v1/password-links/use', { token: made.body.link.token, password: PASSWORD })
  await client.signIn({ username: person.username, password: PASSWORD })
  return { id: String(made.body.id), client, password: PASSWORD }
}

let people = 0

/** A person who has this post, beside that of a reporter without a unit: the cookie of the session. */
export async function enterWithPost(server: Pick<TestServer, 'url'>, post: object): Promise<string> {
  const admin = await enterAdmin(server)
  const person = { username: `holder${++people}`, role: 'reporter' }
  const { id, client } = await enterPerson(server, admin, person)
  const given = await admin.ask(`/v1/people/${id}/posts`, post)
  if (given.status !== 201) throw new Error(`posts answered ${given.status} ${JSON.stringify(given.body)}`)
  return client.cookie
}
