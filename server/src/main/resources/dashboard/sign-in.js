/* Where one signs in: by an issuer, or with a key. */

import { html, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { address, call, keepKey } from './api.js';

/** Why the server sent somebody back without a session: the address says which. */
const REASONS = {
  refused: 'You did not sign in there, or were not allowed to.',
  over: 'That took longer than ten minutes, or was begun in another browser. Sign in again.',
  'no-role': 'You are in no group that may use Interlock. Ask an admin which one it is.',
  failed: 'That did not work: the issuer cannot be reached, or its answer does not fit. The server’s log says more.',
};

/** Reads the reason from the address, and takes it away there. */
function reasonOfAddress() {
  const [, reason] = /^#\/sign-in\/([a-z-]+)$/.exec(location.hash) ?? [];
  if (reason) {
    history.replaceState(null, '', '#/');
  }
  return REASONS[reason] ?? null;
}

export function SignIn({ notice, signIns, onEnter }) {
  const [refusal, setRefusal] = useState(() => reasonOfAddress() ?? notice);
  const [busy, setBusy] = useState(false);
  const field = useRef();
  useEffect(() => {
    document.title = 'Sign in · Interlock';
    if (!signIns.length) {
      field.current.focus();
    }
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
      ${signIns.map(({ id, name }) => html`<a key=${id} class="button primary"
        href=${address(`/sign-in/${id}?place=${encodeURIComponent(location.hash || '#/')}`)}>Sign in with ${name}</a>`)}
      ${signIns.length > 0 && html`<p class="or">or with a key</p>`}
      <label for="key">API key</label>
      <input id="key" name="key" type="password" ref=${field} autocomplete="off" autocapitalize="none" spellcheck=${false}
        aria-invalid=${refusal ? 'true' : null} aria-describedby=${refusal ? 'refusal hint' : 'hint'} />
      ${refusal && html`<p id="refusal" class="note bad" role="alert">${refusal}</p>`}
      <button type="submit" class=${signIns.length ? '' : 'primary'} disabled=${busy}>${busy ? 'One moment …' : 'Sign in'}</button>
      <p id="hint" class="hint">The key stays in the open tabs of this browser and is forgotten when they close. A fresh installation’s first key lies
        in the file <code>admin-key</code> of the server’s data folder: <a href="docs/security.html#the-first-admin-key">how to get a key</a>.
        The <a href="docs/">documents</a> can be read without one.</p>
    </form>
  </main>`;
}
