import { LitElement, type PropertyValues, type TemplateResult, html } from 'lit'
import UPlot from 'uplot'

import { clockText } from '../format/units.ts'
import type { Timeline } from './timeline.ts'

/** One line of a chart. */
export interface ChartLine {
  /** The name of its figure in the timeline. */
  readonly name: string
  readonly label: string
  /** The custom property with its colour, such as `--line-1`. */
  readonly color: string
}

const height = 132
const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000]
/** Charts show one moment together. */
const syncKey = 'relay'

/** A chart over time. What it shows stands in its label too, because a canvas says nothing to a screen reader. */
export class FigureChart extends LitElement {
  static override properties = {
    timeline: { attribute: false },
    lines: { attribute: false },
    text: { attribute: false },
    floor: { attribute: false },
    isWhole: { attribute: false },
    label: {},
  }

  declare timeline: Timeline
  declare lines: readonly ChartLine[]
  /** Writes a value of the vertical axis. */
  declare text: (value: number) => string
  /** The vertical axis reaches at least so far, so that noise near zero looks like what it is. */
  declare floor: number
  /** Whether its values are counts, of which there are no halves. */
  declare isWhole: boolean
  declare label: string

  #plot: UPlot | undefined
  #shape = ''
  readonly #onResize = new ResizeObserver(() => this.#plot?.setSize({ width: this.clientWidth, height }))
  readonly #scheme = matchMedia('(prefers-color-scheme: dark)')
  readonly #onScheme = (): void => this.#draw(true)

  constructor() {
    super()
    this.timeline = { times: [], values: {}, fromSeconds: 0, toSeconds: 1 }
    this.lines = []
    this.text = String
    this.floor = 1
    this.isWhole = false
    this.label = ''
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#onResize.observe(this)
    this.#scheme.addEventListener('change', this.#onScheme)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#onResize.disconnect()
    this.#scheme.removeEventListener('change', this.#onScheme)
    this.#plot?.destroy()
    this.#plot = undefined
  }

  protected override render(): TemplateResult {
    return html`<div class="plot" role="img" aria-label=${this.label}></div>`
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('timeline') || this.#shapeNow !== this.#shape) this.#draw(false)
  }

  /** What a drawn chart cannot change. */
  get #shapeNow(): string {
    return this.lines.map(line => line.name + line.color).join()
  }

  #draw(isNew: boolean): void {
    const { times, values, fromSeconds, toSeconds } = this.timeline
    const data = [[...times], ...this.lines.map(line => [...(values[line.name] ?? times.map(() => null))])]
    const shape = this.#shapeNow
    if (isNew || this.#plot === undefined || shape !== this.#shape) {
      this.#shape = shape
      this.#plot?.destroy()
      const place = this.querySelector<HTMLElement>('.plot')
      if (place === null || this.clientWidth === 0) {
        this.#plot = undefined
        return
      }
      this.#plot = new UPlot(this.#options(), data as UPlot.AlignedData, place)
    } else {
      this.#plot.setData(data as UPlot.AlignedData, false)
    }
    this.#plot.setScale('x', { min: fromSeconds, max: toSeconds })
  }

  #options(): UPlot.Options {
    const style = getComputedStyle(this)
    const color = (name: string): string => style.getPropertyValue(name).trim()
    const axis: UPlot.Axis = {
      stroke: color('--chart-text'),
      font: `12px ${style.fontFamily}`,
      grid: { stroke: color('--chart-grid'), width: 1 },
      ticks: { show: false },
    }
    return {
      width: this.clientWidth,
      height,
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { y: false, sync: { key: syncKey, setSeries: false }, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { time: true },
        y: { range: (_plot, _min, max) => [0, Math.max(this.floor, (max ?? 0) * 1.15)] },
      },
      axes: [
        { ...axis, space: 64, size: 26, values: (_plot, splits) => splits.map(each => clockText(each * 1_000)) },
        {
          ...axis,
          space: 32,
          size: 62,
          values: (_plot, splits) => splits.map(each => this.text(each)),
          ...(this.isWhole && { incrs: wholeSteps }),
        },
      ],
      series: [
        {},
        ...this.lines.map((line, index): UPlot.Series => ({
          label: line.label,
          stroke: color(line.color),
          width: 1.75,
          points: { show: false },
          ...(index === 0 && { fill: color(`${line.color}-fill`) }),
        })),
      ],
      hooks: {
        setCursor: [
          plot => {
            const { idx } = plot.cursor
            this.dispatchEvent(new CustomEvent('chart-cursor', { detail: idx ?? null, bubbles: true }))
          },
        ],
      },
    }
  }
}

customElements.define('figure-chart', FigureChart)
