/* What happened in the fleet: the audit trail of all circuits, the newest first, with filters that its address keeps. */

import { html, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { Line } from './audit.js';
import { call, serverNow } from './api.js';
import { Choice, Empty, Failed, Loading, PageTitle } from './parts.js';
import { causeText, KNOWN_CAUSES, KNOWN_KINDS, kindText, plural } from './words.js';

const PAGE = 50;
const FIELDS = ['agent', 'cause', 'kind', 'actor', 'within'];
const SPANS = { '1h': ['Last hour', 3_600_000], '24h': ['Last 24 hours', 86_400_000], '7d': ['Last 7 days', 604_800_000] };

/** A storm of changes is read at most so often. */
const LOOK_AGAIN = 1000;

const TYPED = 300;

export function Events({ store, query }) {
  const [filters, setFilters] = useState(() => Object.fromEntries(FIELDS.map(name => [name, query.get(name) ?? ''])));
  const [rows, setRows] = useState(null);
  const [next, setNext] = useState(null);
  const [error, setError] = useState(null);
  const asked = useRef(0);
  const key = JSON.stringify(filters);

  /** Reads the newest page; of several answers the one that was asked for last counts. */
  const load = async () => {
    const ticket = ++asked.current;
    try {
      const page = await call('GET', `/api/v1/transitions?${wanted(filters)}`);
      if (ticket === asked.current) {
        setRows(page.json.transitions);
        setNext(page.next);
        setError(null);
      }
    } catch (failure) {
      ticket === asked.current && setError(failure);
    }
  };

  const older = async () => {
    const ticket = asked.current;
    try {
      const page = await call('GET', next);
      if (ticket === asked.current) {
        setRows(before => [...before, ...page.json.transitions]);
        setNext(page.next);
      }
    } catch (failure) {
      setError(failure);
    }
  };

  useEffect(() => {
    const address = new URLSearchParams(Object.entries(filters).filter(([, value]) => value)).toString();
    history.replaceState(null, '', `#/events${address && `?${address}`}`);
    const timer = setTimeout(load, rows === null ? 0 : TYPED);
    return () => clearTimeout(timer);
  }, [key]);

  // What is new is shown as long as nobody has gone on to older lines.
  const first = useRef(true);
  first.current = rows === null || rows.length <= PAGE;
  useEffect(() => {
    let timer = null;
    const off = store.onChange(() => {
      timer ??= setTimeout(() => {
        timer = null;
        first.current && !document.hidden && load();
      }, LOOK_AGAIN);
    });
    return () => {
      off();
      clearTimeout(timer);
    };
  }, [key]);

  const set = (name, value) => setFilters(before => ({ ...before, [name]: value }));
  const none = Object.values(filters).every(value => !value);
  return html`
    <${PageTitle} title="Events" />
    <form class="tools events-tools" role="search" aria-label="Filter events" onSubmit=${event => event.preventDefault()}>
      <input type="search" aria-label="Agent; * stands for anything" placeholder="Agent, or model:*" value=${filters.agent}
        onInput=${event => set('agent', event.target.value.trim())} />
      <${Choice} label="Cause" any="Any cause" value=${filters.cause} values=${KNOWN_CAUSES.map(name => [name, causeText(name)])} onChange=${value => set('cause', value)} />
      <${Choice} label="Kind of failure" any="Any failure" value=${filters.kind} values=${KNOWN_KINDS.map(name => [name, kindText(name)])} onChange=${value => set('kind', value)} />
      <${Choice} label="Time" any="Any time" value=${filters.within} values=${Object.entries(SPANS).map(([name, [text]]) => [name, text])} onChange=${value => set('within', value)} />
      <input type="search" aria-label="Person or key" placeholder="Person or key" value=${filters.actor}
        onInput=${event => set('actor', event.target.value)} />
      <button type="button" class="plain" disabled=${none} onClick=${() => setFilters(Object.fromEntries(FIELDS.map(name => [name, ''])))}>Clear</button>
    </form>
    ${error && html`<${Failed} error=${error} onRetry=${load} />`}
    ${!rows && !error && html`<${Loading} what="Loading events" />`}
    <section class="card audit events" aria-label="Events">
      <p class="found" role="status">${rows && (rows.length === 0 ? 'No events' : `${plural(rows.length, 'event')}${next ? ', and older ones' : ''}`)}</p>
      ${rows?.length === 0 && html`<${Empty} title=${none ? 'Nothing has happened yet' : 'Nothing matches'}>
        <p>${none ? 'Each change of a circuit, and each action of a person, appears here.' : 'Take a filter away to see more.'}</p>
      <//>`}
      ${rows?.length > 0 && html`<ol class="trail">${rows.map(row => html`<${Line} key=${row.id} row=${row} named=${true} />`)}</ol>`}
      ${next && html`<button type="button" class="plain" onClick=${older}>Older</button>`}
    </section>`;
}

/** The filters as the server has them. */
function wanted({ agent, cause, kind, actor, within }) {
  const query = new URLSearchParams({ limit: PAGE });
  agent && query.set('agent', agent);
  cause && query.set('cause', cause);
  kind && query.set('kind', kind);
  actor.trim() && query.set('actor', `*${actor.trim()}*`);
  SPANS[within] && query.set('since', new Date(serverNow() - SPANS[within][1]).toISOString());
  return query;
}
