import { tick } from 'svelte'

/** Goes back to the button that opened a form (`data-opens`) in place of which that form stood, once it is there again. */
export async function focusOpener(within: HTMLElement | undefined, form: string | null): Promise<void> {
  await tick()
  within?.querySelector<HTMLElement>(`[data-opens="${form}"]`)?.focus()
}
