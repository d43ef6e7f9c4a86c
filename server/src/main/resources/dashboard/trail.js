/* Pages of lines, the newest first, with filters that the address keeps: what events and changes have in common. */

import { html, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { call } from './api.js';
import { Empty, Failed, Loading } from './parts.js';
import { plural } from './words.js';

export const PAGE = 50;

/** How long typing has to pause before the server is asked. */
const TYPED = 300;

/**
 * Filters of a page, and the lines that they leave. `wanted(filters)` says which newest page is asked for, `name` where
 * its lines are in the answer.
 */
export function useTrail({ page, fields, query, wanted, name }) {
  const cleared = () => Object.fromEntries(fields.map(field => [field, '']));
  const [filters, setFilters] = useState(() => Object.fromEntries(fields.map(field => [field, query.get(field) ?? ''])));
  const [rows, setRows] = useState(null);
  const [next, setNext] = useState(null);
  const [error, setError] = useState(null);
  const [at, setAt] = useState(null); // when the newest were read
  const asked = useRef(0);
  const key = JSON.stringify(filters);

  /** Of several answers the one that was asked for last counts. */
  const read = async (path, before, ticket) => {
    try {
      const answer = await call('GET', path);
      if (ticket === asked.current) {
        setRows([...before, ...answer.json[name]]);
        setNext(answer.next);
        setError(null);
        before.length || setAt(Date.now());
      }
    } catch (failure) {
      ticket === asked.current && setError(failure);
    }
  };
  const newest = () => read(wanted(filters), [], ++asked.current);
  const older = () => read(next, rows, asked.current);

  useEffect(() => {
    const address = new URLSearchParams(Object.entries(filters).filter(([, value]) => value)).toString();
    history.replaceState(null, '', `#/${page}${address && `?${address}`}`);
    const timer = setTimeout(newest, rows === null ? 0 : TYPED);
    return () => clearTimeout(timer);
  }, [key]);

  return {
    filters, key, rows, next, error, at, newest, older,
    set: (field, value) => setFilters(before => ({ ...before, [field]: value })),
    clear: () => setFilters(cleared()),
    none: Object.values(filters).every(value => !value),
  };
}

/** The form of a trail's filters, and a button that clears them. */
export function Filters({ trail, label, children }) {
  return html`<form class="tools events-tools" role="search" aria-label=${label} onSubmit=${event => event.preventDefault()}>
    ${children}
    <input type="search" aria-label="Person or key that did it" placeholder="Person or key" value=${trail.filters.actor}
      onInput=${event => trail.set('actor', event.target.value)} />
    <button type="button" class="plain" aria-disabled=${trail.none ? 'true' : null} onClick=${trail.clear}>Clear</button>
  </form>`;
}

/** The lines of a trail. `unit` is what a line is about, `never` and `hint` what is said where there is none at all. */
export function Trail({ trail, title, unit, never, hint, line }) {
  const { rows, next, error, at, none } = trail;
  return html`
    ${error && html`<${Failed} error=${error} onRetry=${trail.newest} at=${at} />`}
    ${!rows && !error && html`<${Loading} what=${`Loading ${title.toLowerCase()}`} />`}
    <section class=${`card audit ${title.toLowerCase()}`} aria-label=${title}>
      <p class="found" role="status">${rows && (rows.length === 0 ? `No ${title.toLowerCase()}` : `${plural(rows.length, unit)}${next ? ', and older ones' : ''}`)}</p>
      ${rows?.length === 0 && html`<${Empty} title=${none ? never : 'Nothing matches'}>
        <p>${none ? hint : 'Remove a filter to see more.'}</p>
      <//>`}
      ${rows?.length > 0 && html`<ol class="trail">${rows.map(line)}</ol>`}
      ${next && html`<button type="button" class="plain" onClick=${trail.older}>Older</button>`}
    </section>`;
}

/** What the server is asked with: filters that are set, people by a part of their name. */
export function search({ actor, ...others }) {
  const query = new URLSearchParams({ limit: PAGE });
  Object.entries(others).forEach(([field, value]) => value && query.set(field, value));
  actor.trim() && query.set('actor', `*${actor.trim()}*`);
  return query;
}
