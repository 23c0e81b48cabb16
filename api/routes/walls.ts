import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { ActReason } from '#domain/audit.ts'
import { AppError } from '#domain/error.ts'
import { describeRoute, json } from '#domain/operation.ts'
import { Side } from '#domain/right.ts'
import { holdsRegion, isCovered, type Scope } from '#domain/scope.ts'
import { toShanghaiIso } from '#domain/time.ts'
import { Board, CODE_MS, canonicalCode, Wall } from '#domain/wall.ts'
import type { Postgres, Sql } from '#sql/postgres.ts'
import { addressOf, RegionParam, readBody } from '../http.ts'
import type { Auth } from '../identity/auth.ts'
import { cookieName, isOverTls } from '../identity/cookie.ts'
import type { Gate } from '../identity/gate.ts'
import { noteAct } from '../identity/note-act.ts'
import {
  askIn,
  findWall,
  type KeptWall,
  listWalls,
  noScreen,
  noteSeen,
  pairWall,
  renameWall,
  revokeWall,
  TOKEN_DAYS,
  WALL_COOKIE,
} from '../identity/walls.ts'
import { networkOf } from '../shield/rates.ts'

const PAIRING_COOKIE = 'xiangrong.pairing'
const DAY_S = 86_400

const name = z.string().trim().min(1, 'must not be empty').max(100)
const NewWall = z.strictObject({
  code: z.string().max(50).meta({ zh: '屏幕上的配对码', en: 'The code that the screen shows' }),
  name,
  board: Board.default('province'),
  region: RegionParam.nullable().default(null).meta({
    zh: '只显示此地区及其下级；null 为不限',
    en: 'Shows this region and what lies in it only; null: all there is',
  }),
  side: Side.default('both').meta({
    zh: '地区按户籍地、务工地或任一',
    en: 'Whether the region is where people are registered, where they work, or either',
  }),
})
const Rename = z.strictObject({ name })
const Revoke = z.strictObject({ reason: ActReason })
const Beat = z.strictObject({
  version: z.string().max(100).meta({ zh: '页面版本', en: 'Release of the pages it shows' }),
})
const WallPath = z.object({
  wall: z.string().meta({ zh: '大屏编号', en: 'Id of the wall', example: 'wall_0123456789abcdef' }),
})
const Asked = z.object({
  state: z.enum(['waiting', 'paired']),
  code: z.string().nullable().meta({ zh: '要显示的配对码', en: 'The code to show' }),
  expiresAt: z.string().nullable(),
})
const WALL = {
  id: 'wall_0123456789abcdef',
  name: '指挥大厅一号屏',
  board: 'province',
  region: '43',
  side: 'both',
  pairedAt: '2026-08-01T09:00:00.000+08:00',
  pairedBy: 'demo',
  seenAt: '2026-08-15T09:31:02.114+08:00',
  address: '203.0.113.7',
  version: '1755221462114',
  revokedAt: null,
  revokedBy: null,
}

