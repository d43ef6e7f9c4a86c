/* What an agent did lately, from its log. */

import { html } from './vendor/htm-preact.js';
import { agentPath, usePolled } from './agent-data.js';
import { actionType, isolated, kindText, latency, number, span, time } from './words.js';

/** One entry, as a line of the timeline. */
export function Entry({ entry }) {
  const figures = [
    entry.latency_ms !== null && latency(entry.latency_ms),
    entry.token_count !== null && `${number(entry.token_count)} tokens`,
    entry.cost_usd !== null && `$${entry.cost_usd.toFixed(4)}`,
    entry.retry_after_ms !== null && `asked to wait ${span(entry.retry_after_ms)}`,
    entry.depends_on.length > 0 && `depends on ${entry.depends_on.map(isolated).join(', ')}`,
    entry.caller !== null && `called by ${isolated(entry.caller)}`,
  ].filter(Boolean).join(' · ');
  return html`<li class=${`entry ${entry.status}`}>
    <time datetime=${entry.started_at} title=${entry.started_at}>${time(entry.started_at)}</time>
    <span class="step"><span class="from">${actionType(entry.action_type)}</span><strong>${entry.action_name ?? ''}</strong></span>
    <span class="cause">
      <span>${entry.status === 'success' ? entry.output_summary ?? 'Went well' : html`<${FailureWords} entry=${entry} />`}</span>
      ${figures && html`<span class="quiet">${figures}</span>`}
    </span>
  </li>`;
}

const FailureWords = ({ entry }) => html`<b class="failed">${entry.status === 'cancelled' ? 'Cancelled' : `Failed: ${kindText(entry.error_kind ?? 'ERROR')}`}</b>${
  entry.error_message && html` <q>${entry.error_message}</q>`}`;

/** The failures before a circuit opened, in a word each: `why it opened`. */
export function LastFailures({ agent, store, before }) {
  const [read] = usePolled(`${agentPath(agent)}/logs?status=failure&limit=20`, agent, store);
  const failures = (read?.logs ?? []).filter(entry => entry.started_at <= before).slice(0, 5);
  return failures.length > 0 && html`<div><dt>Last failures</dt><dd><ul class="failures">${failures.map(entry => html`<li key=${entry.entry_id ?? entry.started_at}>
    <time datetime=${entry.started_at}>${time(entry.started_at)}</time> <b>${kindText(entry.error_kind ?? 'ERROR')}</b>${entry.action_name && html` <span class="agent-name">${entry.action_name}</span>`}${
      entry.error_message && html` <q>${entry.error_message}</q>`}</li>`)}</ul></dd></div>`;
}
