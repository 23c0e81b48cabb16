import { idCheckCharacter } from '#domain/person.ts'

/** A resident ID number that passes its check, for a person who does not exist. */
export function idNumber(serial: number, home = '430522', birth = '19850315'): string {
  const first17 = `${home}${birth}${String(serial % 1000).padStart(3, '0')}`
  return first17 + idCheckCharacter(first17)
}

/** As many different valid ID numbers as wanted: the birth date moves on every 1,000. */
export function idNumberFor(n: number): string {
  const day = new Date(Date.UTC(1960, 0, 1) + Math.floor(n / 1000) * 86_400_000)
    .toISOString()
    .slice(0, 10)
    .replaceAll('-', '')
  return idNumber(n, '430522', day)
}

const HOUR = 3_600_000

/** A valid `workers` signal; name only what matters to the test. */
export function worker(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    idNumber: idNumber(1),
    name: '测试甲',
    homeRegion: '430522',
    workRegion: '440300',
    sector: 'C',
    status: 'employed',
    observedAt: new Date(Date.now() - HOUR).toISOString(),
    ...over,
  }
}

/** A valid `arrears` signal. */
export function arrears(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    caseId: 'case-1',
    observedAt: new Date(Date.now() - HOUR).toISOString(),
    channel: 'hotline12345',
    workRegion: '430503',
    sector: 'E',
    employer: '示例建筑劳务有限公司',
    status: 'reported',
    workers: 3,
    owed: '30000.00',
    ...over,
  }
}

/** A valid `industry` signal. */
export function industry(over: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    pointId: 'point-1',
    period: '2026-10',
    observedAt: new Date(Date.now() - HOUR).toISOString(),
    workRegion: '430121',
    sector: 'C',
    headcount: 1000,
    wageBill: '5000000.00',
    wagePaid: '4900000.00',
    ...over,
  }
}
