import { z } from 'zod'
import { Int, namedQuery } from '../query.ts'

const Count = Int.nullable()

/** Params: `historyKey` String (`point|project`), `sources` Array(String). No row: never reported. */
export const LAST_PERIOD = namedQuery(
  import.meta.url,
  z.object({
    period: z.string(),
    sector: z.string(),
    employers: Count,
    headcount: Count,
    hires: Count,
    departures: Count,
    vacancies: Count,
    averageWageFen: Count,
    wageBillFen: Count,
    wagePaidFen: Count,
    paidWorkers: Count,
    attendingWorkers: Count,
    registeredWorkers: Count,
    accountBalanceFen: Count,
    payDay: Count,
    depositHeldFen: Count,
    depositRequiredFen: Count,
    stopped: z.boolean().nullable(),
  }),
  {
    unscoped:
      'of the sources of one unit, and of those whose point it took over, that the route has found to be in reach',
  },
)
