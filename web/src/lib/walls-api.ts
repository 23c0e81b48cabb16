import { z } from 'zod'
import { Wall } from '#domain/wall.ts'
import { post, read } from './api.ts'

const Asked = z.object({
  state: z.enum(['waiting', 'paired']),
  code: z.string().nullable(),
  expiresAt: z.string().nullable(),
})
export type Asked = z.infer<typeof Asked>

const at = (wall: string) => `/v1/walls/${encodeURIComponent(wall)}`

/** Paired screens. `ask` and `beat` are what a screen says itself, the rest is for those who look after them. */
export const wallsApi = {
  ask: () => post('/v1/walls/pairings', {}, Asked),
  beat: (version: string) => post('/v1/walls/beat', { version }, z.object({ wall: z.unknown() })),
  list: () => read('/v1/walls', {}, z.object({ walls: z.array(Wall) })),
  pair: (wall: { code: string; name: string; board: string; region: string | null; side: string }) =>
    post('/v1/walls', wall, Wall),
  rename: (wall: string, name: string) => post(`${at(wall)}/rename`, { name }, Wall),
  revoke: (wall: string, reason: string) => post(`${at(wall)}/revoke`, { reason }, Wall),
}
