import { z } from 'zod'
import { Right } from '#domain/right.ts'
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
})
export type Sent = z.infer<typeof Sent>

/** A form as it was left: the key it will be sent under and what stands in the inputs. */
export const Draft = z.object({ key: z.string(), values: z.record(z.string(), z.string()) })
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
    return schema.parse(JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null'))
  } catch {
    return null
  }
}

/** Whether another page of this device has changed what is kept by this name. */
export const isChangeOf = (name: string, event: StorageEvent): boolean => event.key === PREFIX + name

/** Keeps a value, or drops it (`null`). @throws DOMException when the device is full. */
export function keep(name: string, value: unknown): void {
  if (value === null) localStorage.removeItem(PREFIX + name)
  else localStorage.setItem(PREFIX + name, JSON.stringify(value))
}

/**
 * Forgets what this device keeps of whoever signs out: drafts, hints and what was sent. Only reports that still wait to be
 * sent stay, under the person they belong to: they go out when that person is back.
 */
export function forgetReports(): void {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(PREFIX)) continue
    const name = key.slice(PREFIX.length)
    const waiting = name.startsWith('sent.')
      ? (readKept(name, z.array(Sent)) ?? []).filter(({ state }) => state === 'waiting')
      : []
    keep(name, waiting.length > 0 ? waiting : null)
  }
}

const PREFIX = 'xiangrong.report.'
