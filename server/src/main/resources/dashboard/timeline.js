/* What happened to one agent, the newest first: changes of its circuit, actions of people, and entries of its log. */

import { html, useEffect, useMemo, useRef, useState } from './vendor/htm-preact.js';
import { agentPath } from './agent-data.js';
import { Entry } from './agent-log.js';
import { call, circuitPath } from './api.js';
import { Line } from './audit.js';
import { Empty, Failed, Loading } from './parts.js';

const FEW = 20;
const PAGE = 100;
const READ_EVERY = 5000;
const LOOK_AGAIN = [0, 400, 1500];

/** The audit trail knows more of the circuit's changes than their copies in the log. */
const COPIES = ['circuit_transition'];

const logKey = entry => entry.entry_id ?? `${entry.execution_id} ${entry.started_at} ${entry.action_type} ${entry.action_name}`;

/** @param bump changes whenever somebody took an action here, which may be a row without a transition */
export function Timeline({ agent, store, bump }) {
  const [only, setOnly] = useState(null);
  const [most, setMost] = useState(FEW);
  const changes = usePages(`${circuitPath(agent)}/transitions?limit=${PAGE}`, 'transitions', row => row.id, { agent, store, bump });
  const log = usePages(`${agentPath(agent)}/logs?limit=${PAGE}${only === 'failures' ? '&status=failure' : ''}`, 'logs', logKey, { agent, store, bump });
  const sources = only === 'failures' ? [log] : only === 'changes' ? [changes] : [changes, log];
  const { items, hidden } = useMemo(() => merge(changes, log, sources), [changes.rows, log.rows, only]);
  const failed = sources.find(source => source.error);
  const error = failed?.error;
  const loading = sources.some(source => source.rows === null);

  const older = () => {
    setMost(most + PAGE);
    sources.forEach(source => items.length < most + PAGE && source.older());
  };
  const toggle = name => {
    setOnly(only === name ? null : name);
    setMost(FEW);
  };
  return html`<section class="card audit logs" aria-labelledby="timeline-title">
    <div class="card-head">
      <h2 id="timeline-title">Timeline</h2>
      <div class="ranges" role="group" aria-label="Show">
        <button type="button" class="plain" aria-pressed=${only === 'changes' ? 'true' : 'false'} onClick=${() => toggle('changes')}>Only changes</button>
        <button type="button" class="plain" aria-pressed=${only === 'failures' ? 'true' : 'false'} onClick=${() => toggle('failures')}>Only failures</button>
      </div>
    </div>
    ${error && html`<${Failed} error=${error} onRetry=${() => sources.forEach(source => source.load())} at=${failed.at} />`}
    ${loading && !error && html`<${Loading} what="Loading the timeline" />`}
    ${!loading && items.length === 0 && html`<${Empty} title=${only === 'failures' ? 'No failure is logged' : 'Nothing yet'}>
      ${only !== 'failures' && html`<p>This circuit has never changed its state${only === 'changes' ? '' : ', and nothing is logged'}.</p>`}<//>`}
    ${items.length > 0 && html`<ol class="trail">${items.slice(0, most).map(item => (item.row
      ? html`<${Line} key=${`change ${item.row.id}`} row=${item.row} />`
      : html`<${Entry} key=${`log ${logKey(item.entry)}`} entry=${item.entry} />`))}</ol>`}
    ${(items.length > most || hidden) && html`<button type="button" class="plain" onClick=${older}>Older</button>`}
  </section>`;
}

/**
 * All in the order of time. Lines that are older than the oldest line read of a source that has more would leave gaps, so they
 * wait.
 */
function merge(changes, log, sources) {
  const items = [];
  sources.includes(changes) && (changes.rows ?? []).forEach(row => items.push({ at: Date.parse(row.at), row }));
  sources.includes(log) && (log.rows ?? []).filter(entry => !COPIES.includes(entry.action_name))
    .forEach(entry => items.push({ at: Date.parse(entry.started_at), entry }));
  items.sort((one, other) => other.at - one.at);
  const horizon = Math.max(...sources.map(source => {
    const oldest = source.next && source.rows?.at(-1);
    return oldest ? Date.parse(oldest.at ?? oldest.started_at) : -Infinity;
  }));
  return { items: items.filter(item => item.at >= horizon), hidden: sources.some(source => source.next) };
}

const NOTHING = { rows: null, next: null, error: null, at: null };

/** The newest page of a list again and again, and older ones when they are asked for: `{ rows, next, error, at, load, older }`. */
function usePages(path, name, keyOf, { agent, store, bump }) {
  const [state, setState] = useState(NOTHING);
  const alive = useRef(0);
  const busy = useRef(false);

  const load = async () => {
    const ticket = alive.current;
    try {
      const page = await call('GET', path);
      ticket === alive.current && setState(before => front(before, page, name, keyOf));
    } catch (error) {
      ticket === alive.current && setState(before => ({ ...before, error }));
    }
  };
  const older = async () => {
    if (!state.next || busy.current) {
      return;
    }
    busy.current = true;
    const ticket = alive.current;
    try {
      const page = await call('GET', state.next);
      ticket === alive.current && setState(before => ({ ...before, rows: [...before.rows, ...page.json[name]], next: page.next, error: null }));
    } catch (error) {
      ticket === alive.current && setState(before => ({ ...before, error }));
    }
    busy.current = false;
  };

  // A row may be stored a little after the change was reported, so it is looked for again.
  useEffect(() => {
    let timers = [];
    const soon = () => {
      timers.forEach(clearTimeout);
      timers = LOOK_AGAIN.map(wait => setTimeout(load, wait));
    };
    soon();
    const off = store.onChange(change => change.agent_id === agent && soon());
    const polling = setInterval(() => document.hidden || load(), READ_EVERY);
    return () => {
      alive.current++;
      off();
      timers.forEach(clearTimeout);
      clearInterval(polling);
      setState(NOTHING);
    };
  }, [path]);
  const first = useRef(true);
  useEffect(() => {
    first.current || load();
    first.current = false;
  }, [bump]);

  return { ...state, load, older };
}

/** The newest rows in front of those that are there; in their place where they do not meet. */
function front(before, page, name, keyOf) {
  const fresh = page.json[name];
  const read = { error: null, at: Date.now() };
  if (before.rows === null) {
    return { ...read, rows: fresh, next: page.next };
  }
  const keys = new Set(fresh.map(keyOf));
  const rest = before.rows.filter(row => !keys.has(keyOf(row)));
  const joined = rest.length < before.rows.length || fresh.length === 0;
  return joined ? { ...read, rows: [...fresh, ...rest], next: before.next } : { ...read, rows: fresh, next: page.next };
}
