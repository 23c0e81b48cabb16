/** What the server says of bodies and requests, as programs know them, to who uploaded a file. */
export const saidOfFile = (detail: string): string =>
  detail
    .replace(/\b(the|a)( \w+)? body\b/g, '$1$2 file')
    .replaceAll('in several requests', 'as several files')
