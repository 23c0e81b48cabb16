/** Brings what opens above the part of a page that is looked at into sight. */
export function inSight(element: HTMLElement): void {
  if (element.getBoundingClientRect().top < 0) element.scrollIntoView()
}
