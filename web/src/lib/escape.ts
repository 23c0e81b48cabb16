import type { Attachment } from 'svelte/attachments'
import { on } from 'svelte/events'

/**
 * For `{@attach}` on a form that stands in the place of something: Escape leaves it, as its button does, and nothing that is open
 * around it. While Chinese is being composed Escape belongs to that.
 */
export const escapes =
  (leave: (() => void) | undefined): Attachment<HTMLElement> =>
  (form) =>
    on(form, 'keydown', (event) => {
      if (leave === undefined || event.key !== 'Escape' || event.isComposing) return
      event.preventDefault()
      event.stopPropagation()
      leave()
    })
