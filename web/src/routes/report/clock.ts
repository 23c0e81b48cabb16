import { z } from 'zod'
import { keep, readKept } from '../../lib/kept.ts'

/**
 * Of two reports of one period the later observed stands, whichever device it comes from, so reports are dated by the clock
 * of the server: a phone that is slow would have its corrections taken and overruled by what they correct. How far this
 * device is off is kept for when there is no network.
 */
const NAME = 'slowMs'
/** For a device that can keep nothing. */
let slowMs = 0

/** Learns the server's time (ISO 8601), told between two instants of this device (ms). */
export function setClock(serverTime: string, askedMs: number, answeredMs: number): void {
  slowMs = Math.round(Date.parse(serverTime) - (askedMs + answeredMs) / 2)
  keep(NAME, slowMs)
}

/** The server's time at an instant of this device, ms. */
export function serverMs(deviceMs: number): number {
  return deviceMs + (readKept(NAME, z.number()) ?? slowMs)
}
