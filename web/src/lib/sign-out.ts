import { goto } from '$app/navigation'
import { ApiError, api } from './api.ts'
import { forgetReports } from './kept.ts'
import { leaving } from './leaving.ts'

/** Answers of a server that knows no such log-in any more. */
const OVER = [400, 401]

/**
 * Ends the session of a person and goes to the log-in.
 * @throws ApiError when the server did not hear of it: the log-in still stands, and all that this device keeps of them.
 */
export async function signOut(userId: string): Promise<void> {
  leaving.isUnderWay = true
  try {
    await api.signOut()
  } catch (error) {
    if (!(error instanceof ApiError && OVER.includes(error.status))) {
      leaving.isUnderWay = false
      throw error
    }
  }
  forgetReports(userId)
  // A page that heard of it before the answer came has led there already.
  if (leaving.isUnderWay) await goto('/login')
}
