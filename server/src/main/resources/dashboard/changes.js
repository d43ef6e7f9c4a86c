/* Who changed keys and policies, for admins: the newest first, from what to what, with filters that the address keeps. */

import { html } from './vendor/htm-preact.js';
import { Choice, PageTitle, When } from './parts.js';
import { Filters, search, Trail, useTrail } from './trail.js';
import { isolated, plural, shortActor } from './words.js';

const SUBJECTS = [['key', 'Keys'], ['policy', 'Policies'], ['budget', 'Budgets'], ['webhook', 'Webhooks'], ['agent', 'Deleted agents']];
const ACTIONS = { created: 'Created', changed: 'Changed', removed: 'Removed' };

export function Changes({ query }) {
  const trail = useTrail({
    page: 'changes',
    fields: ['subject', 'name', 'actor'],
    query,
    wanted: filters => `/api/v1/changes?${search(filters)}`,
    name: 'changes',
  });
  return html`
    <${PageTitle} title="Changes" />
    <p class="lead">Who created, changed and removed keys, policies, budgets and webhooks, and who deleted the data of agents. No secret is kept here.</p>
    <${Filters} trail=${trail} label="Filter changes">
      <${Choice} label="Of what" any="All changes" value=${trail.filters.subject} values=${SUBJECTS} onChange=${value => trail.set('subject', value)} />
      <input type="search" aria-label="Pattern of the policy, id, or name of the agent" placeholder="Pattern, id or name" value=${trail.filters.name}
        onInput=${event => trail.set('name', event.target.value.trim())} />
    <//>
    <${Trail} trail=${trail} title="Changes" unit="change" never="Nothing has been changed yet"
      hint="Each key, policy, budget and webhook that is created, changed or removed appears here."
      line=${row => html`<${Change} key=${row.id} row=${row} />`} />`;
}

function Change({ row }) {
  const name = (row.after ?? row.before)?.name;
  return html`<li>
    <${When} at=${row.at} />
    <span class="step"><strong>${ACTIONS[row.action] ?? row.action}</strong></span>
    <span class="cause">
      <span>${row.subject === 'policy'
        ? html`the policy <a class="of" href=${`#/policies?pattern=${encodeURIComponent(row.name)}`}>${isolated(row.name)}</a>`
        : html`the ${row.subject === 'agent' ? 'data of the agent' : row.subject} <b class="of" title=${row.name}>${isolated(name ?? row.name)}</b>`}
        ${' '}by <b title=${row.actor}>${shortActor(row.actor)}</b></span>
      <${Difference} row=${row} />
    </span>
  </li>`;
}

/** What differs, one setting per line; if something is new or removed, all of its settings. */
function Difference({ row }) {
  const before = row.before ?? {};
  const after = row.after ?? {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(name => before[name] != null || after[name] != null);
  if (row.action === 'changed' && names.length === 0) {
    return html`<span class="quiet">No difference that may be shown: it was applied again, or a secret, the path of an address, or the headers or the body of a probe changed.</span>`;
  }
  const lines = html`<dl class="difference">${names.sort().map(name => html`<div key=${name}>
    <dt><code>${name}</code></dt>
    <dd>${row.action === 'changed' ? html`<span class="was">${text(before[name])}</span> → ${text(after[name])}` : text(after[name] ?? before[name])}</dd>
  </div>`)}</dl>`;
  return row.action === 'changed' || row.subject !== 'policy'
    ? lines
    : html`<details><summary>${plural(names.length, 'setting')}</summary>${lines}</details>`;
}

const text = value => (value == null ? 'none' : typeof value === 'object' ? JSON.stringify(value) : String(value));
