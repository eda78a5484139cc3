import { type TemplateResult, html, nothing } from 'lit'
import { repeat } from 'lit/directives/repeat.js'

import type { PageOf } from '../api/answers.ts'
import { countText } from '../format/units.ts'

/** A column of a list. On a phone each row becomes a card, and the heading stands before its value. */
interface Column<T> {
  readonly heading: string
  readonly isNumber?: boolean
  readonly cell: (row: T) => TemplateResult | string
}

/** A list of the relay: its rows, and what can be done with each. */
export interface ListOptions<T> {
  readonly id: string
  readonly title: string
  readonly page: PageOf<T> | null
  readonly columns: ReadonlyArray<Column<T>>
  readonly keyOf: (row: T) => string | number
  readonly actions: (row: T) => TemplateResult
  /** What stands there when there is nothing. */
  readonly empty: string
  /** The text that the list is filtered by; absent when it cannot be. */
  readonly filter?: { readonly text: string; readonly label: string; readonly onInput: (text: string) => void }
  readonly onOffset: (offset: number) => void
  /** Beside the title. */
  readonly extra?: TemplateResult
}

/** One page of a list. The roles are said because a table whose parts are laid out as blocks is none to a screen reader. */
export function listView<T>(options: ListOptions<T>): TemplateResult {
  const { id, title, page, filter } = options
  return html`<section class="card list" aria-labelledby="list-${id}" data-testid="list-${id}">
    <header>
      <h2 id="list-${id}">
        ${title} ${page === null ? nothing : html`<span class="count">${countText(page.total)}</span>`}
      </h2>
      ${options.extra ?? nothing}
      ${
        filter === undefined
          ? nothing
          : html`<input
              type="search"
              aria-label=${filter.label}
              placeholder=${filter.label}
              .value=${filter.text}
              @input=${(event: InputEvent) => filter.onInput((event.currentTarget as HTMLInputElement).value)}
            />`
      }
    </header>
    ${page === null ? html`<p class="empty">Loading…</p>` : page.items.length === 0 ? emptyView(options) : tableView(options, page)}
  </section>`
}

function emptyView<T>({ empty, filter }: ListOptions<T>): TemplateResult {
  const isFiltered = filter !== undefined && filter.text !== ''
  return html`<p class="empty">${isFiltered ? `Nothing matches “${filter.text}”.` : empty}</p>`
}

function tableView<T>(options: ListOptions<T>, page: PageOf<T>): TemplateResult {
  const { columns, title } = options
  return html`<table role="table" aria-label=${title}>
      <thead role="rowgroup">
        <tr role="row">
          ${columns.map(
            each =>
              html`<th role="columnheader" scope="col" class=${each.isNumber === true ? 'number' : ''}>
                ${each.heading}
              </th>`,
          )}
          <th role="columnheader" scope="col"><span class="visually-hidden">Actions</span></th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${repeat(
          page.items,
          options.keyOf,
          row =>
            html`<tr role="row">
              ${columns.map(
                each =>
                  html`<td role="cell" data-heading=${each.heading} class=${each.isNumber === true ? 'number' : ''}>
                    ${each.cell(row)}
                  </td>`,
              )}
              <td role="cell" class="actions">${options.actions(row)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${page.total <= page.limit ? nothing : pagerView(options, page)}`
}

function pagerView<T>({ title, onOffset }: ListOptions<T>, { total, limit, offset, items }: PageOf<T>): TemplateResult {
  return html`<nav class="pager" aria-label="Pages of ${title}">
    <button ?disabled=${offset === 0} @click=${() => onOffset(Math.max(0, offset - limit))}>Newer</button>
    <span>${countText(offset + 1)}–${countText(offset + items.length)} of ${countText(total)}</span>
    <button ?disabled=${offset + items.length >= total} @click=${() => onOffset(offset + limit)}>Older</button>
  </nav>`
}
