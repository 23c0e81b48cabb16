import { AppError } from '#domain/error.ts'
import type { Dimension, MeasureId } from '#domain/measure.ts'
import { isWithin } from '#domain/region.ts'
import { BOARD_MEASURES } from '#domain/wall.ts'
import type { Viewer } from './gate.ts'

/** What of the numbers somebody asks for. */
type Asked = {
  measure?: MeasureId
  by?: readonly Dimension[] | undefined
  region?: string | null | undefined
  sector?: string | undefined
}

/**
 * Holds a paired screen to what its board shows: its measures, split as it splits them, and no place but its own, or one
 * that holds its own. People and the wall in the room are bound by their rights alone. @throws AppError `forbidden`.
 */
export function rejectBeyondBoard(viewer: Viewer, { measure, by = [], region, sector }: Asked): void {
  if (viewer.kind !== 'device') return
  const { board, region: own } = viewer.wall
  const splits = measure === undefined ? [] : BOARD_MEASURES[board][measure]
  const isShown = splits !== undefined && by.every((one) => splits.includes(one)) && sector === undefined
  const isOwn = own === '' || region == null || isWithin(region, own) || isWithin(own, region)
  if (isShown && isOwn) return
  throw new AppError('forbidden', 'this screen may ask only for what its board shows of its own region', {
    refused: {
      right: measure === undefined ? 'alerts.read' : 'figures.read',
      ...(!isOwn && { place: region }),
    },
  })
}
