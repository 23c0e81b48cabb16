/** Whether a key is meant for the field that somebody types in, and not for the page. */
export const isTyping = ({ target }: KeyboardEvent): boolean =>
  target instanceof Element && target.matches('input, select, textarea')
