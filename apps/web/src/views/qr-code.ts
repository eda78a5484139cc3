import { LitElement, type TemplateResult, html, svg } from 'lit'

import { qrPath } from './qr-path.ts'

/** A text as a QR code, drawn as one SVG path. */
export class QrCode extends LitElement {
  static override properties = { text: { type: String }, label: { type: String } }

  declare text: string
  declare label: string

  constructor() {
    super()
    this.text = ''
    this.label = 'QR code'
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override render(): TemplateResult {
    const { path, size } = qrPath(this.text)
    return html`<svg
      viewBox="-2 -2 ${size + 4} ${size + 4}"
      role="img"
      aria-label=${this.label}
      shape-rendering="crispEdges"
    >
      ${svg`<rect class="qr-ground" x="-2" y="-2" width=${size + 4} height=${size + 4} rx="1.5" /><path class="qr-ink" d=${path} />`}
    </svg>`
  }
}

customElements.define('qr-code', QrCode)
