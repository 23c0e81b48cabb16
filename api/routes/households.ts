import { Hono } from 'hono'
import { z } from 'zod'
import { LookReason } from '#domain/audit.ts'
import { AppError } from '#domain/error.ts'
import { Household, Households, type VillageCounts } from '#domain/household.ts'
import { describeRoute, json } from '#domain/operation.ts'
import { ancestorAt, levelAtLeast, levelOf, type RegionCode } from '#domain/region.ts'
import type { Scope } from '#domain/scope.ts'
import type { Engine } from '#sql/engine.ts'
import type { Postgres } from '#sql/postgres.ts'
import { countsBy, homeOf, readMembers, readPersonsOf } from '../households.ts'
import { RegionParam, readBody, readQuery } from '../http.ts'
import { scopeFor } from '../identity/access.ts'
import type { Gate } from '../identity/gate.ts'
import { noteAct } from '../identity/note-act.ts'
import type { Measures } from '../measures/answers.ts'
import { type Blur, blurred, cellOf, scopeKeyOf } from '../measures/small-counts.ts'
import { readVillages } from '../regions.ts'
import type { SourceRegistry } from './sources.ts'

const Ask = z.object({ region: RegionParam.meta({ example: '430522100' }) })
const Read = z.strictObject({
  key: z
    .string()
    .regex(/^[\w-]{22}$/, 'is not the key of a household')
    .meta({ zh: '户的键，由列表得到', en: 'Key of the household, from the list' }),
  reason: LookReason.meta({ zh: '事由，写入审计日志', en: 'Why; it goes into the audit log' }),
})

const HOUSEHOLDS: z.infer<typeof Households> = {
  region: '430522100',
  rows: [
    { village: '430522100001', name: '酿溪社区', households: 41, persons: 96, away: 70, hidden: [] },
    { village: '430522100002', name: '大塘社区', households: null, persons: null, away: null, hidden: [] },
    { village: null, name: null, households: 0, persons: 12, away: 9, hidden: [] },
  ],
  hidesBelow: null,
  households: null,
}

const times = { observedAt: '2026-08-15T09:30:00.000+08:00', receivedAt: '2026-08-15T09:31:00.000+08:00' }
const HOUSEHOLD: Household = {
  key: 'k3Q9vX2mT7aLw0ZrB5uYcd',
  region: '430522100001',
  members: [
    {
      personKey: 'Zt6bYh1nQe8sVf4kLm2xRw',
      fields: {
        homeRegion: { value: '430522100001', source: 'src_0123456789abcdef', ...times },
        status: { value: 'employed', source: 'src_0123456789abcdef', ...times },
      },
    },
  ],
  sources: { src_0123456789abcdef: '示例市养老保险台账' },
}

