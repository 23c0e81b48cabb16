import { randomUUID } from 'node:crypto'
import { type GenericOAuthConfig, genericOAuth } from 'better-auth/plugins'
import { z } from 'zod'
import type { Postgres } from '#sql/postgres.ts'

/** The OpenID Connect provider of the settings. */
export type SingleSignOn = { issuer: string; clientId: string; clientSecret: string }

/** By which name better-auth knows the provider; part of the address it sends people back to. */
export const SINGLE_SIGN_ON = 'oidc'

const Profile = z.object({ sub: z.string(), preferred_username: z.string().optional() })

/**
 * Single sign-on for better-auth, which would ask the provider to describe itself when the process starts, without a limit of time, and
 * let nobody in by a password either until it has. So the provider is taken for one that was away then: it is asked when
 * somebody first wants in by it, for 10 s at most, and again until it has answered.
 */
export function singleSignOn(postgres: Postgres, provider: SingleSignOn) {
  const config = singleSignOnConfig(postgres, provider)
  const plugin = genericOAuth({ config: [config] })
  return {
    ...plugin,
    init: async ({ socialProviders }: Parameters<typeof plugin.init>[0]) => ({
      context: { socialProviders, genericOAuthPendingDiscovery: new Map([[SINGLE_SIGN_ON, config]]) },
    }),
  }
}

/**
 * How the provider's people become ours. Nobody is made: a subject that is linked is that person; else the person whom an
 * administrator allowed by this `preferred_username`, and who is not linked yet, is linked to it now.
 */
function singleSignOnConfig(postgres: Postgres, provider: SingleSignOn): GenericOAuthConfig {
  return {
    providerId: SINGLE_SIGN_ON,
    discoveryUrl: `${provider.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    scopes: ['openid', 'profile'],
    pkce: true,
    requireIdTokenVerification: true,
    disableSignUp: true,
    // better-auth links by e-mail address; ours are made up and belong to one person each.
    async mapProfileToUser(profile) {
      const { sub, preferred_username: name } = Profile.parse(profile)
      const [found] = await postgres.query<{ email: string }>(
        `SELECT u.email FROM "user" u LEFT JOIN account a ON a."userId" = u.id AND a."providerId" = '${SINGLE_SIGN_ON}'
         WHERE a."accountId" = $1 OR (a.id IS NULL AND u."singleSignOnName" = $2)
         ORDER BY a."accountId" = $1 DESC NULLS LAST LIMIT 1`,
        [sub, name ?? null],
      )
      return {
        email: found?.email ?? `${randomUUID()}@nobody.invalid`,
        emailVerified: true,
        name: '',
        image: undefined,
      }
    },
  }
}
