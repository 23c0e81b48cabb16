import { goto } from '$app/navigation'
import { api } from './api.ts'
import { forgetReports } from './kept.ts'
import { leaving } from './leaving.ts'

/** Ends the session and goes to the log-in. */
export async function signOut(): Promise<void> {
  leaving.isUnderWay = true
  await api.signOut().catch(() => undefined)
  forgetReports()
  // A page that heard of it before the answer came has led there already.
  if (leaving.isUnderWay) await goto('/login')
}
