import type { DevUser } from '../users.ts';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string) => text.replace(/[&<>"']/g, (c) => ENTITIES[c]!);

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#eef2f5, #14191d); }
  main { width: min(24rem, 92vw); padding: 2rem; border-radius: 12px; background: light-dark(#fff, #1f262c);
         box-shadow: 0 4px 24px rgb(0 0 0 / .12); }
  h1 { margin: 0 0 .25rem; font-size: 1.25rem; }
  .note { margin: 0 0 1.5rem; padding: .5rem .75rem; border-radius: 8px; font-size: .875rem;
          background: light-dark(#fff4d6, #40361a); }
  fieldset { border: 0; margin: 0 0 1rem; padding: 0; display: grid; gap: .5rem; }
  legend { padding: 0 0 .25rem; font-weight: 600; }
  .user { display: flex; gap: .75rem; align-items: baseline; padding: .5rem .75rem; border-radius: 8px; cursor: pointer;
          border: 1px solid light-dark(#ccd5dc, #3b464f); }
  .user:has(:checked) { border-color: light-dark(#0b6e99, #5cb8e4); outline: 1px solid light-dark(#0b6e99, #5cb8e4); }
  .user small { opacity: .7; }
  label.password { display: grid; gap: .25rem; font-weight: 600; }
  input[type=password] { font: inherit; padding: .5rem .75rem; border-radius: 8px; border: 1px solid light-dark(#8d99a3, #61707c); }
  button { margin-top: 1.25rem; width: 100%; padding: .625rem; border: 0; border-radius: 8px; font: inherit; font-weight: 600;
           color: #fff; background: #0b6e99; cursor: pointer; }
  .error { color: light-dark(#a3161f, #ff8f8f); font-weight: 600; }
  .hint { margin: 1rem 0 0; font-size: .8125rem; opacity: .75; }`;

/** The sign-in page: which of the synthetic users, and the password. */
export function loginPage(action: string, users: readonly DevUser[], error: string | undefined): string {
  const choices = users.map(
    (
      user,
      i,
    ) => `<label class="user"><input type="radio" name="username" value="${escaped(user.username)}"${i === 0 ? ' checked' : ''}>
        <span>${escaped(user.display)} <small>${escaped(user.username)}</small></span></label>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Wardlight development server</title>
<style>${STYLE}</style>
</head>
<body>
<main>
  <h1>Wardlight development server</h1>
  <p class="note">Synthetic data only. No patient, clinician or hospital here is real.</p>
  ${error ? `<p class="error" role="alert">${escaped(error)}</p>` : ''}
  <form method="post" action="${escaped(action)}">
    <fieldset><legend>Sign in as</legend>
      ${choices.join('\n      ')}
    </fieldset>
    <label class="password">Password <input type="password" name="password" autocomplete="current-password" required autofocus></label>
    <button type="submit">Sign in</button>
  </form>
  <p class="hint">The password is the user name followed by “-synthetic”.</p>
</main>
</body>
</html>`;
}