/** Households and villages: the base of the real-name records. Members are known by the hash of their ID number alone. */
export function householdRoutes(deps: {
  engine: Engine
  postgres: Postgres
  gate: Gate
  measures: Pick<Measures, 'blurFor'>
  sources: Pick<SourceRegistry, 'list'>
}) {
  return new Hono()
    .get(
      '/households',
      describeRoute({
        chapter: 'analytics',
        summary: { zh: '一个乡镇或村的户数与人数', en: 'Households and persons of a township or village' },
        description: {
          zh: '按村列出户数、人数、外出人数；问一个村且可看个案明细时，另列其各户。没有上报的村为 null，不为 0。无个案权限者所见与指标同：少于 hidesBelow 的数为 null 并列于 hidden，其余取其倍数。',
          en: 'Households, persons and persons away by village; for a village, who may see individuals also gets its households. A village nobody reported is null, not 0. For who may not see individuals there, counts below hidesBelow are null and among hidden, and the others multiples of it.',
        },
        access: 'person',
        right: 'households.read',
        query: Ask,
        answers: { 200: json(Households, HOUSEHOLDS) },
        errors: ['not_found'],
      }),
      async (c) => {
        const { access, scope } = await deps.gate.allow(c.req.raw.headers, 'households.read')
        const region = townshipOrVillage(readQuery(c, Ask).region)
        const persons = await readPersonsOf(deps.engine, scope, region)
        const isVillage = levelOf(region) === 'village'
        const isOpen = isVillage && scope.seesSmall && scopeFor(access, 'individuals.read') !== null
        const blur = await deps.measures.blurFor(scope)
        const households = countsBy(persons, (fields) => fields.household?.value ?? '')
        households.delete('')
        return c.json({
          region,
          rows: (await rowsFor(region, persons)).map((row) => blurredRow(row, region, scope, blur)),
          hidesBelow: blur?.k ?? null,
          households: isOpen
            ? [...households]
                .map(([key, { persons, away }]) => ({ key, persons, away }))
                .sort((a, b) => b.persons - a.persons || (a.key < b.key ? -1 : 1))
            : null,
        } satisfies z.infer<typeof Households>)
      },
    )
    .post(
      '/households/read',
      describeRoute({
        chapter: 'analytics',
        summary: { zh: '一户的成员', en: 'The members of a household' },
        description: {
          zh: '每个字段取最近一次说到它的观测，并注明来源与时间。答复之前先以事由写入审计日志。',
          en: 'Each field is as the most recent observation that said it has it, with its source and times. The audit log has it with the reason before the answer leaves.',
        },
        access: 'person',
        right: 'individuals.read',
        body: {
          'application/json': {
            schema: Read,
            examples: {
              nobody: {
                title: { zh: '没有此户', en: 'There is no such household' },
                value: { key: HOUSEHOLD.key, reason: '入户核对务工信息' },
                status: 404,
              },
            },
          },
        },
        answers: { 200: json(Household, HOUSEHOLD) },
        errors: ['not_found'],
      }),
      async (c) => {
        const { person, scope } = await deps.gate.allow(c.req.raw.headers, 'individuals.read')
        const { key, reason } = await readBody(c, Read)
        await deps.postgres.transaction((sql) => noteAct(sql, c, person, 'household.read', key, reason))
        const members = await readMembers(deps.engine, scope, key)
        if (members.length === 0) throw new AppError('not_found', 'there is no such household')
        const used = new Set(
          members.flatMap(({ fields }) => Object.values(fields).map(({ source }) => source)),
        )
        const known = (await deps.sources.list()).filter(({ id }) => used.has(id))
        return c.json({
          key,
          region: members.map(({ fields }) => homeOf(fields)).reduce((a, b) => (b.length > a.length ? b : a)),
          members,
          sources: Object.fromEntries(known.map(({ id, name }) => [id, name])),
        })
      },
    )
}

function townshipOrVillage(region: string | null): RegionCode {
  if (region === null || !levelAtLeast(region, 'township'))
    throw new AppError(
      'bad_request',
      'region: must be a township (9 digits) or a village (12 digits) of Hunan',
    )
  return region as RegionCode
}

/** Every village of the region by the list, and last those whose village is not known. @throws AppError `not_found`. */
async function rowsFor(region: RegionCode, persons: Awaited<ReturnType<typeof readPersonsOf>>) {
  const township = ancestorAt(region, 'township') ?? region
  const villages = (await readVillages(township)).filter(({ code }) => code.startsWith(region))
  if (villages.length === 0) throw new AppError('not_found', 'there is no such township or village')
  const counts = countsBy(persons, (fields) => ancestorAt(homeOf(fields), 'village') ?? '')
  const rows = villages.map(({ code, zh }) => ({
    village: code as string | null,
    name: zh as string | null,
    ...(counts.get(code) ?? NOBODY),
  }))
  const rest = counts.get('')
  return rest ? [...rows, { village: null, name: null, ...rest }] : rows
}

/**
 * A row for who asks. Its cells have the same names whether they were asked for by the village or by its township, and
 * persons that of the measure which counts them.
 */
function blurredRow(
  row: VillageCounts & { village: string | null; name: string | null },
  region: string,
  scope: Scope,
  blur: Blur | null,
) {
  const { village, name, ...counts } = row
  // Those of no known village are not one cell with all of the township.
  const where = { region: village ?? `${region} unknown`, role: 'home', sector: null } as const
  const hidden: (keyof VillageCounts)[] = []
  const tell = (count: keyof VillageCounts) => {
    const value = counts[count]
    if (blur === null || value === null) return value
    const id = count === 'persons' ? 'workers.count' : `households.${count}`
    const told = blurred(value, cellOf({ id }, scopeKeyOf(scope), where, {}), blur)
    if (told === null) hidden.push(count)
    return told
  }
  return {
    village,
    name,
    households: tell('households'),
    persons: tell('persons'),
    away: tell('away'),
    hidden,
  }
}

const NOBODY = { households: null, persons: null, away: null }
