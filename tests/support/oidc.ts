import { once } from 'node:events'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

/** A real OpenID Connect provider, where whoever is `subject` at the moment is logged in without being asked. */
export async function startOidcProvider(
  client: { id: string; secret: string; redirectUri: string },
  port = 0,
) {
  const people = new Map<string, { preferred_username?: string }>()
  const state = { subject: '' }
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const issuer = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const provider = new Provider(issuer, {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [client.redirectUri] }],
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    cookies: { keys: ['of the test'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_c: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    findAccount: (_c: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, ...people.get(id) }),
    }),
  })
  const handle = provider.callback()
  server.on('request', async (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void handle(request, response)
    const { prompt, params, session } = await provider.interactionDetails(request, response)
    if (prompt.name === 'login')
      return await provider.interactionFinished(request, response, { login: { accountId: state.subject } })
    const grant = new provider.Grant({ accountId: session?.accountId, clientId: String(params.client_id) })
    grant.addOIDCScope(String(params.scope))
    await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
  })
  return {
    issuer,
    people,
    /** Who is logged in at the provider from the next visit on. */
    become(subject: string) {
      state.subject = subject
    },
    close: () => server.close(),
  }
}
