import { tick } from 'svelte'

/**
 * For `{@attach}` on what comes in the place of what the keyboard was at: a form's answer, a page's part that opens where
 * its link stood. Nothing is taken from who is elsewhere, nor from who has only just come to the page.
 */
export function takesLostFocus(element: HTMLElement): void {
  const at = document.activeElement
  const isLost = at === null || at === document.body || at.matches(':disabled') || !at.checkVisibility()
  if (isLost && navigator.userActivation.hasBeenActive) element.focus()
}

/** A button that is disabled while it works loses the focus by that: it has it again afterwards, unless it went elsewhere. */
export function keepFocusOfBusy(): void {
  let busy: Element | null = null
  const looks = new MutationObserver((changes) => {
    for (const { target } of changes) {
      // The browser takes the focus away only when it draws next.
      if (target === document.activeElement && target instanceof Element && target.matches(':disabled'))
        busy = target
      else if (target === busy && target instanceof HTMLElement && !target.matches(':disabled')) {
        busy = null
        if (document.activeElement === document.body) target.focus()
      }
    }
  })
  looks.observe(document, { subtree: true, attributes: true, attributeFilter: ['disabled'] })
}

/** Goes back to the button that opened a form (`data-opens`) in place of which that form stood, once it is there again. */
export async function focusOpener(within: HTMLElement | undefined, form: string | null): Promise<void> {
  await tick()
  within?.querySelector<HTMLElement>(`[data-opens="${form}"]`)?.focus()
}
