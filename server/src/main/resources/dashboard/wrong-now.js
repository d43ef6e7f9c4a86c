/* What is wrong now: each incident with its cause, whom it hurts, since when, and what one can do about it. */

import { html, useRef, useState } from './vendor/htm-preact.js';
import { ActionDialog } from './actions.js';
import { get, serverNow } from './api.js';
import { About, Failed, useLoaded, useTick } from './parts.js';
import { Glyph } from './shapes.js';
import { useSteadyOrder } from './steady.js';
import { causeText, isolated, kindText, number, plural, shortActor, since, time, why } from './words.js';

/** A phone's first screen has room for fewer. */
const shown = () => (matchMedia('(max-width: 700px)').matches ? 3 : 5);

const FOLLOWERS = 24;

/** An incident says no later than this that one of its circuits has closed. */
const REPORTED_WITHIN = 10_000;

const MAY_ACT = ['operator', 'admin'];

const agentLink = name => html`<a href=${`#/agents/${encodeURIComponent(name)}`}>${isolated(name)}</a>`;

/**
 * The worst first; a quiet line where nothing is wrong, or where that is not known.
 *
 * @param reach whether `all` or `some` calls are stopped, or `none`; null if that is not known
 */
export function WrongNow({ store, me, reach, say }) {
  useTick(1000);
  const [all, setAll] = useState(false);
  const [most] = useState(shown);
  const [holding, setHolding] = useState(null);
  const { incidents } = store;
  const box = useRef();
  const wrong = useSteadyOrder(box, incidents.wrong(), each => each.id);
  const asOf = asOfWhen(store);
  if (wrong.length === 0) {
    return html`<p class="all-well" role="status">${!store.knowsWrong()
      ? unknown(store, asOf)
      : html`<${Well} quiet=${incidents.quiet().length} reach=${reach} />`}</p>`;
  }
  const done = ({ durable }) => {
    store.refresh(holding.agent_id).catch(() => {});
    setHolding(null);
    say(durable === false ? 'Done. The database is away; the action will be stored when it is back.' : 'Done, and stored.');
  };
  return html`<section class="card wrong-now" aria-labelledby="wrong-title">
    <div class="card-head">
      <div class="titled"><h2 id="wrong-title">${store.knowsWrong() ? 'Wrong now' : `Wrong ${asOf ? `as of ${asOf}` : 'as far as is known'}`}: ${plural(wrong.length, 'incident')}</h2><${About} page="incidents.html" of="incidents" /></div>
      <span class="ways"><a href="docs/operations/runbook.html">Runbook</a> <a href="#/incidents">All incidents</a></span>
    </div>
    <ol ref=${box}>
      ${wrong.slice(0, all ? Infinity : most).map(each => html`<${Wrong} key=${each.id} incident=${each} store=${store}
        onHold=${MAY_ACT.includes(me.role) ? setHolding : null} />`)}
    </ol>
    ${wrong.length > most && html`<button type="button" class="plain more" aria-expanded=${all ? 'true' : 'false'}
      onClick=${() => setAll(!all)}>${all ? 'Only the worst' : `${number(wrong.length - most)} more`}</button>`}
    ${holding && html`<${ActionDialog} action="hold_open" circuit=${holding} needsReason=${me.reason_required}
      onClose=${() => setHolding(null)} onDone=${done} />`}
  </section>`;
}

/** Nothing is open; but people or budgets may have stopped calls, and what has just closed may open again. */
function Well({ quiet, reach }) {
  const isStopped = reach === 'all' || reach === 'some';
  return html`${!isStopped && html`<${Glyph} state="closed" size=${14} />`}
    <span>${isStopped && html`<b class="stopped-word">${reach === 'all' ? 'All calls are refused' : 'Some calls are refused'}</b>: what is stopped is at the top. `}${quiet > 0
      ? `All circuits of ${plural(quiet, 'incident')} have closed again; ${quiet === 1 ? 'it ends' : 'they end'} if that lasts.`
      : 'No incident goes on.'}</span>
    <a href="#/incidents">${quiet > 0 ? 'All incidents' : 'Those that have ended'}</a>`;
}

/** When incidents were read last, if they are not up to date; null if that is not known. */
function asOfWhen({ incidents, database }) {
  const at = incidents.problem ? incidents.readAt : database.seenAt;
  return at ? time(new Date(at).toISOString()) : null;
}

