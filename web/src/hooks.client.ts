import type { HandleClientError } from '@sveltejs/kit/hooks'
import { z } from 'zod'
import type { ApiError } from './lib/api.ts'

declare global {
  namespace App {
    interface Error {
      /** Why the server could not be asked. */
      failure?: ApiError
    }
  }
}

// The content policy lets no text become code: zod would try once, be refused and say so in the console.
z.config({ jitless: true })

/** A page that could not be opened because the server did not answer as it should may open the next time. */
export const handleError: HandleClientError = async ({ error, kind }) => {
  // Only now: with its schemas imported above, zod would have tried before it is told not to.
  const { ApiError } = await import('./lib/api.ts')
  if (error instanceof ApiError) return { status: 503, failure: error }
  if (kind === 'unknown') console.error(error)
}
