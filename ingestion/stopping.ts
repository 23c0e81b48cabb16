import { AppError } from '#domain/error.ts'

/** What is answered while the process stops. */
export const stopping = () =>
  new AppError('store_away', 'the server is stopping; send again', { retryAfterS: 5 })
