import type { ServerEvents } from '#domain/live-events.ts'

/**
 * What everybody is answered by every route. A column is a role with its post in one county, the reporter of a unit there;
 * or nobody, the wall on the server's own machine, a screen let in for that county, the key of a source there.
 *
 * A cell has four characters, for what lies in the own county, in the city around it, in the county beside it and in one
 * elsewhere; or one, where a route has no place. `2` answered; `0` answered as if nothing of that region were there;
 * `-` 401, log in first; `.` 403, not yours to do; `4` 404, there is no such thing; `x` let in, and refused for what was
 * sent. A screen is refused what its board does not show; what it does, scope-fuzz asks for. How each is asked stands in matrix-asks.ts.
 */
export const MATRIX = `
                                                        lead anal onCa repo hand admi audi nobo hall scre key
GET    /healthz                                         2    2    2    2    2    2    2    2    2    2    2
GET    /readyz                                          2    2    2    2    2    2    2    2    2    2    2
GET    /metrics                                         2    2    2    2    2    2    2    2    2    2    2
GET    /v1/signals/:kind/columns                        -    -    -    -    -    -    -    -    -    -    2
PUT    /v1/signals/:kind/columns                        -    -    -    -    -    -    -    -    -    -    2
POST   /v1/signals/:kind/preview                        -    -    -    -    -    -    -    -    -    -    2000
POST   /v1/signals/workers                              -    -    -    -    -    -    -    -    -    -    2...
POST   /v1/signals/arrears                              -    -    -    -    -    -    -    -    -    -    2...
POST   /v1/signals/industry                             -    -    -    -    -    -    -    -    -    -    2...
GET    /v1/sources/:source/signals/:kind/columns        .    .    .    .    .    2444 .    -    -    -    -
PUT    /v1/sources/:source/signals/:kind/columns        .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/sources/:source/signals/:kind/preview        .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/sources/:source/signals/workers              .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/sources/:source/signals/arrears              .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/sources/:source/signals/industry             .    .    .    .    .    2444 .    -    -    -    -
GET    /v1/signals/:kind/schema                         2    2    2    2    2    2    2    2    2    2    2
GET    /v1/signals/:kind/template.csv                   2    2    2    2    2    2    2    2    2    2    2
GET    /v1/signals/:kind/template.xlsx                  2    2    2    2    2    2    2    2    2    2    2
GET    /v1/sources/:source/batches                      .    2444 2444 .    .    2444 .    -    -    -    2...
GET    /v1/batches/:batch                               .    2444 2444 .    .    2444 .    -    -    -    2444
GET    /v1/batches/:batch/errors.json                   -    -    -    -    -    -    -    -    -    -    2444
POST   /v1/batches/:batch/errors.json                   .    .    .    .    .    2444 .    -    -    -    -
GET    /v1/batches/:batch/errors.csv                    -    -    -    -    -    -    -    -    -    -    2444
POST   /v1/batches/:batch/errors.csv                    .    .    .    .    .    2444 .    -    -    -    -
GET    /v1/batches/:batch/errors.xlsx                   -    -    -    -    -    -    -    -    -    -    2444
POST   /v1/batches/:batch/errors.xlsx                   .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/batches/:batch/withdraw                      .    .    .    .    .    2444 .    -    -    -    2444
GET    /v1/quarantine                                   .    .    .    .    .    2000 .    -    -    -    2000
POST   /v1/quarantine/:batch/:row/read                  .    .    .    .    .    2444 .    -    -    -    2444
POST   /v1/quarantine/dismiss                           .    .    .    .    .    2000 .    -    -    -    -
POST   /v1/quarantine/replay                            .    .    .    .    .    2000 .    -    -    -    2000
POST   /v1/quarantine/:batch/:row/correct               .    .    .    .    .    x444 .    -    -    -    x444
GET    /v1/locks                                        .    .    .    .    .    2000 .    -    -    -    -
PUT    /v1/locks                                        .    .    .    .    .    2... .    -    -    -    -
POST   /v1/locks/open                                   .    .    .    .    .    2... .    -    -    -    -
GET    /v1/sources/:source/mappings                     .    .    .    .    .    2444 .    -    -    -    2444
PUT    /v1/sources/:source/mappings                     .    .    .    .    .    2444 .    -    -    -    2444
GET    /v1/sources/:source/mappings/unmapped            .    .    .    .    .    2444 .    -    -    -    2444
POST   /v1/auth/sign-in/username                        x    x    x    x    x    x    x    x    x    x    x
POST   /v1/auth/two-factor/verify-totp                  x    x    x    x    x    x    x    x    x    x    x
POST   /v1/auth/two-factor/verify-backup-code           x    x    x    x    x    x    x    x    x    x    x
POST   /v1/auth/two-factor/enable                       x    x    x    x    x    x    x    x    x    x    x
POST   /v1/auth/two-factor/disable                      x    x    x    x    x    x    x    x    x    x    x
POST   /v1/auth/two-factor/generate-backup-codes        x    x    x    x    x    x    x    x    x    x    x
POST   /v1/auth/change-password                         x    x    x    x    x    x    x    x    x    x    x
POST   /v1/auth/sign-in/social                          4    4    4    4    4    4    4    4    4    4    4
GET    /v1/measures                                     2    2    2    .    2    2    .    -    2    2    -
GET    /v1/distribution                                 2000 2000 2000 .    2000 2000 .    -    2    .    -
GET    /v1/series                                       2000 2000 2000 .    2000 2000 .    -    2    .    -
GET    /v1/flows                                        2000 2000 2000 .    2000 2000 .    -    2    .    -
GET    /v1/alerts                                       2000 2000 2000 .    2000 2000 .    -    2    2000 -
GET    /v1/alerts/log                                   2000 2000 2000 .    2000 2000 .    -    2    2000 -
GET    /v1/alerts/:id                                   2444 2444 2444 .    2444 2444 .    -    2    2444 -
GET    /v1/alerts/:id/evidence                          .    .    2444 .    2444 2444 .    -    -    -    -
POST   /v1/alerts/:id/actions                           .    .    2444 .    2444 2444 .    -    -    -    -
GET    /v1/rules                                        2    2    2    .    2    2    .    -    2    2    -
GET    /v1/me                                           2    2    2    2    2    2    2    -    2    2    -
POST   /v1/setup                                        x    x    x    x    x    x    x    x    x    x    x
GET    /v1/status                                       2    2    2    2    2    2    2    -    2    2    -
GET    /v1/sources                                      .    2000 2000 .    .    2000 .    -    -    -    -
POST   /v1/sources                                      .    .    .    .    .    2... .    -    -    -    -
PATCH  /v1/sources/:source                              .    .    .    .    .    2444 .    -    -    -    -
GET    /v1/sources/:source/keys                         .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/sources/:source/keys                         .    .    .    .    .    2444 .    -    -    -    -
PATCH  /v1/sources/:source/keys/:keyId                  .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/sources/:source/keys/:keyId/rotate           .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/sources/:source/keys/:keyId/revoke           .    .    .    .    .    2444 .    -    -    -    -
GET    /v1/sign-in                                      2    2    2    2    2    2    2    2    2    2    2
GET    /v1/account                                      2    2    2    2    2    2    2    -    -    -    -
GET    /v1/account/sessions                             2    2    2    2    2    2    2    -    -    -    -
POST   /v1/account/sessions/end-others                  2    2    2    2    2    2    2    -    -    -    -
POST   /v1/account/sessions/:session/end                4    4    4    4    4    4    4    -    -    -    -
POST   /v1/password-links/use                           x    x    x    x    x    x    x    x    x    x    x
GET    /v1/roles                                        .    .    .    .    .    2    2    -    -    -    -
PATCH  /v1/roles                                        .    .    .    .    .    .    .    -    -    -    -
PUT    /v1/roles/:role                                  .    .    .    .    .    .    .    -    -    -    -
GET    /v1/roles/:role/holders                          .    .    .    .    .    2000 2000 -    -    -    -
POST   /v1/roles/:role/retire                           .    .    .    .    .    .    .    -    -    -    -
DELETE /v1/roles/:role                                  .    .    .    .    .    .    .    -    -    -    -
GET    /v1/small-counts                                 .    .    .    .    .    2    2    -    -    -    -
PUT    /v1/small-counts                                 .    .    .    .    .    .    .    -    -    -    -
GET    /v1/people/:person/posts                         .    .    .    .    .    2444 2444 -    -    -    -
POST   /v1/people/:person/posts                         .    .    .    .    .    2... .    -    -    -    -
PATCH  /v1/people/:person/posts/:post                   .    .    .    .    .    2444 .    -    -    -    -
GET    /v1/people                                       .    .    .    .    .    2000 2000 -    -    -    -
POST   /v1/people                                       .    .    .    .    .    2... .    -    -    -    -
PATCH  /v1/people/:person                               .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/people/:person/password-link                 .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/people/:person/second-factor/reset           .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/people/:person/sessions/end                  .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/people/import                                .    .    .    .    .    2xxx .    -    -    -    -
GET    /v1/households                                   .    2000 .    .    .    2000 .    -    -    -    -
POST   /v1/households/read                              .    .    2444 .    2444 2444 .    -    -    -    -
POST   /v1/identities/search                            .    .    .    .    2000 2000 .    -    -    -    -
POST   /v1/identities/read                              .    .    .    .    2444 2444 .    -    -    -    -
POST   /v1/identities/erase                             .    .    .    .    .    2444 .    -    -    -    -
GET    /v1/identities/key                               .    .    .    .    .    .    .    -    -    -    -
POST   /v1/identities/key/rotate                        .    .    .    .    .    .    .    -    -    -    -
GET    /v1/audit                                        .    .    .    .    .    .    .    -    -    -    -
GET    /v1/audit/verify                                 .    .    .    .    .    .    .    -    -    -    -
POST   /v1/walls/pairings                               2    2    2    2    2    2    2    2    2    2    2
POST   /v1/walls/beat                                   2    2    2    2    2    2    2    -    2    2    -
GET    /v1/walls                                        .    .    .    .    .    2000 .    -    -    -    -
POST   /v1/walls                                        .    .    .    .    .    2... .    -    -    -    -
POST   /v1/walls/:wall/rename                           .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/walls/:wall/revoke                           .    .    .    .    .    2444 .    -    -    -    -
GET    /v1/units                                        2000 2000 2000 2000 2000 2000 .    -    -    -    -
POST   /v1/units                                        .    .    .    .    .    2... .    -    -    -    -
POST   /v1/units/import                                 .    .    .    .    .    2... .    -    -    -    -
GET    /v1/units/:unit                                  2444 2444 2444 2444 2444 2444 .    -    -    -    -
PUT    /v1/units/:unit                                  .    .    .    .    .    2444 .    -    -    -    -
POST   /v1/units/:unit/retire                           .    .    .    .    .    2444 .    -    -    -    -
GET    /v1/units/:unit/duty                             2444 2444 2444 2444 2444 2444 .    -    -    -    -
PUT    /v1/units/:unit/duty                             .444 .444 .444 2444 .444 2444 .    -    -    -    -
GET    /v1/units/:unit/earlier-reports                  .    .    .    .    .    2444 .    -    -    -    -
PUT    /v1/units/:unit/earlier-reports                  .    .    .    .    .    2444 .    -    -    -    -
PUT    /v1/units/:unit/reporters                        .    .    .    .    .    2444 .    -    -    -    -
GET    /v1/units/:unit/last-period                      .444 .444 .444 2444 .444 2444 .    -    -    -    -
POST   /v1/units/:unit/reports                          .444 .444 .444 2444 .444 2444 .    -    -    -    -
GET    /v1/openapi.json                                 2    2    2    2    2    2    2    2    2    2    2
POST   /v1/auth/sign-out                                2    2    2    2    2    2    2    -    -    -    -
`

