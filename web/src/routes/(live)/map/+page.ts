import { startOf } from '#domain/time.ts'
import { api, type Me } from '../../../lib/api.ts'
import { rejectWithoutEntry } from '../../../lib/entry.ts'
import { hunanFrom } from '../../../lib/geo.ts'
import { installation } from '../../../lib/installation.svelte.ts'
import { readHunan } from '../../../lib/maps.ts'
import { rejectClosed } from '../../../lib/places.ts'
import { monthsBefore, splitOf, timesOf, viewFrom } from './view.ts'

/** What a push invalidates. */
const DATA = 'live:data'
const SERIES_MONTHS = 12

type Load = {
  url: URL
  depends: (name: `${string}:${string}`) => void
  parent: () => Promise<{ me: Me | null }>
}

/** Everything the view in the address needs. A failure is data too: the page keeps its frame and says what failed. */
export async function load({ url, depends, parent }: Load) {
  depends(DATA)
  rejectClosed((await parent()).me, '/map', url)
  const view = viewFrom(url.searchParams)
  try {
    const [hunan, measures, status, answers] = await Promise.all([
      readShapes(),
      api.measures(),
      installation.status(),
      readAnswers(view),
    ])
    return { view, hunan, measures, status, answers, failure: null }
  } catch (error) {
    rejectWithoutEntry(error, url)
    return {
      view,
      hunan: await readShapes().catch(() => null),
      measures: null,
      status: null,
      answers: null,
      failure: error,
    }
  }
}

async function readAnswers(view: ReturnType<typeof viewFrom>) {
  const nowMs = Date.now()
  const split = splitOf(view)
  const { now, before, endMs, months } = timesOf(view, nowMs)
  const place = {
    measure: view.measure,
    region: view.region,
    role: view.role,
    sector: view.sector ?? undefined,
  }
  const from = monthsBefore(startOf('month', endMs - 1), SERIES_MONTHS - 1)
  const [rows, rowsBefore, total, totalBefore, series] = await Promise.all([
    split === null ? null : api.distribution({ ...place, by: split, ...now }),
    split === null ? null : api.distribution({ ...place, by: split, ...before }),
    api.distribution({ ...place, ...now }),
    api.distribution({ ...place, ...before }),
    api.series({
      ...place,
      interval: 'month',
      from: new Date(from).toISOString(),
      to: new Date(endMs).toISOString(),
    }),
  ])
  return {
    split,
    query: { ...place, ...(split === null ? {} : { by: split }), ...now },
    rows,
    rowsBefore,
    total,
    totalBefore,
    series,
    endMs,
    months,
  }
}

async function readShapes() {
  return hunanFrom(await readHunan())
}
