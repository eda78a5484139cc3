// Loaded before a process under test (`node --import`): SIGUSR2 sets its wall clock back by an hour, and the next one forward again. What is measured by
// `performance.now()` and timers goes on, as when an administrator, or a bad time server, sets the clock.
const TrueDate = Date
const hourMs = 3_600_000
let offsetMs = 0

globalThis.Date = class Date extends TrueDate {
  constructor(...args) {
    if (args.length === 0) super(TrueDate.now() + offsetMs)
    else super(...args)
  }

  static now() {
    return TrueDate.now() + offsetMs
  }
}

process.on('SIGUSR2', () => {
  offsetMs = offsetMs === 0 ? -hourMs : 0
})
