/* The health of an agent, next to the state of its circuit: score, issues, and past health. */

import { html } from './vendor/htm-preact.js';
import { agentPath, usePolled } from './agent-data.js';
import { Failed, Titled } from './parts.js';
import { HEALTH, healthChange, latency, number, percent, plural, time } from './words.js';

const CHANGES = 5;

export function Health({ agent, circuit, store, health, error }) {
  const [past] = usePolled(`${agentPath(agent)}/health/history?limit=100`, agent, store);
  const changes = (past?.history ?? []).filter(line => line.transition).slice(0, CHANGES);
  if (!health) {
    return error && html`<section class="card" aria-label="Health"><${Failed} error=${error} /></section>`;
  }
  const { five_minutes: recent, hour, since_opening: opened } = health;
  return html`<section class="card health" aria-labelledby="health-title">
    <${Titled} id="health-title" title="Health" page="health.html" />
    <p class="score">
      <strong class=${`health-word ${health.status}`}>${HEALTH[health.status]}</strong>
      ${health.status !== 'unknown' && html`<span class="score-bar" role="img" aria-label=${`Score ${health.score} of 100`}>
        <i class=${health.status} style=${{ width: `${health.score}%` }}></i></span><span class="quiet">${number(health.score)} of 100, since <time datetime=${health.since} title=${health.since}>${time(health.since)}</time></span>`}
    </p>
    ${beside(circuit, health.status)}
    ${health.issues.length > 0 && html`<ul class="issues">${health.issues.map(issue => html`<li key=${issue.code}>${sentence(issue.detail)}.</li>`)}</ul>`}
    <dl class="spans">
      <${Span} name="Five minutes" figures=${recent} />
      <${Span} name="Hour" figures=${hour} />
      ${opened && html`<${Span} name="Since it opened" figures=${opened} />`}
    </dl>
    ${changes.length > 0 && html`<ol class="changes" aria-label="Latest changes of health">${changes.map(line => html`<li key=${line.at}>
      <time datetime=${line.at} title=${line.at}>${time(line.at)}</time><span>${healthChange(line.transition)}</span><span class="quiet">${number(line.score)}</span>
    </li>`)}</ol>`}
  </section>`;
}

/** Why health and state can differ, where they do. */
function beside(circuit, status) {
  if (circuit.state === 'open' && (status === 'healthy' || status === 'degraded')) {
    return html`<p class="quiet beside">Its circuit is open all the same: health is judged by all calls of the last five minutes, the circuit by ${circuit.hold ? 'who holds it' : 'its policy'}.</p>`;
  }
  return circuit.state === 'closed' && status === 'critical' && html`<p class="quiet beside">Its circuit is closed all the same: ${circuit.hold ? 'somebody holds it' : 'its policy counts in another way than health does'}.</p>`;
}

function Span({ name, figures }) {
  const words = figures.calls === 0 ? 'no calls' : [
    plural(figures.calls, 'call'),
    figures.success_rate !== null && `${percent(figures.success_rate)} good`,
    Number.isFinite(figures.p95_ms) && `p95 ${latency(figures.p95_ms)}`,
  ].filter(Boolean).join(', ');
  return html`<div><dt>${name}</dt><dd>${words}</dd></div>`;
}

const sentence = text => text.charAt(0).toUpperCase() + text.slice(1);
