import { type TemplateResult, html } from 'lit'

/** A line that opens a small panel below it. Closes by Escape, and when something outside is chosen. */
export function pop(summary: unknown, panel: unknown, name: string): TemplateResult {
  return html`<details class="pop ${name}" @keydown=${onKeyDown} @toggle=${onToggle}>
    <summary>${summary}</summary>
    <div class="panel">${panel}</div>
  </details>`
}

function onKeyDown(event: KeyboardEvent): void {
  const details = event.currentTarget as HTMLDetailsElement
  if (event.key !== 'Escape' || !details.open) return
  details.open = false
  details.querySelector('summary')?.focus()
  event.stopPropagation()
}

function onToggle(event: Event): void {
  const details = event.currentTarget as HTMLDetailsElement
  if (!details.open) return
  const closing = new AbortController()
  const close = (outside: Event): void => {
    if (outside.target instanceof Node && details.contains(outside.target)) return
    details.open = false
    closing.abort()
  }
  addEventListener('pointerdown', close, { signal: closing.signal })
  addEventListener('focusin', close, { signal: closing.signal })
}