/** Screens that are let in by a code: how they ask, and how people let them in, name them and shut them out. */
export function wallRoutes({ auth, postgres, gate }: { auth: Auth; postgres: Postgres; gate: Gate }) {
  const { publicUrl } = auth.settings

  /** A cookie that no script reads and no other site sends; over TLS for this host alone. `maxAge` in seconds; 0 takes it back. */
  function putCookie(c: Context, cookie: string, value: string, maxAge: number): void {
    const { headers } = c.req.raw
    setCookie(c, cookieName(cookie, headers, publicUrl), value, {
      httpOnly: true,
      sameSite: 'Strict',
      secure: isOverTls(headers, publicUrl),
      path: '/',
      maxAge,
    })
  }
  const takeCookie = (c: Context, cookie: string) =>
    getCookie(c, cookieName(cookie, c.req.raw.headers, publicUrl))

  return new Hono()
    .post(
      '/walls/pairings',
      describeRoute({
        chapter: 'session',
        summary: { zh: '屏幕请求配对', en: 'A screen asks to be let in' },
        description: {
          zh: '屏幕显示得到的码并反复请求；码在 /walls 输入后，答复带来长期有效的 HttpOnly Cookie。码十分钟有效，期间重复请求得到同一码。',
          en: 'A screen shows the code it gets and asks again and again; once the code was typed in at /walls the answer brings a lasting HttpOnly cookie. A code holds ten minutes, and asking again meanwhile gives the same one.',
        },
        access: 'open',
        answers: {
          200: json(Asked, {
            state: 'waiting',
            code: 'ACDE-3479',
            expiresAt: '2026-08-15T09:41:02.114+08:00',
          }),
        },
        errors: ['too_often', 'store_away'],
      }),
      async (c) => {
        const asked = await askIn(postgres, takeCookie(c, PAIRING_COOKIE) ?? null, networkOf(addressOf(c)))
        if (asked.state === 'waiting') {
          putCookie(c, PAIRING_COOKIE, asked.secret, CODE_MS / 1_000)
          const expiresAt = toShanghaiIso(asked.expiresAt.getTime())
          return c.json({ state: asked.state, code: asked.code, expiresAt })
        }
        putCookie(c, WALL_COOKIE, asked.token, TOKEN_DAYS * DAY_S)
        return c.json({ state: asked.state, code: null, expiresAt: null })
      },
    )
    .post(
      '/walls/beat',
      describeRoute({
        chapter: 'session',
        summary: {
          zh: '大屏报平安，并延长其 Cookie',
          en: 'A wall says that it stands, and has its cookie renewed',
        },
        description: { zh: '不是配对大屏时答 null。', en: 'Null for who is no paired wall.' },
        access: 'viewer',
        body: json(Beat, { version: WALL.version }),
        answers: {
          200: json(z.object({ wall: Wall.pick({ id: true, name: true, board: true }).nullable() }), {
            wall: null,
          }),
        },
      }),
      async (c) => {
        const viewer = await gate.viewer(c.req.raw.headers)
        const { version } = await readBody(c, Beat)
        if (viewer.kind !== 'device') return c.json({ wall: null })
        const { id, name, board } = viewer.wall
        await noteSeen(postgres, id, addressOf(c), version)
        putCookie(c, WALL_COOKIE, takeCookie(c, WALL_COOKIE) ?? '', TOKEN_DAYS * DAY_S)
        putCookie(c, PAIRING_COOKIE, '', 0)
        return c.json({ wall: { id, name, board } })
      },
    )
    .get(
      '/walls',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '已配对的大屏', en: 'The walls that were let in' },
        access: 'person',
        right: 'walls.manage',
        answers: { 200: json(z.object({ walls: z.array(Wall) }), { walls: [WALL] }) },
      }),
      async (c) => {
        const { scope } = await gate.allow(c.req.raw.headers, 'walls.manage')
        const walls = (await listWalls(postgres)).filter(({ region }) => holdsRegion(scope, region))
        return c.json({ walls: walls.map(shownWall) })
      },
    )
    .post(
      '/walls',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '用屏幕上的码配对', en: 'Let in the screen that shows a code' },
        access: 'person',
        right: 'walls.manage',
        body: {
          'application/json': {
            schema: NewWall,
            examples: {
              nowhere: {
                title: { zh: '没有屏幕显示此码', en: 'No screen shows this code' },
                value: { code: 'ACDE-3479', name: WALL.name, region: '43' },
                status: 404,
              },
            },
          },
        },
        answers: { 201: json(Wall, { ...WALL, seenAt: null, address: '', version: '' }) },
        errors: ['not_found'],
      }),
      async (c) => {
        const { person, scope } = await gate.allow(c.req.raw.headers, 'walls.manage')
        const { code: typed, region, ...given } = await readBody(c, NewWall)
        rejectWider(scope, region ?? '', given.side)
        const code = canonicalCode(typed)
        if (code === null) throw noScreen()
        const wall = await postgres.transaction(async (sql) => {
          const made = await pairWall(sql, code, { ...given, region: region ?? '' }, person.username)
          const scope = `${made.board} ${made.region || '*'} ${made.side}`
          await noteAct(sql, c, person, 'wall.pair', made.id, scope)
          return made
        })
        return c.json(shownWall(wall), 201)
      },
    )
    .post(
      '/walls/:wall/rename',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '给大屏改名', en: 'Rename a wall' },
        access: 'person',
        right: 'walls.manage',
        path: WallPath,
        body: json(Rename, { name: WALL.name }),
        answers: { 200: json(Wall, WALL) },
      }),
      async (c) => {
        const { person, scope } = await gate.allow(c.req.raw.headers, 'walls.manage')
        const { name } = await readBody(c, Rename)
        const { id } = await wallFor(postgres, scope, c.req.param('wall'))
        const wall = await postgres.transaction(async (sql) => {
          await renameWall(sql, id, name)
          await noteAct(sql, c, person, 'wall.rename', id)
          return await wallFor(sql, scope, id)
        })
        return c.json(shownWall(wall))
      },
    )
    .post(
      '/walls/:wall/revoke',
      describeRoute({
        chapter: 'administration',
        summary: { zh: '停用大屏', en: 'Shut a wall out' },
        description: {
          zh: '两秒内屏幕回到配对码。再次使用须重新配对。',
          en: 'Within two seconds the screen shows a code again. It has to be let in anew.',
        },
        access: 'person',
        right: 'walls.manage',
        path: WallPath,
        body: json(Revoke, { reason: '屏幕拆除' }),
        answers: {
          200: json(Wall, { ...WALL, revokedAt: '2026-08-16T09:00:00.000+08:00', revokedBy: 'demo' }),
        },
      }),
      async (c) => {
        const { person, scope } = await gate.allow(c.req.raw.headers, 'walls.manage')
        const { reason } = await readBody(c, Revoke)
        const { id } = await wallFor(postgres, scope, c.req.param('wall'))
        const wall = await postgres.transaction(async (sql) => {
          await revokeWall(sql, id, person.username)
          await noteAct(sql, c, person, 'wall.revoke', id, reason)
          return await wallFor(sql, scope, id)
        })
        return c.json(shownWall(wall))
      },
    )
}

/** For a wall that shows no more than who lets it in may give. @throws AppError `forbidden`. */
function rejectWider({ grants, right }: Scope, region: string, side: Side): void {
  const shown = { regions: region === '' ? [] : [region], side, sectors: [] }
  if (!isCovered(shown, grants))
    throw new AppError(
      'forbidden',
      'your posts with this right do not reach that region by that side; choose less for the wall',
      { refused: { right, place: region } },
    )
}

/** @throws AppError `not_found`, also for a wall of elsewhere. */
async function wallFor(sql: Sql, scope: Scope, id: string): Promise<KeptWall> {
  const wall = await findWall(sql, id)
  if (!wall || !holdsRegion(scope, wall.region)) throw new AppError('not_found', 'there is no such wall')
  return wall
}

/** A wall as it is answered: times in that of China. */
function shownWall(wall: KeptWall): Wall {
  const iso = (at: Date | null) => at && toShanghaiIso(at.getTime())
  return Wall.parse({
    ...wall,
    pairedAt: iso(wall.pairedAt),
    seenAt: iso(wall.seenAt),
    revokedAt: iso(wall.revokedAt),
  })
}