/** What is shown in place of a false "nothing is wrong". */
function unknown({ incidents, counts }, asOf) {
  if (!incidents.known && !incidents.problem) {
    return 'Asking what is wrong now …';
  }
  return html`<span>What is wrong now is not known${asOf ? ` since ${asOf}` : ''}: ${incidents.problem?.message ?? 'the database is away.'}
    ${' '}${plural(counts.open, 'circuit')} ${counts.open === 1 ? 'is' : 'are'} open.</span>`;
}

function Wrong({ incident, store, onHold }) {
  const [unfolded, setUnfolded] = useState(false);
  const circuit = store.circuits.get(incident.root);
  const others = othersOpen(incident, circuit);
  const list = `follow-${incident.id}`;
  return html`<li>
    <${Glyph} state=${circuit && !incident.suspected ? circuit.state : 'open'} held=${Boolean(circuit?.hold)} size=${16} />
    <span class="root">${agentLink(incident.root)}${incident.suspected && html` <span class="tag">suspected</span>`}</span>
    <span class="why">${reason(incident, circuit, others)}</span>
    <span class="what">${whom(incident, others)}</span>
    <span class="age">for ${since(incident.began)}</span>
    <span class="do">
      ${others > 0 && html`<button type="button" class="plain" aria-expanded=${unfolded ? 'true' : 'false'} aria-controls=${list}
        onClick=${() => setUnfolded(!unfolded)}>${unfolded ? 'Hide' : 'Show'} ${plural(others, 'other')}</button>`}
      ${onHold && circuit && circuit.state !== 'closed' && !circuit.hold && html`<button type="button" class="plain" onClick=${() => onHold(circuit)}>Hold open …</button>`}
      <a class="story" href=${`#/incidents/${encodeURIComponent(incident.id)}`}>Story<span class="hidden"> of ${isolated(incident.root)}</span></a>
    </span>
    ${unfolded && html`<div class="followers" id=${list}><${Followers} incident=${incident} /></div>`}
  </li>`;
}

/** Why the root is what it is, in a sentence. */
function reason(incident, circuit, others) {
  if (incident.suspected) {
    return 'Circuits that depend on it have opened; its own has not.';
  }
  if (circuit?.hold) {
    return `Held ${circuit.state === 'open' ? 'open' : 'closed'} by ${shortActor(circuit.hold.actor)}${circuit.hold.reason ? `: “${isolated(circuit.hold.reason)}”` : '.'}`;
  }
  if (!circuit) {
    return '';
  }
  if (circuit.state === 'closed') {
    return others > 0 ? 'It has closed again; what opened with it is still open.'
      : `All has closed; the incident ends ${incident.ends_at ? `at ${time(incident.ends_at)} ` : ''}if that lasts.`;
  }
  return circuit.cause === 'override'
    ? `Opened by ${shortActor(circuit.actor)}${circuit.reason ? `: “${isolated(circuit.reason)}”` : '.'}`
    : why(circuit) ?? '';
}

/** How many circuits other than the root are open. An incident reports a little later than its root that the root has closed. */
function othersOpen(incident, circuit) {
  const isClosed = circuit?.state === 'closed';
  const isCounted = !incident.suspected && !(isClosed && serverNow() - Date.parse(circuit.since) > REPORTED_WITHIN);
  return Math.max(0, incident.open - (isCounted ? 1 : 0));
}

function whom(incident, others) {
  const parts = [];
  incident.depending > 0 && parts.push(`${plural(incident.depending, 'agent')} depend${incident.depending === 1 ? 's' : ''} on it`);
  incident.refused > 0 && parts.push(`${plural(incident.refused, 'call')} refused`);
  others > 0 && parts.push(`${plural(others, 'other circuit')} open`);
  return parts.join(' · ');
}

/** The circuits that opened with the root and are open still. */
function Followers({ incident }) {
  const [story, error, again] = useLoaded(
    () => get(`/api/v1/incidents/${encodeURIComponent(incident.id)}`), [incident.id, incident.open, incident.circuits]);
  if (!story) {
    return error ? html`<${Failed} error=${error} onRetry=${again} />` : html`<p class="quiet" role="status">Loading …</p>`;
  }
  const open = story.affected.filter(each => each.follows && !each.closed_at);
  return html`<ul aria-label=${`Open with ${incident.root}`}>
      ${open.slice(0, FOLLOWERS).map(each => html`<li key=${each.agent_id}><${Glyph} state="open" size=${13} />${agentLink(each.agent_id)}
        <span class="quiet">${causeText(each.cause)}${each.kind ? `: ${kindText(each.kind)}` : ''}</span></li>`)}
    </ul>
    ${open.length > FOLLOWERS && html`<p class="quiet">and ${number(open.length - FOLLOWERS)} more, in its story</p>`}`;
}
