import { AppError } from '#domain/error.ts'
import type { Source } from '#domain/source.ts'

export const noRow = () =>
  new AppError('bad_request', 'the body holds no row; send at least one signal', {
    zh: '文件里没有数据行，请至少填一行',
  })

export const noneOfRegion = ({ region }: Pick<Source, 'region'>) =>
  new AppError('forbidden', `none of these rows lies in the region of this source (${region})`, {
    zh: `没有一行属于这个来源的地区（${region}），请核对户籍地、务工地，或换一个来源`,
  })

/** Why nothing was taken although rows were read; `null` where something was. */
export type Refusal = { detail: string; zh: string }

export const NONE_GOOD: Refusal = {
  detail: 'no row could be accepted; correct them by the reasons given and send them again',
  zh: '没有一行合格，请下载问题表，改好后重新上传',
}
export const NOT_ALL_GOOD: Refusal = {
  detail:
    'all rows were to be taken or none, and some were rejected, so none was taken; correct those by the reasons given and send all again',
  zh: '要求全部合格才入库，而有的行被退回，所以一行也没有入库；请下载问题表，改好后重新上传',
}
