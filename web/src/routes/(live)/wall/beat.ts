import { BEAT_MS } from '#domain/wall.ts'
import { version } from '$app/env'
import { ApiError } from '../../../lib/api.ts'
import { wallsApi } from '../../../lib/walls-api.ts'

/** Says now and every minute that this wall stands, until the returned function is called. `refused` hears of a log-in gone. */
export function beating(refused: () => void): () => void {
  const beat = () =>
    wallsApi.beat(version).catch((error: unknown) => {
      // One that is not heard is made up for by the next.
      if (error instanceof ApiError && error.status === 401) refused()
    })
  void beat()
  const timer = setInterval(beat, BEAT_MS)
  return () => clearInterval(timer)
}
