/* A line of the audit trail: what changed, by whom and why. */

import { html } from './vendor/htm-preact.js';
import { Quote } from './parts.js';
import { Glyph } from './shapes.js';
import { ACTIONS, causeText, isolated, kindText, plural, shortActor, span, STATES, time } from './words.js';

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
        : html`${whatHappened(row)}${row.kind ? `: ${kindText(row.kind)}` : ''}${row.actor && row.actor !== row.cause ? ` (${shortActor(row.actor)})` : ''}`}${row.reason && html`: <${Quote} text=${row.reason} />`}</span>
      ${figures(row)}
    </span>
  </li>`;
}

/** What moved the circuit by itself; good health moves nothing, but ends the cooldown of an open circuit. */
function whatHappened({ cause, from, to }) {
  if (cause !== 'health') {
    return sentence(causeText(cause));
  }
  return from === to ? 'Trials allowed early: health recovered' : 'Health critical';
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
