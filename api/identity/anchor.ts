import type { Logger } from 'pino'
import { DAY_MS } from '#domain/time.ts'
import type { Postgres } from '#sql/postgres.ts'
import { readHead } from './audit.ts'

/**
 * Says the number and hash of the newest audit entry in the log of the process, now and once a day. Whoever rewrites the
 * whole chain in the database cannot take these lines back from where logs are collected:
 * `npm run audit:verify -- <seq>:<hash>` holds the chain against one.
 */
export function startAnchoring(postgres: Postgres, log: Logger, failed: (error: unknown) => void) {
  const say = () =>
    void readHead(postgres)
      .then(({ seq, hash }) => log.info({ audit: `${seq}:${hash}` }, 'newest audit entry'))
      .catch(failed)
  say()
  const daily = setInterval(say, DAY_MS)
  return { close: () => clearInterval(daily) }
}
