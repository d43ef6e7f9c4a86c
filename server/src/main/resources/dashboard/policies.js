/* The organization's own policies, for admins. */

import { html, useEffect, useState } from './vendor/htm-preact.js';
import { call, get } from './api.js';
import { Dialog, Empty, Failed, Loading, ActionForm, PageTitle, useLoaded } from './parts.js';
import { PolicyDialog, settingRows } from './policy-form.js';
import { isolated } from './words.js';

export function Policies({ say, wanted }) {
  const [loaded, error, again] = useLoaded(() => get('/api/v1/policies'), []);
  const [edited, setEdited] = useState(null);
  const [removed, setRemoved] = useState(null);

  useEffect(() => {
    const policy = wanted && loaded?.policies.find(each => each.pattern === wanted);
    policy && setEdited({ policy });
  }, [wanted, loaded !== null]);

  const close = () => {
    setEdited(null);
    setRemoved(null);
  };
  const done = text => {
    close();
    again();
    say(text);
  };

  return html`
    <div class="page-head">
      <${PageTitle} title="Policies" />
      <button type="button" class="primary" onClick=${() => setEdited({ policy: null })}>New policy …</button>
    </div>
    <p class="lead">A circuit follows the most specific pattern that covers its name, and the built-in policy <code>default</code> if none does.</p>
    ${error && html`<${Failed} error=${error} onRetry=${again} />`}
    ${!loaded && !error && html`<${Loading} what="Loading policies" />`}
    ${loaded?.policies.length === 0 && html`<${Empty} title="No policies of your own">
      <p>All circuits follow the built-in policy <code>default</code>: 5 failures in a row or half of at least 10 calls open, for a minute.</p>
    <//>`}
    <ul class="cards">
      ${loaded?.policies.map(policy => html`<li key=${policy.pattern} class="card policy">
        <h2 class="agent-name">${policy.pattern}</h2>
        ${policy.not_probed && html`<p class="note bad">This server does not carry out the probe, so circuits are tried with real calls. ${policy.not_probed}</p>`}
        <dl>${settingRows(policy.settings).map(([label, value]) => html`<div key=${label}><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
        <div class="buttons start">
          <button type="button" onClick=${() => setEdited({ policy })} aria-label=${`Change ${isolated(policy.pattern)}`}>Change …</button>
          <button type="button" class="plain" onClick=${() => setRemoved(policy)} aria-label=${`Remove ${isolated(policy.pattern)}`}>Remove …</button>
        </div>
      </li>`)}
    </ul>
    ${edited && html`<${PolicyDialog} policy=${edited.policy} onClose=${close} onDone=${policy => done(`${isolated(policy.pattern)} is in force.`)} />`}
    ${removed && html`<${Dialog} title="Remove this policy?" onClose=${close}>
      <${ActionForm} confirm="Remove" tone="grave" onClose=${close} onSubmit=${async () => {
        await call('DELETE', `/api/v1/policies/${encodeURIComponent(removed.pattern)}`);
        done(`${isolated(removed.pattern)} was removed.`);
      }}>
        <p class="note">The circuits that follow <span class="agent-name">${removed.pattern}</span> follow the next pattern that covers their name, or the built-in policy, from now on. None loses its state.</p>
      <//>
    <//>`}`;
}