/**
 * What everybody is told by the socket, in the same columns: `2` told of what is of that region, `0` not told of it, `-`
 * not let on. `watermark` has no place. `access` is told to whose posts change; a test of its own sees to that.
 */
export const EVENTS: Record<keyof ServerEvents, string> = {
  //          lead anal onCa repo hand admi audi nobo hall scre key
  snapshot: ' 2000 2000 2000 0    2000 2000 0    -    2    2000 -',
  alert: '    2000 2000 2000 0    2000 2000 0    -    2    2000 -',
  watermark: '2    2    2    2    2    2    2    -    2    2    -',
  pulse: '    2000 2000 2000 0    2000 2000 0    -    2    2000 -',
  stale: '    2000 2000 2000 0    2000 2000 0    -    2    2000 -',
  access: '   0    0    0    0    0    0    0    -    0    0    -',
}

/**
 * What an administrator is answered by every route that has a place, whose posts are of another shape than a county by both
 * sides (`SHAPES`): by home only, by work only, in a sector, two of which one is over, in a township, at a station abroad.
 */
export const MATRIX_BY_SHAPE = `
                                                        home work sect post town stat
GET    /v1/sources/:source/signals/:kind/columns        2444 2444 2444 4424 4    4
PUT    /v1/sources/:source/signals/:kind/columns        2444 2444 2444 4424 4    4
POST   /v1/sources/:source/signals/:kind/preview        2444 2444 2444 4424 4    4
POST   /v1/sources/:source/signals/workers              2444 2444 2444 4424 4    4
POST   /v1/sources/:source/signals/arrears              2444 2444 2444 4424 4    4
POST   /v1/sources/:source/signals/industry             2444 2444 2444 4424 4    4
GET    /v1/sources/:source/batches                      2444 2444 2444 4424 4    4
GET    /v1/batches/:batch                               2444 2444 2444 4424 4    4
POST   /v1/batches/:batch/errors.json                   2444 2444 2444 4424 4    4
POST   /v1/batches/:batch/errors.csv                    2444 2444 2444 4424 4    4
POST   /v1/batches/:batch/errors.xlsx                   2444 2444 2444 4424 4    4
POST   /v1/batches/:batch/withdraw                      2444 2444 2444 4424 4    4
GET    /v1/quarantine                                   2000 2000 2000 0020 0    0
POST   /v1/quarantine/:batch/:row/read                  2444 2444 2444 4424 4    4
POST   /v1/quarantine/dismiss                           2000 2000 2000 0020 0    0
POST   /v1/quarantine/replay                            2000 2000 2000 0020 0    0
POST   /v1/quarantine/:batch/:row/correct               x444 x444 x444 44x4 4    4
GET    /v1/locks                                        2000 2000 2000 0020 0    0
PUT    /v1/locks                                        2... 2... 2... ..2. .    .
POST   /v1/locks/open                                   2... 2... 2... ..2. .    .
GET    /v1/sources/:source/mappings                     2444 2444 2444 4424 4    4
PUT    /v1/sources/:source/mappings                     2444 2444 2444 4424 4    4
GET    /v1/sources/:source/mappings/unmapped            2444 2444 2444 4424 4    4
GET    /v1/distribution                                 0    2000 0    0020 0    0
GET    /v1/series                                       0    2000 0    0020 0    0
GET    /v1/flows                                        2000 0    2000 0020 2000 2
GET    /v1/alerts                                       0    2000 0    0020 0    0
GET    /v1/alerts/log                                   0    2000 0    0020 0    0
GET    /v1/alerts/:id                                   4    2444 4    4424 4    4
GET    /v1/alerts/:id/evidence                          4    2444 4    4424 4    4
POST   /v1/alerts/:id/actions                           4    2444 4    4424 4    4
GET    /v1/sources                                      2000 2000 2000 0020 0    0
POST   /v1/sources                                      2... 2... 2... ..2. .    .
PATCH  /v1/sources/:source                              2444 2444 2444 4424 4    4
GET    /v1/sources/:source/keys                         2444 2444 2444 4424 4    4
POST   /v1/sources/:source/keys                         2444 2444 2444 4424 4    4
PATCH  /v1/sources/:source/keys/:keyId                  2444 2444 2444 4424 4    4
POST   /v1/sources/:source/keys/:keyId/rotate           2444 2444 2444 4424 4    4
POST   /v1/sources/:source/keys/:keyId/revoke           2444 2444 2444 4424 4    4
GET    /v1/roles/:role/holders                          2000 2000 2000 0020 0    0
GET    /v1/people/:person/posts                         2444 2444 2444 4424 4    4
POST   /v1/people/:person/posts                         2... 2... 2... ..2. .    .
PATCH  /v1/people/:person/posts/:post                   2444 2444 2444 4424 4    4
GET    /v1/people                                       2000 2000 2000 0020 0    0
POST   /v1/people                                       2... 2... 2... ..2. .    .
PATCH  /v1/people/:person                               2444 2444 2444 4424 4    4
POST   /v1/people/:person/password-link                 2444 2444 2444 4424 4    4
POST   /v1/people/:person/second-factor/reset           2444 2444 2444 4424 4    4
POST   /v1/people/:person/sessions/end                  2444 2444 2444 4424 4    4
POST   /v1/people/import                                2xxx 2xxx 2xxx xx2x x    x
GET    /v1/households                                   2000 0    2000 0020 2000 2
POST   /v1/households/read                              2444 4    2444 4424 2444 2
POST   /v1/identities/search                            2000 0    2000 0020 2000 2
POST   /v1/identities/read                              2444 4    2444 4424 2444 2
POST   /v1/identities/erase                             2444 4    2444 4424 4    2
GET    /v1/walls                                        2000 2000 2000 0020 0    0
POST   /v1/walls                                        .    .    .    ..4. .    .
POST   /v1/walls/:wall/rename                           2444 2444 2444 4424 4    4
POST   /v1/walls/:wall/revoke                           2444 2444 2444 4424 4    4
GET    /v1/units                                        2000 2000 2000 0020 0    0
POST   /v1/units                                        2... 2... 2... ..2. .    .
POST   /v1/units/import                                 2... 2... 2... ..2. .    .
GET    /v1/units/:unit                                  2444 2444 2444 4424 4    4
PUT    /v1/units/:unit                                  2444 2444 2444 4424 4    4
POST   /v1/units/:unit/retire                           2444 2444 2444 4424 4    4
GET    /v1/units/:unit/duty                             2444 2444 2444 4424 4    4
PUT    /v1/units/:unit/duty                             2444 2444 2444 4424 4    4
GET    /v1/units/:unit/earlier-reports                  2444 2444 2444 4424 4    4
PUT    /v1/units/:unit/earlier-reports                  2444 2444 2444 4424 4    4
PUT    /v1/units/:unit/reporters                        2444 2444 2444 44x4 4    4
GET    /v1/units/:unit/last-period                      2444 2444 2444 4424 4    4
POST   /v1/units/:unit/reports                          2444 2444 2444 4424 4    4
`

/** What they are told by the socket, in the same columns. */
export const EVENTS_BY_SHAPE: typeof EVENTS = {
  //          home work sect post town stat
  snapshot: ' 0    2000 0    0020 0    0',
  alert: '    0    2000 0    0020 0    0',
  watermark: '2    2    2    2    2    2',
  pulse: '    0    2000 0    0020 0    0',
  stale: '    2000 2000 2000 0020 0    0',
  access: '   0    0    0    0    0    0',
}
