/* What happened in the fleet: the audit trail of all circuits, the newest first, with filters that its address keeps. */

import { html, useEffect, useRef } from './vendor/htm-preact.js';
import { Line } from './audit.js';
import { serverNow } from './api.js';
import { Choice, PageTitle } from './parts.js';
import { Filters, PAGE, search, Trail, useTrail } from './trail.js';
import { causeText, KNOWN_CAUSES, KNOWN_KINDS, kindText } from './words.js';

const SPANS = { '1h': ['Last hour', 3_600_000], '24h': ['Last 24 hours', 86_400_000], '7d': ['Last 7 days', 604_800_000] };

/** During a storm of changes, how often it is read at most. */
const LOOK_AGAIN = 1000;

export function Events({ store, query }) {
  const trail = useTrail({
    page: 'events',
    fields: ['agent', 'cause', 'kind', 'actor', 'within'],
    query,
    wanted: filters => `/api/v1/transitions?${wanted(filters)}`,
    name: 'transitions',
  });
  const { filters, rows, set } = trail;

  // New lines are shown as long as nobody has gone on to older ones.
  const first = useRef(true);
  first.current = rows === null || rows.length <= PAGE;
  useEffect(() => {
    let timer = null;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = null;
        first.current && !document.hidden && trail.newest();
      }, LOOK_AGAIN);
    };
    const off = store.onChange(soon);
    document.addEventListener('visibilitychange', soon); // what happened while nobody looked
    return () => {
      off();
      document.removeEventListener('visibilitychange', soon);
      clearTimeout(timer);
    };
  }, [trail.key]);

  return html`
    <${PageTitle} title="Events" page="dashboard.html#events" />
    <${Filters} trail=${trail} label="Filter events">
      <input type="search" aria-label="Agent; * stands for anything" placeholder="Agent, or model:*" value=${filters.agent}
        onInput=${event => set('agent', event.target.value.trim())} />
      <${Choice} label="Cause" any="Any cause" value=${filters.cause} values=${KNOWN_CAUSES.map(name => [name, causeText(name)])} onChange=${value => set('cause', value)} />
      <${Choice} label="Kind of failure" any="Any failure" value=${filters.kind} values=${KNOWN_KINDS.map(name => [name, kindText(name)])} onChange=${value => set('kind', value)} />
      <${Choice} label="Time" any="Any time" value=${filters.within} values=${Object.entries(SPANS).map(([name, [text]]) => [name, text])} onChange=${value => set('within', value)} />
    <//>
    <${Trail} trail=${trail} title="Events" unit="event" never="Nothing has happened yet"
      hint="Each change of a circuit, and each action of a person, appears here."
      line=${row => html`<${Line} key=${row.id} row=${row} named=${true} />`} />`;
}

function wanted({ within, ...others }) {
  const query = search(others);
  SPANS[within] && query.set('since', new Date(serverNow() - SPANS[within][1]).toISOString());
  return query;
}
