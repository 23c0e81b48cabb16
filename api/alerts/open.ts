import type { Engine, Params } from '#sql/engine.ts'
import { OPEN_BY_CASE, type OpenCase } from '#sql/queries/open-by-case.ts'
import { OPEN_BY_SITE, type Open, openSitesOf } from '#sql/queries/open-by-site.ts'

/** Cases summed up in one statement: the engine holds them all, and a site may have hundreds of thousands. */
const CASES_PER_QUERY = 50_000

/** What is open at each of the sites, all its cases together. */
export async function openBySite(
  engine: Engine,
  sites: readonly string[],
  casesPerQuery = CASES_PER_QUERY,
): Promise<Open[]> {
  const rows = await paged(casesPerQuery, async (page) => {
    const found = await engine.query(OPEN_BY_SITE, { sites, ...page })
    const last = found.at(-1)
    const held = found.reduce((sum, row) => sum + row.held, 0)
    return { found, held, last: last && { afterSite: last.site, afterCase: last.lastCase } }
  })
  return openSitesOf(rows)
}

/** The open cases of `OPEN_BY_CASE`, all of them. */
export async function openByCase(
  engine: Engine,
  ask: Params,
  casesPerQuery = CASES_PER_QUERY,
): Promise<OpenCase[]> {
  const rows = await paged(casesPerQuery, async (page) => {
    const found = await engine.query(OPEN_BY_CASE, { ...ask, ...page })
    const last = found.at(-1)
    return { found, held: found.length, last: last && { afterSite: last.site, afterCase: last.caseKey } }
  })
  return rows.filter(({ cases }) => cases > 0)
}

type Place = { afterSite: string; afterCase: string }

/** Asks from page to page until one is not full. */
async function paged<Row>(
  most: number,
  ask: (page: Place & { most: number }) => Promise<{ found: Row[]; held: number; last: Place | undefined }>,
): Promise<Row[]> {
  const rows: Row[] = []
  let after: Place = { afterSite: '', afterCase: '' }
  for (;;) {
    const { found, held, last } = await ask({ ...after, most })
    for (const row of found) rows.push(row)
    if (last === undefined || held < most) return rows
    after = last
  }
}
