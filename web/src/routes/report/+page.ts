import { ApiError, api } from '../../lib/api.ts'
import { rejectWithoutEntry } from '../../lib/entry.ts'
import { keep, Reporter, readKept } from '../../lib/kept.ts'
import { isClosedTo, mayAny } from '../../lib/places.ts'
import { setClock } from './clock.ts'

/** Who reports and for which units; what this device last knew when there is no network. */
export async function load({ url }: { url: URL }) {
  const asked = url.searchParams.get('unit')
  try {
    const me = await api.me()
    const { user } = me
    if (user === null) throw new ApiError(401, 'unauthenticated', '')
    if (isClosedTo(me, '/report')) return { reporter: null, asked, failure: null, closedTo: me }
    const askedMs = Date.now()
    const { units, asOf } = await api.units()
    setClock(asOf, askedMs, Date.now())
    const reporter = {
      ...user,
      rights: me.rights,
      everywhere: me.everywhere,
      units: units.filter(
        ({ pointId, kinds, mayReport }) => mayReport && pointId !== null && kinds.includes('industry'),
      ),
    }
    // Who sends in the name of sources may report for all; his device keeps the one he looks at.
    keep('reporter', {
      ...reporter,
      units: reporter.units.filter(({ id }, i) => !mayAny(me, ['batches.send']) || id === asked || i === 0),
    })
    return { reporter, asked, failure: null, closedTo: null }
  } catch (error) {
    rejectWithoutEntry(error, url)
    return { reporter: readKept('reporter', Reporter), asked, failure: error, closedTo: null }
  }
}
