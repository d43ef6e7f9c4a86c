/* What circuits follow, with every setting in effect; admins change it. */

import { html, useEffect, useState } from './vendor/htm-preact.js';
import { call, get } from './api.js';
import { Dialog, Empty, Failed, Loading, ActionForm, PageTitle, useLoaded } from './parts.js';
import { PolicyDialog, SettingList } from './policy-form.js';
import { isolated, plural } from './words.js';

export function Policies({ me, store, say, wanted }) {
  const admin = me.role === 'admin';
  const [loaded, error, again, at] = useLoaded(() => get('/api/v1/policies'), []);
  const [edited, setEdited] = useState(null);
  const [removed, setRemoved] = useState(null);

  useEffect(() => {
    const policy = wanted && loaded?.policies.find(each => each.pattern === wanted);
    policy && admin && setEdited({ policy });
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
      <${PageTitle} title="Policies" page="circuit-breaker.html#which-policy-and-why" />
      ${admin && html`<button type="button" class="primary" onClick=${() => setEdited({ policy: null })}>New policy …</button>`}
    </div>
    <p class="lead">A circuit follows the most specific pattern that covers its name, and the built-in policy <code>default</code> if none does.</p>
    ${error && html`<${Failed} error=${error} onRetry=${again} at=${at} />`}
    ${!loaded && !error && html`<${Loading} what="Loading policies" />`}
    ${loaded?.policies.length === 0 && html`<${Empty} title="No policies of your own">
      <p>All circuits follow the built-in policy <code>default</code>: 5 failures in a row or half of at least 10 calls open, for a minute.</p>
    <//>`}
    <ul class="cards">
      ${loaded?.policies.map(policy => html`<li key=${policy.pattern} class="card policy">
        <h2 class="agent-name">${policy.pattern}</h2>
        <p class="quiet">${covers(policy.circuits)}</p>
        ${policy.not_probed && html`<p class="note bad">This server does not carry out the probe, so circuits are tried with real calls. ${policy.not_probed}</p>`}
        <${SettingList} settings=${policy.settings} />
        ${admin && html`<div class="buttons start">
          <button type="button" onClick=${() => setEdited({ policy })} aria-label=${`Change ${isolated(policy.pattern)}`}>Change …</button>
          <button type="button" class="plain" onClick=${() => setRemoved(policy)} aria-label=${`Remove ${isolated(policy.pattern)}`}>Remove …</button>
        </div>`}
      </li>`)}
      ${loaded && html`<li class="card policy built-in">
        <h2 class="agent-name">default</h2>
        <p class="quiet">Built in. ${covers(loaded.default.circuits)}</p>
        <${SettingList} settings=${loaded.default.settings} />
      </li>`}
    </ul>
    ${edited && html`<${PolicyDialog} policy=${edited.policy} builtIn=${loaded?.built_in ?? {}} covered=${pattern => covered(pattern, store)} onClose=${close} onDone=${policy => done(`${isolated(policy.pattern)} is in effect.`)} />`}
    ${removed && html`<${Dialog} title="Remove this policy?" onClose=${close}>
      <${ActionForm} confirm="Remove" tone="grave" onClose=${close} onSubmit=${async () => {
        await call('DELETE', `/api/v1/policies/${encodeURIComponent(removed.pattern)}`);
        done(`${isolated(removed.pattern)} was removed.`);
      }}>
        <p class="note">The circuits that follow <span class="agent-name">${removed.pattern}</span> follow the next pattern that covers their name, or the built-in policy, from now on. None loses its state.</p>
      <//>
    <//>`}`;
}

/** How many present names a pattern covers, in which `*` stands for any characters. */
function covered(pattern, store) {
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const wanted = new RegExp(`^${parts.join('.*')}$`, 's');
  let count = 0;
  for (const name of store.circuits.keys()) {
    count += wanted.test(name) ? 1 : 0;
  }
  return count;
}

const covers = circuits => (circuits === 0 ? 'No circuit follows it.' : `${plural(circuits, 'circuit')} ${circuits === 1 ? 'follows' : 'follow'} it.`);
