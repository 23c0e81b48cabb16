import { expect, test } from 'vitest'
import { ApiError } from '../../web/src/lib/api.ts'
import { passwordFailure, proofFailure } from '../../web/src/lib/new-password.ts'

test('a password that could not be sent is not called unreadable', () => {
  for (const failure of [passwordFailure, proofFailure]) {
    expect(failure(new ApiError(0, 'offline', ''), (key) => key)).toBe('state.offline')
    expect(failure(new ApiError(503, 'store_away', ''), (key) => key)).toBe('state.server')
  }
})
