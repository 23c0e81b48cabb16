import { Client } from './client.ts'
import type { TestServer } from './server.ts'

const PASSWORD = 'an-example-passphrase'

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
