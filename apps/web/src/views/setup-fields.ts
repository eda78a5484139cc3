import { type TemplateResult, html, nothing } from 'lit'

import { type ClockChoice, clockKinds, clockPresets, normalClock } from '../game/clock-choice.ts'
import { type SetupForm, handicapsOf, rulesetNames } from '../game/setup-form.ts'

type Change = (change: Partial<SetupForm>) => void

/** A group of mutually exclusive choices, drawn as one bar. */
function choices<T extends string | number>(
  name: string,
  legend: string,
  options: readonly { readonly value: T; readonly text: string }[],
  chosen: T,
  choose: (value: T) => void,
): TemplateResult {
  return html`<fieldset class="choices">
    <legend>${legend}</legend>
    <div class="bar">
      ${options.map(
        ({ value, text }) =>
          html`<label
            ><input type="radio" name=${name} .checked=${value === chosen} @change=${() => choose(value)} /><span
              >${text}</span
            ></label
          >`,
      )}
    </div>
  </fieldset>`
}

function numberField(
  label: string,
  value: number,
  range: { readonly min: number; readonly max: number; readonly step?: number },
  change: (value: number) => void,
): TemplateResult {
  return html`<label class="field">
    <span>${label}</span>
    <input
      type="number"
      inputmode=${range.step === undefined ? 'numeric' : 'decimal'}
      min=${range.min}
      max=${range.max}
      step=${range.step ?? 1}
      required
      .value=${String(value)}
      @change=${(event: Event) => {
        const input = event.currentTarget as HTMLInputElement
        const number = input.valueAsNumber
        if (input.validity.valid) change(number)
        else input.value = String(value)
      }}
    />
  </label>`
}

/** Size of the board: the three that people play, and any other. */
export function sizeFields(form: SetupForm, change: Change, other: boolean, askOther: () => void): TemplateResult {
  const usual = [9, 13, 19]
  const isOther = other || !usual.includes(form.size)
  return html`${choices(
    'size',
    'Board',
    [...usual.map(size => ({ value: size, text: `${size} × ${size}` })), { value: 0, text: 'Other' }],
    isOther ? 0 : form.size,
    size => (size === 0 ? askOther() : change({ size })),
  )}
  ${isOther ? numberField('Lines, 5 to 19', form.size, { min: 5, max: 19 }, size => change({ size })) : nothing}`
}

/** Who plays Black. */
export function colorFields(form: SetupForm, change: Change): TemplateResult {
  return choices(
    'color',
    'Your colour',
    [
      { value: 'random', text: 'Random' },
      { value: 'black', text: 'Black' },
      { value: 'white', text: 'White' },
    ] as const,
    form.color,
    color => change({ color }),
  )
}

/** Kind of clock, a preset, and its numbers. */
export function clockFields(form: SetupForm, change: Change): TemplateResult {
  const { clock } = form
  const set = (part: Partial<ClockChoice>): void => change({ clock: { ...clock, ...part } })
  const kind = clockKinds.find(known => known.kind === clock.kind)
  return html`<div class="clock-fields">
    <label class="field">
      <span>Clock</span>
      <select
        @change=${(event: Event) => {
          const chosen = clockKinds[(event.currentTarget as HTMLSelectElement).selectedIndex]
          if (chosen) change({ clock: normalClock(chosen.kind) })
        }}
      >
        ${clockKinds.map(({ kind, name }) => html`<option .selected=${kind === clock.kind}>${name}</option>`)}
      </select>
    </label>
    <p class="hint">${kind?.says}</p>
    ${clock.kind === 'none' ? nothing : clockNumbers(clock, set)}
  </div>`
}

function clockNumbers(clock: ClockChoice, set: (part: Partial<ClockChoice>) => void): TemplateResult {
  const same = (other: ClockChoice): boolean => JSON.stringify(other) === JSON.stringify(clock)
  return html`<div class="presets" role="group" aria-label="Pace">
      ${clockPresets(clock.kind).map(
        ({ name, choice }) =>
          html`<button type="button" class="chip" aria-pressed=${same(choice)} @click=${() => set(choice)}>
            ${name}
          </button>`,
      )}
    </div>
    <div class="numbers">
      ${numberField(
        'Main time, minutes',
        clock.mainMinutes,
        { min: clock.kind === 'absolute' ? 1 : 0, max: 600 },
        mainMinutes => set({ mainMinutes }),
      )}
      ${
        clock.kind === 'fischer'
          ? numberField('Added each move, seconds', clock.incrementSeconds, { min: 1, max: 600 }, incrementSeconds =>
              set({ incrementSeconds }),
            )
          : nothing
      }
      ${
        clock.kind === 'byo-yomi'
          ? numberField('Periods', clock.periods, { min: 1, max: 50 }, periods => set({ periods }))
          : nothing
      }
      ${
        clock.kind === 'canadian'
          ? numberField('Moves in a period', clock.moves, { min: 1, max: 100 }, moves => set({ moves }))
          : nothing
      }
      ${
        clock.kind === 'byo-yomi' || clock.kind === 'canadian'
          ? numberField('Period, seconds', clock.periodSeconds, { min: 1, max: 3_600 }, periodSeconds =>
              set({ periodSeconds }),
            )
          : nothing
      }
    </div>`
}

/** Rules, handicap and komi, folded away behind a line that says what is chosen. */
export function ruleFields(form: SetupForm, change: Change): TemplateResult {
  const ruleset = rulesetNames.find(known => known.ruleset === form.ruleset)
  const handicap = form.handicap === 0 ? 'no handicap' : `${form.handicap} handicap stones`
  return html`<details class="fold">
    <summary><span>Rules</span> <em>${ruleset?.name}, ${handicap}, komi ${form.komi}</em></summary>
    <div class="numbers">
      <label class="field">
        <span>Rule set</span>
        <select
          @change=${(event: Event) => {
            const chosen = rulesetNames[(event.currentTarget as HTMLSelectElement).selectedIndex]
            if (chosen) change({ ruleset: chosen.ruleset })
          }}
        >
          ${rulesetNames.map(({ ruleset, name }) => html`<option .selected=${ruleset === form.ruleset}>${name}</option>`)}
        </select>
      </label>
      <label class="field">
        <span>Handicap</span>
        <select
          @change=${(event: Event) => change({ handicap: Number((event.currentTarget as HTMLSelectElement).value) })}
        >
          ${handicapsOf(form.size).map(
            stones =>
              html`<option value=${stones} .selected=${stones === form.handicap}>
                ${stones === 0 ? 'None' : `${stones} stones`}
              </option>`,
          )}
        </select>
      </label>
      ${numberField('Komi', form.komi, { min: -150, max: 150, step: 0.5 }, komi => change({ komi }))}
    </div>
  </details>`
}
