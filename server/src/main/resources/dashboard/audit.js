/* The audit trail of one circuit: what changed, by whom and why, the newest first. */

import { html, useEffect, useRef, useState } from './vendor/htm-preact.js';
import { call, circuitPath } from './api.js';
import { Empty, Failed, Loading } from './parts.js';
import { Glyph } from './shapes.js';
import { ACTIONS, causeText, isolated, kindText, plural, shortActor, span, STATES, time } from './words.js';

const PAGE = 25;
const LOOK_AGAIN = [0, 400, 1500];

/** @param bump changes whenever somebody took an action here, which may be a row without a transition */
export function Audit({ agent, store, bump }) {
  const [rows, setRows] = useState(null);
  const [next, setNext] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const alive = useRef(true);
  useEffect(() => () => {
    alive.current = false;
  }, []);

  /** Puts the newest rows in front of those that are there. */
  const load = async () => {
    try {
      const page = await call('GET', `${circuitPath(agent)}/transitions?limit=${PAGE}`);
      if (alive.current) {
        const fresh = page.json.transitions;
        setRows(before => {
          const oldest = fresh.at(-1)?.id ?? 0;
          const rest = (before ?? []).filter(row => row.id < oldest);
          const joined = before?.some(row => row.id >= oldest);
          if (before === null || !joined) {
            setNext(page.next);
          }
          return before === null || joined ? [...fresh, ...(joined ? rest : [])] : fresh;
        });
        setError(null);
      }
    } catch (failure) {
      alive.current && setError(failure);
    }
  };

  const older = async () => {
    setBusy(true);
    try {
      const page = await call('GET', next);
      setRows(before => [...before, ...page.json.transitions]);
      setNext(page.next);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };

  // A row may be stored a little after the change was heard of, so it is looked for again.
  useEffect(() => {
    const timers = [];
    const look = () => LOOK_AGAIN.forEach(wait => timers.push(setTimeout(load, wait)));
    look();
    const off = store.onChange(change => change.agent_id === agent && look());
    return () => {
      off();
      timers.forEach(clearTimeout);
    };
  }, [agent, bump]);

  const live = store.status.live;
  useEffect(() => {
    live && rows && load();
  }, [live]);

  return html`<section class="card audit" aria-labelledby="audit-title">
    <h2 id="audit-title">Audit trail</h2>
    ${error && html`<${Failed} error=${error} onRetry=${load} />`}
    ${!rows && !error && html`<${Loading} what="Loading the audit trail" />`}
    ${rows?.length === 0 && html`<${Empty} title="Nothing yet"><p>This circuit has never changed its state.</p><//>`}
    ${rows?.length > 0 && html`<ol class="trail">${rows.map(row => html`<${Line} key=${row.id} row=${row} />`)}</ol>`}
    ${next && html`<button type="button" class="plain" disabled=${busy} onClick=${older}>Older</button>`}
  </section>`;
}

/** A line of the audit trail. @param named whether it says which circuit it is about */
export function Line({ row, named }) {
  const held = row.held ? `, held${row.hold_until ? ` until ${time(row.hold_until, false)}` : ''}` : '';
  return html`<li>
    <time datetime=${row.at} title=${row.at}>${time(row.at)}</time>
    ${named && html`<a class="of" href=${`#/agents/${encodeURIComponent(row.agent_id)}`}>${isolated(row.agent_id)}</a>`}
    <span class="step">
      <${Glyph} state=${row.to} held=${row.held} size=${14} />
      <strong>${STATES[row.to]}${held}</strong>
      ${row.from !== row.to && html`<span class="from">from ${STATES[row.from].toLowerCase()}</span>`}
    </span>
    <span class="cause">
      <span>${row.action
        ? html`${ACTIONS[row.action] ?? row.action}${row.repeated ? ' again' : ''} by <b title=${row.actor}>${shortActor(row.actor)}</b>`
        : html`${sentence(causeText(row.cause))}${row.kind ? `: ${kindText(row.kind)}` : ''}${row.actor ? ` (${shortActor(row.actor)})` : ''}`}${row.reason && html`: <q>${row.reason}</q>`}</span>
      ${figures(row)}
    </span>
  </li>`;
}

const sentence = text => text.charAt(0).toUpperCase() + text.slice(1);

function figures(row) {
  const parts = [];
  if (row.from === 'closed' && row.calls > 0) {
    parts.push(`${row.failures} of ${plural(row.calls, 'call')} failed`);
    row.consecutive_failures > 1 && parts.push(`${row.consecutive_failures} in a row`);
  }
  if (row.cooldown_ms !== null && !row.held) {
    parts.push(`cooldown ${span(row.cooldown_ms)}`);
  }
  if (row.skipped > 0) {
    parts.push(`${plural(row.skipped, 'quick change')} just before not kept`);
  }
  return parts.length > 0 && html`<span class="quiet">${parts.join(' · ')}</span>`;
}
