import type { Kind } from './signal.ts'

/** Who sends signals. `region` bounds what it may send; `dueEvery` null is never due. */
export type Source = {
  id: string
  name: string
  kinds: Kind[]
  region: string
  isSynthetic: boolean
  dueEvery: 'day' | 'month' | null
  graceHours: number
  createdAt: Date
}

export type NewSource = Omit<Source, 'id' | 'createdAt'>

/** When data are due of a source, as it is to be changed; what is `undefined` stays. */
export type ChangedDue = {
  [Term in keyof Pick<Source, 'dueEvery' | 'graceHours'>]?: Source[Term] | undefined
}

/** One industry report as JSON, sent for a source by somebody who was let in by his session. */
export type Report = {
  sourceId: string
  by: { id: string; username: string }
  body: string
  /** Batches of refused reports that this one takes the place of. */
  corrects: readonly string[]
  idempotencyKey: string | null
  acceptLanguage: string | null
}
