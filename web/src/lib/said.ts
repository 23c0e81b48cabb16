/** Blanks say nothing, which the browser's own check does not know: with fewer characters than `least` a field shows what it lacks. */
export const said =
  (text: string, lack: string, least = 1) =>
  (input: HTMLInputElement): void =>
    input.setCustomValidity(text.trim().length >= least ? '' : lack)
