import { Hono } from 'hono'
import { z } from 'zod'
import { describeRoute, json, type Operation } from '#domain/operation.ts'
import { Post, Side } from '#domain/right.ts'
import { rejectOutside } from '#domain/scope.ts'
import { Sector } from '#domain/sector.ts'
import type { Postgres } from '#sql/postgres.ts'
import { InstantParam, RegionParam, readBody } from '../http.ts'
import { changeAccess } from '../identity/access.ts'
import type { Gate } from '../identity/gate.ts'
import { giverFor } from '../identity/giver.ts'
import { noteAct } from '../identity/note-act.ts'
import { insertPost, movePost, readPosts } from '../identity/posts.ts'
import { readSmallCountK } from '../measures/small-counts.ts'

const SmallCounts = z.strictObject({ k: z.int().min(1).max(100) })
const Region = RegionParam.transform((code) => code ?? '')
const Period = z.strictObject({
  startsAt: InstantParam.optional(),
  endsAt: InstantParam.nullable().optional(),
})
/** `now`: by the clock of the server, whatever that of the asker says, and also where the post has not begun. */
const Moved = z.strictObject({
  startsAt: InstantParam.optional(),
  endsAt: z
    .union([z.literal('now'), InstantParam], 'must be now, or a time like 2026-11-24T09:30:00+08:00')
    .nullable()
    .optional(),
})
/** A post as it is asked for. */
export const PutPost = Period.extend({
  role: z.string().max(50),
  regions: z.array(Region).max(200).default([]),
  side: Side.default('both'),
  sectors: z.array(Sector).max(20).default([]),
}).refine(({ startsAt, endsAt }) => endsAt == null || endsAt >= (startsAt ?? 0), {
  path: ['endsAt'],
  message: 'must not lie before startsAt',
})

const POST = {
  id: 'post_0123456789abcdef',
  role: 'analyst',
  regions: ['4305'],
  side: 'both',
  sectors: [],
  startsAt: '2026-08-01T00:00:00.000+08:00',
  endsAt: null,
}
const PersonPath = z.object({
  person: z.string().meta({ zh: '人员编号', en: 'Id of the person', example: 'u2' }),
})
const PostPath = PersonPath.extend({
  post: z.string().meta({ zh: '任职编号', en: 'Id of the post', example: POST.id }),
})
const about = { chapter: 'administration', access: 'person' } as const satisfies Partial<Operation>

/** The posts that give roles to people, and below what counts are hidden. Every change is in the audit log, in the transaction that makes it. */
export function accessRoutes({ postgres, gate }: { postgres: Postgres; gate: Gate }) {
  return new Hono()
    .get(
      '/small-counts',
      describeRoute({
        ...about,
        right: 'people.read',
        summary: { zh: '小数门槛', en: 'Below how many persons counts are hidden' },
        answers: { 200: json(SmallCounts, { k: 5 }) },
      }),
      async (c) => {
        await gate.allow(c.req.raw.headers, 'people.read')
        return c.json({ k: await readSmallCountK(postgres) })
      },
    )
    .put(
      '/small-counts',
      describeRoute({
        ...about,
        right: 'roles.manage',
        summary: { zh: '设定小数门槛', en: 'Set below how many persons counts are hidden' },
        description: {
          zh: '对无个案权限者：少于 k 人的隐去，其余取 k 的倍数；1 为不隐。',
          en: 'For who may not see individuals: counts below k are hidden, the others multiples of k; 1 hides nothing.',
        },
        body: json(SmallCounts, { k: 5 }),
        answers: { 200: json(SmallCounts, { k: 5 }) },
        errors: ['conflict'],
      }),
      async (c) => {
        const { person, scope } = await gate.allow(c.req.raw.headers, 'roles.manage')
        rejectOutside(scope, '')
        const { k } = await readBody(c, SmallCounts)
        await changeAccess(postgres, async (sql) => {
          await sql.query(
            `INSERT INTO facts (name, value) VALUES ('small-count-k', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
            [String(k)],
          )
          await noteAct(sql, c, person, 'smallCounts.put', '', JSON.stringify({ k }))
        })
        return c.json({ k })
      },
    )
    .get(
      '/people/:person/posts',
      describeRoute({
        ...about,
        right: 'people.read',
        summary: { zh: '一个人的任职', en: 'The posts of a person' },
        path: PersonPath,
        answers: { 200: json(z.object({ posts: z.array(Post) }), { posts: [POST] }) },
      }),
      async (c) => {
        const { scope } = await gate.allow(c.req.raw.headers, 'people.read')
        return c.json({ posts: await readPosts(postgres, c.req.param('person'), scope) })
      },
    )
    .post(
      '/people/:person/posts',
      describeRoute({
        ...about,
        right: 'people.manage',
        summary: { zh: '任职', en: 'Give a person a post' },
        description: {
          zh: '地区为空即全部，行业为空即全部；startsAt 默认现在，endsAt 为空即长期。地区须在本人权限之内。',
          en: 'No regions: everywhere; no sectors: all. From startsAt, now by default, until before endsAt, or further notice. The regions must lie within what your own right holds for.',
        },
        path: PersonPath,
        body: json(PutPost, { role: POST.role, regions: POST.regions }),
        answers: { 201: json(Post, POST) },
        errors: ['conflict'],
      }),
      async (c) => {
        const { person, giver } = await giverFor(gate, c.req.raw.headers)
        const { startsAt, endsAt, ...asked } = await readBody(c, PutPost)
        const post = { ...asked, startsMs: startsAt ?? Date.now(), endsMs: endsAt ?? null }
        const id = c.req.param('person')
        const given = await changeAccess(postgres, async (sql) => {
          const one = await insertPost(sql, giver, id, post)
          await noteAct(sql, c, person, 'post.put', id, JSON.stringify(one))
          return one
        })
        return c.json(given, 201)
      },
    )
    .patch(
      '/people/:person/posts/:post',
      describeRoute({
        ...about,
        right: 'people.manage',
        summary: {
          zh: '改任期；endsAt 为 now 即免职',
          en: 'Move the beginning or end of a post; endsAt "now" ends it',
        },
        path: PostPath,
        body: json(Moved, { endsAt: '2099-01-01' }),
        answers: { 200: json(Post, { ...POST, endsAt: '2099-01-01T00:00:00.000+08:00' }) },
        errors: ['conflict'],
      }),
      async (c) => {
        const { person, giver } = await giverFor(gate, c.req.raw.headers)
        const { startsAt, endsAt } = await readBody(c, Moved)
        const id = c.req.param('person')
        const moved = await changeAccess(postgres, async (sql) => {
          const one = await movePost(sql, giver, id, c.req.param('post'), {
            startsMs: startsAt,
            endsMs: endsAt,
          })
          await noteAct(sql, c, person, 'post.put', id, JSON.stringify(one))
          return one
        })
        return c.json(moved)
      },
    )
}
