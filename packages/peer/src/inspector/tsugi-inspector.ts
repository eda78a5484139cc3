import type { Peer } from '../peer.ts'
import { type InspectorTable, inspectPeer } from './inspect-peer.ts'

const everyMs = 1_000

const style = `
:host { display: block; font: 12px/1.5 ui-monospace, monospace; color: CanvasText; background: Canvas; overflow: auto; }
section { padding: 0 8px 8px; }
h2 { font: inherit; font-weight: bold; margin: 8px 0 2px; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 0 12px 0 0; font-weight: normal; white-space: nowrap; }
th { opacity: 0.7; }
`

/**
 * `<tsugi-inspector>`: shows a peer's relays, links with their state and round trip, topics with their queues, address book, sizes and
 * tasks, once a second while it is on the page and the page is seen. Set its {@link peer}.
 */
export class TsugiInspector extends HTMLElement {
  #peer: Peer | null = null
  #timer: ReturnType<typeof setInterval> | undefined

  get peer(): Peer | null {
    return this.#peer
  }

  /** Whom to show. */
  set peer(peer: Peer | null) {
    this.#peer = peer
    this.#show()
  }

  connectedCallback(): void {
    this.setAttribute('role', 'region')
    this.setAttribute('aria-label', 'Network inspector')
    this.#timer = setInterval(() => this.#show(), everyMs)
    this.#show()
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer)
  }

  #show(): void {
    if (!this.isConnected || this.#peer === null || this.ownerDocument.visibilityState === 'hidden') return
    const root = this.shadowRoot ?? this.#open()
    const sections = inspectPeer(this.#peer, Date.now()).map(table =>
      this.#element('section', '', [this.#element('h2', table.title), this.#table(table)]),
    )
    root.replaceChildren(...sections)
  }

  /** Its styles go in by script: a page that forbids styles within it, as ours does, would show none of them. */
  #open(): ShadowRoot {
    const root = this.attachShadow({ mode: 'open' })
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(style)
    root.adoptedStyleSheets = [sheet]
    return root
  }

  #table({ columns, rows }: InspectorTable): HTMLElement {
    const row = (cells: readonly string[], kind: 'th' | 'td'): HTMLElement =>
      this.#element(
        'tr',
        '',
        cells.map(cell => this.#element(kind, cell)),
      )
    return this.#element('table', '', [row(columns, 'th'), ...rows.map(cells => row(cells, 'td'))])
  }

  /** Everything goes in as text: addresses and names come from others. */
  #element(name: string, text: string, children: readonly Node[] = []): HTMLElement {
    const made = this.ownerDocument.createElement(name)
    made.textContent = text
    made.append(...children)
    return made
  }
}

/** Makes the element known to the browser. Safe to repeat. */
export function defineInspector(name = 'tsugi-inspector'): void {
  if (customElements.get(name) === undefined) customElements.define(name, TsugiInspector)
}
