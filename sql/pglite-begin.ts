import { PGlite } from '@electric-sql/pglite'

/** Run as a process of its own by `pglite.ts`: makes an empty cluster in the directory that it is given, and ends. */
const db = await PGlite.create(process.argv[2] ?? '')
await db.close()
