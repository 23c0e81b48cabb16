import { z } from 'zod'
import { Right } from '#domain/right.ts'
import { store, stored, storedNames } from './stored.ts'
import { UnitSummary } from './units.ts'

/** Who reports on this device and for which units, as it was when the network was last there. */
export const Reporter = z.object({
  id: z.string(),
  username: z.string(),
  name: z.string(),
  role: z.string(),
  rights: z.array(Right).default([]),
  everywhere: z.array(Right).default([]),
  units: z.array(UnitSummary),
})
export type Reporter = z.infer<typeof Reporter>

/** The batches of refused reports that a report takes the place of, the latest last. */
const Corrects = z.array(z.string()).default([])

/** A report that was sent off, and what became of it. `body` never changes: the key stands for these very bytes. */
export const Sent = z.object({
  /** The Idempotency-Key, made with the draft. */
  key: z.string(),
  unit: z.string(),
  unitName: z.string(),
  form: z.enum(['instant', 'period']),
  body: z.string(),
  at: z.number(),
  state: z.enum(['waiting', 'taken', 'known', 'refused']),
  /** Why it was refused, by field; path '' is the whole report. */
  faults: z.array(z.object({ path: z.string(), message: z.string() })),
  /** The batch it was answered with; `null` before, and where none was made of it. */
  batch: z.string().nullable().default(null),
  corrects: Corrects,
})
export type Sent = z.infer<typeof Sent>

/** A form as it was left: the key it will be sent under and what stands in the inputs. */
export const Draft = z.object({
  key: z.string(),
  values: z.record(z.string(), z.string()),
  corrects: Corrects,
})
export type Draft = z.infer<typeof Draft>

/** A key nobody else makes. Not `randomUUID`: that is missing where a page came without TLS. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

/** What this device keeps, by name; `null` when there is nothing or it is not readable any more. */
export function readKept<T>(name: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(stored(PREFIX + name) ?? 'null'))
  } catch {
    return null
  }
}

/** Whether another page of this device has changed what is kept by this name. */
export const isChangeOf = (name: string, event: StorageEvent): boolean => event.key === PREFIX + name

/** Keeps a value, or drops it (`null`). Answers whether this device did. */
export function keep(name: string, value: unknown): boolean {
  return store(PREFIX + name, value === null ? null : JSON.stringify(value))
}

/**
 * Forgets what this device keeps of a person who signs out: drafts, hints and what was sent. Their reports that still wait to
 * be sent stay and go out when they are back. So does all that is of somebody else, who shares the device.
 */
export function forgetReports(userId: string): void {
  const sent = `sent.${userId}`
  for (const key of storedNames()) {
    if (!key.startsWith(PREFIX)) continue
    const name = key.slice(PREFIX.length)
    const isOfOneAlone = name.startsWith('draft.') || name.startsWith('sent.')
    if (name === sent || (isOfOneAlone && !name.startsWith(`draft.${userId}.`))) continue
    keep(name, null)
  }
  const waiting = (readKept(sent, z.array(Sent)) ?? []).filter(({ state }) => state === 'waiting')
  keep(sent, waiting.length > 0 ? waiting : null)
}

const PREFIX = 'xiangrong.report.'
