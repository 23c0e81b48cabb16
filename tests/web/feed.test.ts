import { describe, expect, it } from 'vitest'
import type { Alert, AlertChange, AlertLogEntry } from '#domain/alert.ts'
import {
  activeAlerts,
  applyEntry,
  applyHistory,
  applyLog,
  applySnapshot,
  applyWatermark,
  emptyFeed,
} from '../../web/src/lib/live/feed.ts'

const alert = (id: string, part: Partial<Alert> = {}): Alert => ({
  id,
  rule: 'D15',
  ruleVersion: 1,
  ruleTitle: { zh: '', en: '' },
  group: id,
  tier: 'red',
  state: 'open',
  value: '1.00',
  unit: 'yuan',
  region: '430102',
  workRegions: [],
  homeRegions: [],
  sector: 'E',
  sectors: [],
  bySector: [],
  employer: '',
  project: '',
  cases: 1,
  workers: 1,
  owed: '1.00',
  since: '2026-11-24T08:00:00+08:00',
  openedAt: '2026-11-24T08:00:00+08:00',
  changedAt: '2026-11-24T08:00:00+08:00',
  resolvedAt: null,
  acknowledgedBy: null,
  isVerified: false,
  isAcross: false,
  isPart: false,
  ...part,
})
const entry = (
  seq: number,
  id: string,
  change: AlertChange = 'opened',
  part: Partial<Alert> = {},
): AlertLogEntry => ({
  seq,
  at: '2026-11-24T08:00:00+08:00',
  change,
  by: null,
  note: null,
  alert: alert(id, part),
})
const ids = (feed: typeof emptyFeed) =>
  activeAlerts(feed)
    .map(({ id }) => id)
    .sort()
const numbers = (feed: typeof emptyFeed) => feed.ticker.map(({ seq }) => seq)

describe('the alert feed', () => {
  it('drops an entry whose number it has applied', () => {
    const feed = applyEntry(applySnapshot(emptyFeed, { seq: 4, alerts: [] }), entry(5, 'a'))
    const again = applyEntry(feed, entry(5, 'a', 'resolved', { state: 'resolved' }))
    expect(again).toBe(feed)
    expect(ids(again)).toEqual(['a'])
  })

  it('keeps the newest state when an older entry of the same alert comes late', () => {
    let feed = applySnapshot(emptyFeed, { seq: 4, alerts: [] })
    feed = applyEntry(feed, entry(6, 'a', 'resolved', { state: 'resolved' }))
    feed = applyLog(feed, [entry(5, 'a', 'opened')], 6)
    expect(ids(feed)).toEqual([])
    expect(numbers(feed)).toEqual([6, 5])
  })

  it('notices a jump in the numbers and stays before it until the log has been asked', () => {
    const feed = applyEntry(applySnapshot(emptyFeed, { seq: 1, alerts: [] }), entry(4, 'd'))
    expect([feed.seq, feed.behind]).toEqual([1, 4])
    const full = applyLog(feed, [entry(2, 'b'), entry(3, 'c'), entry(4, 'd')], 4)
    expect([full.seq, full.behind]).toEqual([4, null])
    expect(ids(full)).toEqual(['b', 'c', 'd'])
    expect(numbers(full)).toEqual([4, 3, 2])
  })

  it('learns from a watermark that it missed something', () => {
    const feed = applySnapshot(emptyFeed, { seq: 7, alerts: [] })
    expect(applyWatermark(feed, { seq: 7, at: '' })).toBe(feed)
    expect(applyWatermark(feed, { seq: 9, at: '' }).behind).toBe(9)
  })

  it('after an absence takes the snapshot for the alerts and the entries only for the ticker', () => {
    let feed = applySnapshot({ ...emptyFeed, seq: 3 }, { seq: 5, alerts: [alert('a', { tier: 'orange' })] })
    expect([feed.seq, feed.behind]).toEqual([3, 5])
    feed = applyEntry(feed, entry(4, 'a', 'opened', { tier: 'red' }))
    feed = applyEntry(feed, entry(5, 'a', 'lowered', { tier: 'orange' }))
    expect([feed.seq, feed.behind]).toEqual([5, null])
    expect(activeAlerts(feed).map(({ tier }) => tier)).toEqual(['orange'])
    expect(numbers(feed)).toEqual([5, 4])
  })

  it('starts over when the server’s log is shorter than what it knew', () => {
    const before = applyEntry(applySnapshot(emptyFeed, { seq: 8, alerts: [] }), entry(9, 'old'))
    const feed = applySnapshot(before, { seq: 2, alerts: [alert('new')] })
    expect([feed.seq, feed.behind, feed.ticker.length]).toEqual([2, null, 0])
    expect(ids(feed)).toEqual(['new'])
  })

  it('puts history into the ticker without changing what is known of the alerts', () => {
    const feed = applySnapshot(emptyFeed, { seq: 3, alerts: [alert('c')] })
    const more = applyHistory(feed, [
      entry(1, 'a'),
      entry(2, 'a', 'resolved', { state: 'resolved' }),
      entry(3, 'c'),
    ])
    expect(numbers(more)).toEqual([3, 2, 1])
    expect(ids(more)).toEqual(['c'])
    expect(more.seq).toBe(3)
  })
})
