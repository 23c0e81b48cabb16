/** Routes that change something by their method, or answer a sheet, and leave no entry in the audit log: why they need none. */
export const UNAUDITED: Record<string, string> = {
  'GET /v1/signals/{kind}/template.csv': 'an empty sheet to fill in',
  'GET /v1/signals/{kind}/template.xlsx': 'an empty sheet to fill in',
  'POST /v1/signals/arrears': 'a source with its own key: its batches and receipts are the record',
  'POST /v1/signals/industry': 'a source with its own key: its batches and receipts are the record',
  'POST /v1/signals/workers': 'a source with its own key: its batches and receipts are the record',
  'POST /v1/signals/{kind}/preview': 'judges rows and commits nothing; the file is gone soon after',
  'POST /v1/sources/{source}/signals/{kind}/preview':
    'judges rows and commits nothing; the file is gone soon after',
  'POST /v1/walls/beat': 'a paired screen says that it is still there',
  'POST /v1/walls/pairings': 'a screen asks for a code to show; what counts is who types it in',
  'POST /v1/auth/sign-in/social': 'leads to the provider; coming back from there is written down',
  'POST /v1/setup':
    'is open once, before there is anybody to read the log; the link is printed by the server itself',
}

/** Routes whose examples are all refused, as no real code or link can be shown: the test that does them in earnest. */
export const WRITTEN_ELSEWHERE: Record<string, string> = {
  'POST /v1/auth/two-factor/generate-backup-codes': 'tests/identity/sign-in.test.ts',
  'POST /v1/auth/two-factor/verify-backup-code': 'tests/identity/sign-in.test.ts',
  'POST /v1/auth/two-factor/verify-totp': 'tests/identity/sign-in.test.ts',
  'POST /v1/password-links/use': 'tests/identity/people.test.ts',
  'POST /v1/people/import': 'tests/identity/people.test.ts',
  'POST /v1/walls': 'tests/api/walls.test.ts',
}
