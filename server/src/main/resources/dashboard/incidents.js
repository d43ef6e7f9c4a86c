/* Incidents, current and past, and one of them with its story. */

import { html, useEffect, useState } from './vendor/htm-preact.js';
import { Line } from './audit.js';
import { call, get } from './api.js';
import { usePolled } from './agent-data.js';
import { Empty, Failed, Loading, PageTitle, Titled, useLoaded, useStore, useTick, When } from './parts.js';
import { Glyph } from './shapes.js';
import { causeText, isolated, kindText, number, plural, since, span, time } from './words.js';

/** What a line of an incident's timeline leaves out. */
const PLAIN = { hold_until: null, repeated: false, calls: 0, failures: 0, consecutive_failures: 0, cooldown_ms: null, skipped: 0 };

const agentLink = name => html`<a href=${`#/agents/${encodeURIComponent(name)}`}>${isolated(name)}</a>`;

/** Whether it goes on, has all closed, or has ended. */
function goes({ began, ended, open, quiet_since: quiet, ends_at: ends }) {
  if (ended) {
    return `ended after ${span(Date.parse(ended) - Date.parse(began))}`;
  }
  return open > 0 ? `has gone on for ${since(began)}`
    : `all closed${quiet ? ` since ${time(quiet)}` : ''}; ends if it stays so${ends ? ` until ${time(ends)}` : ''}`;
}

/** How many circuits it opened, and how many calls they refused. */
const did = ({ circuits, refused }) => `${plural(circuits, 'circuit')} opened${refused > 0 ? `, ${plural(refused, 'call')} refused` : ''}`;

const isQuiet = ({ ended, open }) => !ended && open === 0;

/** A line of its timeline as one of the audit trail: a hold leaves the circuit held. */
const lineOf = row => ({ ...PLAIN, held: row.action?.startsWith('hold_') ?? false, ...row });

/** The page with all of them. */
export function Incidents() {
  const [read, setRead] = useState(null);
  const [error, setError] = useState(null);
  const load = async (path, before) => {
    try {
      const answer = await call('GET', path);
      setRead({ rows: [...before, ...answer.json.incidents], next: answer.next, at: Date.now() });
      setError(null);
    } catch (failure) {
      setError(failure);
    }
  };
  const newest = () => load('/api/v1/incidents', []);
  useEffect(() => {
    newest();
  }, []);
  return html`
    <${PageTitle} title="Incidents" page="incidents.html" />
    ${error && html`<${Failed} error=${error} onRetry=${newest} at=${read?.at} />`}
    ${!read && !error && html`<${Loading} what="Loading incidents" />`}
    ${read && html`<section class="card audit incidents" aria-label="Incidents">
      <p class="found" role="status">${read.rows.length === 0 ? 'No incidents' : `${plural(read.rows.length, 'incident')}${read.next ? ', and older ones' : ''}`}</p>
      ${read.rows.length === 0 && html`<${Empty} title="Nothing has gone wrong yet"><p>Circuits that open for one cause appear here as one incident.</p><//>`}
      ${read.rows.length > 0 && html`<ol class="incident-list">${read.rows.map(each => html`<li key=${each.id}>
        <${When} at=${each.began} />
        <span class="root"><${Glyph} state=${each.state === 'live' && each.open > 0 ? 'open' : 'closed'} size=${14} />
          <a href=${`#/incidents/${encodeURIComponent(each.id)}`}>${isolated(each.root)}</a>${each.suspected && html` <span class="quiet">suspected</span>`}</span>
        <span class="what">${isQuiet(each) ? `${did(each)}; ${goes(each)}` : `${goes(each)}: ${did(each)}`}</span>
      </li>`)}</ol>`}
      ${read.next && html`<button type="button" class="plain" onClick=${() => load(read.next, read.rows)}>Older</button>`}
    </section>`}`;
}

/** One with its circuits and what happened. */
export function Incident({ id, store }) {
  useStore(store);
  useTick(1000);
  const path = `/api/v1/incidents/${encodeURIComponent(id)}`;
  const [story, error, at] = usePolled(path, null, store);
  const [, firstError, again] = useLoaded(() => get(path), [path]);
  if (firstError) {
    return html`<${PageTitle} title="Incident" /><${Failed} error=${firstError} onRetry=${again} />`;
  }
  if (!story) {
    return html`<${PageTitle} title="Incident" /><${Loading} what="Loading the incident" />`;
  }
  return html`
    <${PageTitle} title=${`Incident of ${story.root}`} />
    ${error && html`<${Failed} error=${error} at=${at} />`}
    <div class="column incidents">
      <section class="card" aria-label="What it is">
        <p class="incident-sentence"><${Glyph} state=${story.open > 0 ? 'open' : 'closed'} size=${18} />
          <span>${story.suspected ? 'Suspected root' : 'Root'}: <b>${agentLink(story.root)}</b>.
          Began <${When} at=${story.began} />, ${goes(story)}.${' '}
          ${number(story.open)} of ${plural(story.circuits, 'circuit')} open. ${plural(story.depending, 'agent')} depend on the root. ${plural(story.refused, 'call')} refused.</span></p>
        ${story.merged_into && html`<p class="note">It turned out to be part of <a href=${`#/incidents/${encodeURIComponent(story.merged_into)}`}>another incident</a>.</p>`}
      </section>
      <section class="card audit" aria-labelledby="opened-title">
        <${Titled} id="opened-title" title="What opened" page="incidents.html" of="how openings become one incident" />
        <ol class="incident-list">${story.affected.map(each => html`<li key=${each.agent_id}>
          <${When} at=${each.opened_at} />
          <span class="root"><${Glyph} state=${each.closed_at ? 'closed' : 'open'} size=${14} />${agentLink(each.agent_id)}${!each.follows && html` <span class="quiet">root</span>`}</span>
          <span class="what">${causeText(each.cause)}${each.kind ? `: ${kindText(each.kind)}` : ''}, ${plural(each.openings, 'opening')}${each.closed_at ? html`, closed <${When} at=${each.closed_at} />` : ''}</span>
        </li>`)}</ol>
      </section>
      <section class="card audit events" aria-labelledby="timeline-title">
        <h2 id="timeline-title">Timeline</h2>
        <ol class="trail">${story.timeline.map((row, i) => html`<${Line} key=${`${row.at} ${i}`} row=${lineOf(row)} named=${true} />`)}</ol>
      </section>
    </div>`;
}
