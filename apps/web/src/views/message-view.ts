import { type TemplateResult, html } from 'lit'

/** A page that only says something, with a way on. */
export function messageView(title: string, text: string): TemplateResult {
  return html`<section class="message card" role="alert">
    <h1>${title}</h1>
    <p>${text}</p>
    <a class="button" href="#/">To the first page</a>
  </section>`
}
