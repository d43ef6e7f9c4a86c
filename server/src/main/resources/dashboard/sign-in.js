/* Where one enters a key. */

import { html, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { call, keepKey } from './api.js';

export function SignIn({ notice, onEnter }) {
  const [refusal, setRefusal] = useState(notice);
  const [busy, setBusy] = useState(false);
  const field = useRef();
  useEffect(() => {
    document.title = 'Sign in · Interlock';
    field.current.focus();
  }, []);

  const submit = async event => {
    event.preventDefault();
    const key = field.current.value.trim();
    if (!/^[\x21-\x7e]+$/.test(key)) {
      setRefusal(key ? 'A key has no spaces, and only letters, digits and signs of ASCII.' : 'Enter a key first.');
      field.current.focus();
      return;
    }
    setBusy(true);
    setRefusal(null);
    try {
      const { json } = await call('GET', '/api/v1/me', undefined, key);
      keepKey(key);
      onEnter(json);
    } catch (error) {
      setRefusal(
        error.status === 403 ? 'This key is an agent’s. The dashboard needs a viewer’s, an operator’s or an admin’s.' : error.message);
      setBusy(false);
      field.current.focus();
    }
  };

  return html`<main class="sign-in">
    <form onSubmit=${submit} class="card">
      <img src="dashboard/icon.svg" alt="" width="40" height="40" />
      <h1>Sign in to Interlock</h1>
      <label for="key">API key</label>
      <input id="key" name="key" type="password" ref=${field} autocomplete="off" autocapitalize="none" spellcheck=${false}
        aria-invalid=${refusal ? 'true' : null} aria-describedby=${refusal ? 'refusal hint' : 'hint'} />
      ${refusal && html`<p id="refusal" class="note bad" role="alert">${refusal}</p>`}
      <button type="submit" class="primary" disabled=${busy}>${busy ? 'One moment …' : 'Sign in'}</button>
      <p id="hint" class="hint">The key stays in this tab and is forgotten when it closes. A fresh installation’s first key lies
        in the file <code>admin-key</code> of the server’s data folder.</p>
    </form>
  </main>`;
}
