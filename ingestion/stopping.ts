import { AppError } from '#domain/error.ts'

/** What is answered while the process stops. */
export const stopping = () =>
  new AppError('store_away', 'the server is stopping; send again', {
    retryAfterS: 5,
    zh: '服务器正在停止，请稍后重新上传',
  })
