/**
 * Follows the chain of the audit log and says where it breaks: `npm run audit:verify`, with the same environment as the
 * server, which must be stopped where the stores are embedded. `-- <seq>:<hash>` holds the chain against a line of
 * the server's log ("newest audit entry") as well. Exit code 0 when every entry is sound, 1 otherwise.
 */
import { verifyAudit } from '../api/identity/audit.ts'
import { onBegunStores } from './begun-stores.ts'

const [given] = process.argv.slice(2)
const [, seq, hash = ''] = /^(\d+):([0-9a-f]{64})$/.exec(given ?? '') ?? []
if (given !== undefined && seq === undefined) {
  console.error('an anchor is a number, a colon and 64 hexadecimal digits, as the log of the server has it')
  process.exit(1)
}
await onBegunStores(async ({ postgres }) => {
  const { entries, broken } = await verifyAudit(postgres, seq ? { seq: Number(seq), hash } : null)
  console.log(broken ? `entry ${broken.seq} is ${broken.kind}` : `${entries} entries, all sound`)
  return broken ? 1 : 0
})
