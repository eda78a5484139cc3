/** What browsers tell of a page and of what it is connected by; some of them, some of it. */
interface Surroundings {
  readonly document?: { readonly visibilityState?: string }
  readonly navigator?: { readonly connection?: { readonly saveData?: boolean; readonly type?: string } }
}

/**
 * Whether quiet is worth more than to know within seconds: nobody looks at the page, or its traffic is paid for and wakes a radio (Network Information API).
 * Never so in Node.
 */
export function isSparing({ document, navigator }: Surroundings = globalThis as Surroundings): boolean {
  const line = navigator?.connection
  return document?.visibilityState === 'hidden' || line?.saveData === true || line?.type === 'cellular'
}
