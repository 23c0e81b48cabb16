/**
 * Follows the chain of the audit log and says where it breaks: `node scripts/audit-verify.ts`, with the same environment
 * as the server, which must be stopped where the stores are embedded. Exit code 0 when every entry is sound, 1 otherwise.
 */
import { openStores } from '#sql/open.ts'
import { readConfig } from '../api/config.ts'
import { verifyAudit } from '../api/identity/audit.ts'

const stores = await openStores(readConfig(process.env))
const { entries, broken } = await verifyAudit(stores.postgres)
await stores.close()
console.log(broken ? `entry ${broken.seq} is ${broken.kind}` : `${entries} entries, all sound`)
process.exit(broken ? 1 : 0)
