/** Routes that change something by their method, or answer a sheet, and leave no entry in the audit log: why they need none. */
export const UNAUDITED: Record<string, string> = {
  'GET /v1/signals/{kind}/template.csv': 'an empty sheet to fill in',
  'GET /v1/signals/{kind}/template.xlsx': 'an empty sheet to fill in',
  'POST /v1/signals/arrears': 'a source with its own key: its batches and receipts are the record',
  'POST /v1/signals/industry': 'a source with its own key: its batches and receipts are the record',
  'POST /v1/signals/workers': 'a source with its own key: its batches and receipts are the record',
  'POST /v1/signals/{kind}/preview': 'judges rows and keeps nothing',
  'POST /v1/sources/{source}/signals/{kind}/preview': 'judges rows and keeps nothing',
  'POST /v1/auth/sign-out': 'ends no right of anybody else; the log-in is written down',
  'POST /v1/people': 'makes reporters only; naming them for a unit is written down',
  'POST /v1/setup':
    'is open once, before there is anybody to read the log; the link is printed by the server itself',
}
