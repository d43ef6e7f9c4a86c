/* The fleet: what is wrong now, how many circuits are in which state, a list of those searched for, and a map of all. */

import { html, useEffect, useMemo, useRef, useState } from './vendor/htm-preact.js';
import { address } from './api.js';
import { Facets, facetsOf } from './facets.js';
import { FleetList } from './fleet-list.js';
import { FleetMap } from './fleet-map.js';
import { useFound } from './found.js';
import { reachOf } from './gates.js';
import { groupings } from './map-groups.js';
import { FILTERS, HEALTH_FILTERS, ORDERS } from './orders.js';
import { Choice, Empty, Loading, PageTitle, useSometimes, useStore, useTick } from './parts.js';
import { guesses, mistakes, read, withWord } from './query.js';
import { ManyDialog, manyToast, selectionOf } from './many.js';
import { Glyph } from './shapes.js';
import { isInUse } from './steady.js';
import { StopDialog, stoppedToast } from './stops.js';
import { carriedOver, causeText, HEALTH, IDLE, isolated, kindText, number, plural, shortActor, shortNumber, since, STATES, stateText } from './words.js';
import { Unreachable } from './unreachable.js';
import { WrongNow } from './wrong-now.js';

const FILTER_NAMES = { all: 'All', open: 'Open', half_open: 'Half-open', closed: 'Closed', held: 'Held' };

const HEALTH_NAMES = { any: 'Any health', critical: 'Critical', degraded: 'Degraded', well: 'Well, or without calls' };

const LATEST = 12;

/** How often, at most, it is counted what all circuits found have in common. */
const COUNT_EVERY = 1000;

/** From here on a number has no room on a phone. */
const LONG_NUMBER = 10_000;

const ORDER_NAMES = { trouble: 'Trouble first', changed: 'Last changed', failures: 'Failure rate', name: 'Name' };

/** What an address says of which circuits are shown, and how. */
const viewOf = query => ({
  filter: FILTERS.includes(query.get('state')) ? query.get('state') : 'all',
  health: HEALTH_FILTERS.includes(query.get('health')) ? query.get('health') : 'any',
  search: query.get('q') ?? '',
  order: ORDERS[query.get('sort')] ? query.get('sort') : 'trouble',
  group: query.get('group') ?? 'kind',
});

