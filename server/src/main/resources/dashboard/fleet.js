/* The fleet: how many are in which state, a map of all, and a list of those one looks for. */

import { html, useEffect, useMemo, useRef, useState } from './vendor/htm-preact.js';
import { FleetList } from './fleet-list.js';
import { FleetMap } from './fleet-map.js';
import { WrongNow } from './incidents.js';
import { FILTERS, HEALTH_FILTERS, matches, ORDERS } from './orders.js';
import { Empty, Loading, PageTitle, useStore, useTick } from './parts.js';
import { Glyph } from './shapes.js';
import { carriedOver, causeText, HEALTH, IDLE, isolated, kindText, number, plural, shortActor, shortNumber, since, STATES, stateText } from './words.js';

const FILTER_NAMES = { all: 'All', open: 'Open', half_open: 'Half-open', closed: 'Closed', held: 'Held' };

const HEALTH_NAMES = { any: 'Any health', critical: 'Critical', degraded: 'Degraded', well: 'Well, or without calls' };

const LATEST = 12;

/** From here on a number has no room on a phone. */
const LONG_NUMBER = 10_000;

const ORDER_NAMES = { trouble: 'Trouble first', changed: 'Last changed', failures: 'Failure rate', name: 'Name' };

export function Fleet({ me, store, query }) {
  useStore(store);
  const [filter, setFilter] = useState(FILTERS.includes(query.get('state')) ? query.get('state') : 'all');
  const [health, setHealth] = useState(HEALTH_FILTERS.includes(query.get('health')) ? query.get('health') : 'any');
  const [search, setSearch] = useState(query.get('q') ?? '');
  const [order, setOrder] = useState(ORDERS[query.get('sort')] ? query.get('sort') : 'trouble');
  const [pointed, setPointed] = useState(null);
  const field = useRef();

  useEffect(() => {
    const wanted = new URLSearchParams();
    filter !== 'all' && wanted.set('state', filter);
    health !== 'any' && wanted.set('health', health);
    search && wanted.set('q', search);
    order !== 'trouble' && wanted.set('sort', order);
    const text = wanted.toString();
    history.replaceState(null, '', `#/${text && `?${text}`}`);
  }, [filter, health, search, order]);

  useEffect(() => {
    const slash = event => {
      if (event.key === '/' && !event.ctrlKey && !event.metaKey && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
        event.preventDefault();
        field.current?.focus();
      }
    };
    document.addEventListener('keydown', slash);
    return () => document.removeEventListener('keydown', slash);
  }, []);

  const wanted = useMemo(
    () => ({ state: filter, health, words: search.toLowerCase().split(/\s+/).filter(Boolean) }), [filter, health, search]);
  const found = useMemo(() => {
    const circuits = [];
    for (const circuit of store.circuits.values()) {
      if (matches(circuit, wanted)) {
        circuits.push(circuit);
      }
    }
    return circuits.sort(ORDERS[order]);
  }, [store.version, wanted, order]);

  if (!store.loaded) {
    return html`<${PageTitle} title="Fleet" />
      <${Loading} what=${store.arrived ? `Loading the fleet: ${plural(store.arrived, 'circuit')} so far` : 'Loading the fleet'} />`;
  }
  if (store.counts.all === 0) {
    return html`<${PageTitle} title="Fleet" /><${NoAgents} organization=${me.organization_id} />`;
  }
  return html`
    <${WrongNow} store=${store} />
    <div class="fleet">
      <div class="fleet-head">
        <${PageTitle} title="Fleet" />
        <div class="counts" role="group" aria-label="Filter by state">
          ${FILTERS.map(each => html`<button type="button" key=${each} class=${`count ${each}`} aria-pressed=${filter === each ? 'true' : 'false'}
              onClick=${() => setFilter(filter === each ? 'all' : each)}>
            <span class="count-name">${each !== 'all' && html`<${Glyph} state=${each === 'held' ? 'closed' : each} held=${each === 'held'} size=${13} />`}${FILTER_NAMES[each]}</span>
            <span class=${`count-number ${store.counts[each] < LONG_NUMBER ? '' : 'long'}`} data-short=${shortNumber(store.counts[each])}>${number(store.counts[each])}</span>
          </button>`)}
        </div>
      </div>
      <div class="fleet-left">
        <section class="card map-card" aria-label="Map">
          <${FleetMap} store=${store} wanted=${wanted} onPoint=${setPointed} />
          <p class="map-caption">${pointed ?? html`<${Legend} />`}</p>
        </section>
        <${Recent} store=${store} />
      </div>
      <section class="card list-card" aria-label="Agents">
        <div class="tools">
          <input type="search" ref=${field} value=${search} placeholder="Search names" aria-label="Search names"
            onInput=${event => setSearch(event.target.value)}
            onKeyDown=${event => event.key === 'Escape' && setSearch('')} />
          <select class="health-filter" aria-label="Filter by health" value=${health} onChange=${event => setHealth(event.target.value)}>
            ${HEALTH_FILTERS.map(each => html`<option key=${each} value=${each}>${HEALTH_NAMES[each]}${each === 'critical' || each === 'degraded'
              ? ` (${number(store.countOfHealth(each))})` : ''}</option>`)}
          </select>
          <select aria-label="Order of the list" value=${order} onChange=${event => setOrder(event.target.value)}>
            ${Object.entries(ORDER_NAMES).map(([value, name]) => html`<option key=${value} value=${value}>${name}</option>`)}
          </select>
        </div>
        <p class="found" role="status">${found.length === store.counts.all
          ? plural(found.length, 'circuit') : `${number(found.length)} of ${plural(store.counts.all, 'circuit')}`}</p>
        ${found.length
          ? html`<${FleetList} circuits=${found} version=${store.version} />`
          : html`<${Empty} title=${filter === 'open' && health === 'any' && !search ? 'Nothing is open' : 'No circuit matches'}>
              <button type="button" class="plain" onClick=${() => {
                setFilter('all');
                setHealth('any');
                setSearch('');
              }}>Show all</button>
            <//>`}
      </section>
    </div>`;
}

const Legend = () => html`<span class="legend">
  ${['closed', 'half_open', 'open'].map(state => html`<span key=${state}><${Glyph} state=${state} size=${12} />${STATES[state]}</span>`)}
  <span><${Glyph} state="closed" idle=${true} size=${12} />${IDLE}</span>
  <span><${Glyph} state="closed" held=${true} size=${12} />Held</span>
  ${['degraded', 'critical'].map(health => html`<span key=${health}><${Glyph} state="closed" health=${health} size=${14} />${HEALTH[health]} health</span>`)}
</span>`;

/** The circuits that changed last, with what changed them. */
function Recent({ store }) {
  useTick(1000);
  const latest = useMemo(() => lastChanged(store.circuits), [store.version]);
  return html`<section class="card recent" aria-labelledby="recent-title">
    <h2 id="recent-title">Latest changes</h2>
    ${latest.length === 0 && html`<p class="quiet">No circuit has changed its state yet.</p>`}
    <ol>
      ${latest.map(circuit => html`<li key=${circuit.agent_id}>
        <${Glyph} state=${circuit.state} held=${circuit.hold !== null} health=${circuit.health?.status} size=${13} />
        <a href=${`#/agents/${encodeURIComponent(circuit.agent_id)}`}>${circuit.agent_id}</a>
        <span class="what">${stateText(circuit).toLowerCase()}: ${circuit.cause === 'override'
          ? `${shortActor(circuit.actor)}${circuit.reason ? `, “${isolated(circuit.reason)}”` : ''}`
          : `${causeText(circuit.cause)}${circuit.kind ? `, ${kindText(circuit.kind)}` : ''}`}${carriedOver(circuit)}</span>
        <time datetime=${circuit.since}>${since(circuit.since)} ago</time>
      </li>`)}
    </ol>
  </section>`;
}

function lastChanged(circuits) {
  const latest = [];
  for (const circuit of circuits.values()) {
    if (circuit.since && (latest.length < LATEST || circuit.since > latest.at(-1).since)) {
      latest.push(circuit);
      latest.sort((one, other) => (one.since < other.since ? 1 : -1));
      latest.length = Math.min(latest.length, LATEST);
    }
  }
  return latest;
}

const NoAgents = ({ organization }) => html`<${Empty} title=${`No agent of ${organization} has called yet`}>
  <p>An agent appears here with its first call, or with its first action. From a terminal, with a key of role agent or admin:</p>
  <pre>curl -X POST ${location.origin}/api/v1/circuits/planner/outcomes \\
  -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
  -d '{"outcome": "success"}'</pre>
<//>`;
