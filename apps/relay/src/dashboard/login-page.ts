/** What the page may do, which is to be looked at and to send its form here. */
export const loginPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** The page that asks for the token. It works without scripts, so that a password manager and every browser can use it. */
export function loginPage(message: string | undefined): string {
  const alert = message === undefined ? '' : `<p class="alert" role="alert" id="alert">${message}</p>`
  const described = message === undefined ? 'hint' : 'alert hint'
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex" />
    <title>Sign in · Tsugi relay</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/dashboard/login.css" />
  </head>
  <body>
    <main>
      <h1>Tsugi relay</h1>
      ${alert}
      <form method="post" action="/dashboard/login">
        <input type="text" name="username" autocomplete="username" value="tsugi-relay" hidden />
        <label for="token">Admin token</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required autofocus spellcheck="false" aria-describedby="${described}" />
        <button type="submit">Open the dashboard</button>
      </form>
      <p class="hint" id="hint">It is in the file <code>admin-token</code> of the relay’s data directory, unless it was set by <code>--admin-token</code>.</p>
    </main>
  </body>
</html>
`
}

/** The style of the page, in the colours of the game’s. */
export const loginStyle = `:root {
  color-scheme: light dark;
  --paper: light-dark(#f5f2ea, #17191c);
  --surface: light-dark(#fdfbf6, #1f2226);
  --ink: light-dark(#23252a, #ebe7de);
  --ink-2: light-dark(#5d5b55, #aaa69c);
  --edge: light-dark(#ddd6c6, #363b41);
  --edge-strong: light-dark(#8d8676, #767d85);
  --accent: light-dark(#2b6452, #86c7ae);
  --on-accent: light-dark(#ffffff, #10201a);
  --bad-soft: light-dark(#f8e4df, #3c2423);
}
* { box-sizing: border-box; }
body {
  display: grid;
  place-items: center;
  min-height: 100dvh;
  margin: 0;
  padding: 1rem;
  background: var(--paper);
  color: var(--ink);
  font: 400 1rem/1.5 -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Noto Sans', system-ui, sans-serif;
}
main {
  width: min(24rem, 100%);
  padding: 1.5rem;
  border: 1px solid var(--edge);
  border-radius: 1rem;
  background: var(--surface);
}
h1 { margin: 0 0 1rem; font: 600 1.375rem/1.25 'Iowan Old Style', Palatino, 'Noto Serif', Georgia, serif; }
form { display: grid; gap: 0.5rem; }
label { font-weight: 500; }
input, button { min-height: 2.75rem; border-radius: 0.625rem; font: inherit; }
input { width: 100%; padding: 0 0.75rem; border: 1px solid var(--edge-strong); background: var(--paper); color: var(--ink); }
button { margin-top: 0.25rem; border: 0; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.alert { margin: 0 0 1rem; padding: 0.625rem 0.75rem; border-radius: 0.625rem; background: var(--bad-soft); color: var(--ink); }
.hint { margin: 1rem 0 0; color: var(--ink-2); font-size: 0.875rem; }
code { overflow-wrap: anywhere; }
`
