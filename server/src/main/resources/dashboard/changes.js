/* Who changed keys and policies, for admins: the newest first, from what to what, with filters that the address keeps. */

import { html, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { call } from './api.js';
import { Choice, Empty, Failed, Loading, PageTitle, When } from './parts.js';
import { isolated, plural, shortActor } from './words.js';

const PAGE = 50;
const FIELDS = ['subject', 'name', 'actor'];
const SUBJECTS = [['key', 'Keys'], ['policy', 'Policies']];
const ACTIONS = { created: 'Created', changed: 'Changed', removed: 'Removed' };
const TYPED = 300;

export function Changes({ query }) {
  const [filters, setFilters] = useState(() => Object.fromEntries(FIELDS.map(name => [name, query.get(name) ?? ''])));
  const [rows, setRows] = useState(null);
  const [next, setNext] = useState(null);
  const [error, setError] = useState(null);
  const asked = useRef(0);
  const key = JSON.stringify(filters);

  /** Reads a page; of several answers the one that was asked for last counts. */
  const load = async (path, before) => {
    const ticket = ++asked.current;
    try {
      const page = await call('GET', path);
      if (ticket === asked.current) {
        setRows([...before, ...page.json.changes]);
        setNext(page.next);
        setError(null);
      }
    } catch (failure) {
      ticket === asked.current && setError(failure);
    }
  };
  const newest = () => load(`/api/v1/changes?${wanted(filters)}`, []);

  useEffect(() => {
    const address = new URLSearchParams(Object.entries(filters).filter(([, value]) => value)).toString();
    history.replaceState(null, '', `#/changes${address && `?${address}`}`);
    const timer = setTimeout(newest, rows === null ? 0 : TYPED);
    return () => clearTimeout(timer);
  }, [key]);

  const set = (name, value) => setFilters(before => ({ ...before, [name]: value }));
  const none = Object.values(filters).every(value => !value);
  return html`
    <${PageTitle} title="Changes" />
    <p class="lead">Who created, changed and removed keys and policies. No secret is kept here.</p>
    <form class="tools events-tools" role="search" aria-label="Filter changes" onSubmit=${event => event.preventDefault()}>
      <${Choice} label="Keys or policies" any="Keys and policies" value=${filters.subject} values=${SUBJECTS} onChange=${value => set('subject', value)} />
      <input type="search" aria-label="Pattern of the policy, or id of the key" placeholder="Pattern, or id of a key" value=${filters.name}
        onInput=${event => set('name', event.target.value.trim())} />
      <input type="search" aria-label="Person or key that did it" placeholder="Person or key" value=${filters.actor}
        onInput=${event => set('actor', event.target.value)} />
      <button type="button" class="plain" disabled=${none} onClick=${() => setFilters(Object.fromEntries(FIELDS.map(name => [name, ''])))}>Clear</button>
    </form>
    ${error && html`<${Failed} error=${error} onRetry=${newest} />`}
    ${!rows && !error && html`<${Loading} what="Loading changes" />`}
    <section class="card audit changes" aria-label="Changes">
      <p class="found" role="status">${rows && (rows.length === 0 ? 'No changes' : `${plural(rows.length, 'change')}${next ? ', and older ones' : ''}`)}</p>
      ${rows?.length === 0 && html`<${Empty} title=${none ? 'Nothing has been changed yet' : 'Nothing matches'}>
        <p>${none ? 'Each key and each policy that is created, changed or removed appears here.' : 'Take a filter away to see more.'}</p>
      <//>`}
      ${rows?.length > 0 && html`<ol class="trail">${rows.map(row => html`<${Change} key=${row.id} row=${row} />`)}</ol>`}
      ${next && html`<button type="button" class="plain" onClick=${() => load(next, rows)}>Older</button>`}
    </section>`;
}

function Change({ row }) {
  const name = (row.after ?? row.before)?.name;
  return html`<li>
    <${When} at=${row.at} />
    <span class="step"><strong>${ACTIONS[row.action] ?? row.action}</strong></span>
    <span class="cause">
      <span>${row.subject === 'key'
        ? html`the key <b class="of" title=${row.name}>${name ? isolated(name) : row.name}</b>`
        : html`the policy <a class="of" href=${`#/policies?pattern=${encodeURIComponent(row.name)}`}>${isolated(row.name)}</a>`}
        ${' '}by <b title=${row.actor}>${shortActor(row.actor)}</b></span>
      <${Difference} row=${row} />
    </span>
  </li>`;
}

/** What differs, a setting a line; of what is new or gone, what it was set to. */
function Difference({ row }) {
  const before = row.before ?? {};
  const after = row.after ?? {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(name => before[name] != null || after[name] != null);
  if (row.action === 'changed' && names.length === 0) {
    return html`<span class="quiet">Nothing that is shown here: applied again, or the headers or the body of its probe.</span>`;
  }
  const lines = html`<dl class="difference">${names.sort().map(name => html`<div key=${name}>
    <dt><code>${name}</code></dt>
    <dd>${row.action === 'changed' ? html`<span class="was">${text(before[name])}</span> → ${text(after[name])}` : text(after[name] ?? before[name])}</dd>
  </div>`)}</dl>`;
  return row.action === 'changed' || row.subject === 'key'
    ? lines
    : html`<details><summary>${plural(names.length, 'setting')}</summary>${lines}</details>`;
}

const text = value => (value == null ? 'none' : typeof value === 'object' ? JSON.stringify(value) : String(value));

/** The filters as the server has them. */
function wanted({ subject, name, actor }) {
  const query = new URLSearchParams({ limit: PAGE });
  subject && query.set('subject', subject);
  name && query.set('name', name);
  actor.trim() && query.set('actor', `*${actor.trim()}*`);
  return query;
}