export function Fleet({ me, store, stopped, query, say, onGates }) {
  useStore(store);
  const [{ filter, health, search, order, group }, setView] = useState(() => viewOf(query));
  const [pointed, setPointed] = useState(null);
  const [dialog, setDialog] = useState(null);
  const set = (name, value) => setView(view => ({ ...view, [name]: value }));

  useEffect(() => setView(viewOf(query)), [query]); // a link to another view of this page
  useEffect(() => {
    const wanted = new URLSearchParams();
    filter !== 'all' && wanted.set('state', filter);
    health !== 'any' && wanted.set('health', health);
    search && wanted.set('q', search);
    order !== 'trouble' && wanted.set('sort', order);
    group !== 'kind' && wanted.set('group', group);
    const text = wanted.toString();
    history.replaceState(null, '', `#/${text && `?${text}`}`);
  }, [filter, health, search, order, group]);

  const wanted = useMemo(() => ({ state: filter, health, words: read(search) }), [filter, health, search]);
  const found = useFound(store, wanted, order);
  const view = useMemo(() => ({}), [wanted, order]);
  const { facets, groups, ill } = useSometimes(() => ({
    facets: facetsOf(found),
    groups: groupings(store),
    ill: { critical: store.countOfHealth('critical'), degraded: store.countOfHealth('degraded') },
  }), store.version, [wanted, store.loaded], COUNT_EVERY);
  const wrongWords = useMemo(() => {
    const circuits = [...store.circuits.values()];
    return [...mistakes(search, circuits).map(each => each.text), ...guesses(wanted.words, circuits)];
  }, [wanted, store.loaded]);

  if (!store.loaded) {
    return html`<${PageTitle} title="Fleet" /><${NotYet} store=${store} />`;
  }
  if (store.counts.all === 0) {
    return html`<${PageTitle} title="Fleet" /><${NoAgents} organization=${me.organization_id} />`;
  }
  return html`
    <div class="fleet">
      <div class="fleet-head">
        <${PageTitle} title="Fleet" page="dashboard.html#fleet" />
        <div class="counts" role="group" aria-label="Filter by state">
          ${FILTERS.map(each => html`<button type="button" key=${each} class=${`count ${each}`} aria-pressed=${filter === each ? 'true' : 'false'}
              onClick=${() => set('filter', filter === each ? 'all' : each)}>
            <span class="count-name">${each !== 'all' && html`<${Glyph} state=${each === 'held' ? 'closed' : each} held=${each === 'held'} size=${13} />`}${FILTER_NAMES[each]}</span>
            <span class=${`count-number ${store.counts[each] < LONG_NUMBER ? '' : 'long'}`} data-short=${shortNumber(store.counts[each])}>${number(store.counts[each])}</span>
          </button>`)}
        </div>
        ${me.role !== 'viewer' && html`<button type="button" class="stop-button" onClick=${() => setDialog('stop')}>Stop …</button>`}
      </div>
      <${WrongNow} store=${store} me=${me} reach=${reachOf(stopped)} say=${say} />
      <div class="search">
        <input type="search" value=${search} placeholder="Search: planner, kind:LOOP, dep:model:*, team=billing" aria-label="Search: names, and words such as kind:LOOP"
          aria-describedby=${wrongWords.length ? 'wrong-words' : null} spellcheck=${false} autocapitalize="none" autocomplete="off"
          onInput=${event => set('search', event.target.value)}
          onKeyDown=${event => event.key === 'Escape' && set('search', '')} />
        <div id="wrong-words" class="wrong-words" role="status">${wrongWords.map(each => html`<p key=${each}>${each}</p>`)}</div>
      </div>
      <${Facets} facets=${facets} query=${search} onWord=${word => set('search', withWord(search, word))} />
      <section class="card list-card" aria-label="Agents">
        <div class="tools">
          <select class="health-filter" aria-label="Filter by health" value=${health} onChange=${event => set('health', event.target.value)}>
            ${HEALTH_FILTERS.map(each => html`<option key=${each} value=${each}>${HEALTH_NAMES[each]}${each === 'critical' || each === 'degraded'
              ? ` (${number(ill[each])})` : ''}</option>`)}
          </select>
          <select aria-label="Order of the list" value=${order} onChange=${event => set('order', event.target.value)}>
            ${Object.entries(ORDER_NAMES).map(([value, name]) => html`<option key=${value} value=${value}>${name}</option>`)}
          </select>
        </div>
        <p class="found" role="status">${found.length === store.counts.all
          ? plural(found.length, 'circuit') : `${number(found.length)} of ${plural(store.counts.all, 'circuit')}`}
          ${me.role !== 'viewer' && found.length > 1 && html` <button type="button" class="plain" onClick=${() => setDialog('many')}>Override all ${number(found.length)} …</button>`}</p>
        ${found.length
          ? html`<${FleetList} circuits=${found} view=${view} stopped=${stopped} />`
          : html`<${Empty} title=${filter === 'open' && health === 'any' && !search ? 'Nothing is open' : 'No circuit matches'}>
              <button type="button" class="plain" onClick=${() => setView({ filter: 'all', health: 'any', search: '', order, group })}>Show all</button>
            <//>`}
      </section>
      <div class="fleet-right">
        <section class="card map-card" aria-label="Map">
          <div class="card-head">
            <h2>Map</h2>
            <${Choice} label="Group the map by" value=${group} values=${groups.map(([value, name]) => [value, `By ${value === 'kind' || value === 'policy' ? name.toLowerCase() : name}`])} onChange=${value => set('group', value)} />
          </div>
          <${FleetMap} store=${store} wanted=${wanted} by=${group} onPoint=${setPointed} />
          <p class="map-caption">${pointed ?? html`<${Legend} />`}</p>
        </section>
        <${Recent} store=${store} />
      </div>
    </div>
    ${dialog === 'stop' && html`<${StopDialog} me=${me} onClose=${() => setDialog(null)} onDone=${done => {
      setDialog(null);
      onGates();
      say(stoppedToast(done, me.organization_id));
    }} />`}
    ${dialog === 'many' && html`<${ManyDialog} me=${me} selection=${selectionOf({ filter, health, search })} onClose=${() => setDialog(null)} onDone=${done => {
      setDialog(null);
      say(manyToast(done, say));
    }} />`}`;
}

/** What is shown until the fleet is known, or why it is not. */
function NotYet({ store }) {
  const { since: lostAt, nextTry } = store.status;
  const problem = store.polling.problem ?? store.status.problem;
  if (lostAt && problem?.status === 403) {
    return html`<${Empty} title="You may not see this fleet"><p>${problem.message}</p><//>`;
  }
  if (lostAt && (store.polling.problem || !store.polling.running)) {
    return html`<${Unreachable} error=${problem} nextTry=${nextTry} onRetry=${() => store.tryNow()} />`;
  }
  return html`<${Loading} what=${store.arrived ? `Loading the fleet: ${plural(store.arrived, 'circuit')} so far` : 'Loading the fleet'} />`;
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
  const box = useRef();
  const shown = useRef([]);
  const latest = useMemo(() => (isInUse(box.current) && shown.current.length
    ? shown.current.map(({ agent_id: agent }) => store.circuits.get(agent)).filter(Boolean) : lastChanged(store.circuits)), [store.version]);
  shown.current = latest;
  return html`<section class="card recent" aria-labelledby="recent-title">
    <h2 id="recent-title">Latest changes</h2>
    ${latest.length === 0 && html`<p class="quiet">No circuit has changed its state yet.</p>`}
    <ol ref=${box}>
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
  <pre>curl ${address('/api/v1/circuits/planner/outcomes').href} \\
  -H "Authorization: Bearer $KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"outcome": "success"}'</pre>
<//>`;
