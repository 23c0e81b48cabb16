import type { AlertLogEntry } from '#domain/alert.ts'
import type { TestServer } from './server.ts'

/**
 * What is wrong with an alert log, in words; empty when it is sound: numbers without a gap or a repeat from 1 on, never
 * two open alerts of one rule and group, and no step of an alert that is not open.
 */
export function logFaults(entries: readonly AlertLogEntry[]): string[] {
  const faults: string[] = []
  const open = new Map<string, string>()
  for (const [i, { seq, change, alert }] of entries.entries()) {
    if (seq !== i + 1) faults.push(`entry ${i + 1} has the number ${seq}`)
    const key = `${alert.rule} ${alert.group}`
    const current = open.get(key)
    if (change === 'opened' && current !== undefined) faults.push(`${seq}: ${key} opened twice`)
    if (change !== 'opened' && change !== 'commented' && current !== alert.id)
      faults.push(`${seq}: ${change} of ${key}, which is not open`)
    if (change === 'opened') open.set(key, alert.id)
    if (change === 'resolved') open.delete(key)
    if ((change === 'resolved') !== (alert.state === 'resolved'))
      faults.push(`${seq}: ${change} but ${alert.state}`)
  }
  return faults
}

/** The whole log of a running server. */
export async function readWholeLog(server: TestServer): Promise<AlertLogEntry[]> {
  const entries: AlertLogEntry[] = []
  for (;;) {
    const page = await server.get(`/v1/alerts/log?after=${entries.length}&limit=1000`)
    entries.push(...page.entries)
    if (page.entries.length < 1000) return entries
  }
}
