/**
 * Whether the person here has chosen to leave, until the log-in has opened. The page they leave hears that its log-in is
 * over like any other, and may be led away before their own way out gets there: neither is then to lead back.
 */
export const leaving = { isUnderWay: false }
