import { type TemplateResult, html } from 'lit'

const icon = (path: string): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`

/** Line icons, 24 units wide, drawn in the colour of the text. */
export const icons = {
  sound: icon('M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11'),
  muted: icon('M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5'),
  sun: icon(
    'M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4',
  ),
  moon: icon('M20 14.2A8 8 0 0 1 9.8 4a8 8 0 1 0 10.2 10.2z'),
  auto: icon('M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17zM12 3.5v17M12 8h6.5M12 12h8.5M12 16h6.5'),
  copy: icon('M9 9h11v11H9zM5 15H4V4h11v1'),
  share: icon('M12 15V4M8 7.5L12 3.5l4 4M5 12v8h14v-8'),
  check: icon('M5 12.5l4.5 4.5L19 7.5'),
  close: icon('M6 6l12 12M18 6L6 18'),
  first: icon('M6 5v14M19 5l-9 7 9 7z'),
  previous: icon('M16 5l-9 7 9 7z'),
  next: icon('M8 5l9 7-9 7z'),
  last: icon('M18 5v14M5 5l9 7-9 7z'),
  download: icon('M12 4v11M8 11.5l4 4 4-4M5 20h14'),
  eye: icon(
    'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 0 0 0-5.6',
  ),
  undo: icon('M8.5 5L4 9.5 8.5 14M4 9.5h10a5.5 5.5 0 0 1 0 11h-3'),
  flag: icon('M6 21V4M6 4.5h12l-2.5 4 2.5 4H6'),
  trash: icon('M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13'),
  link: icon(
    'M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L11.7 7.3M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.6-1.6',
  ),
  warn: icon('M12 4L2.8 20h18.4zM12 10v5M12 17.4v.4'),
}
