/* What is known of an agent's probe: whether it decides, how it went, and when it comes next. */

import { html } from './vendor/htm-preact.js';
import { Titled, useTick } from './parts.js';
import { remaining, since, time } from './words.js';

export function Probe({ circuit }) {
  const { probe, not_probed: notProbed } = circuit;
  if (!probe && !notProbed) {
    return null;
  }
  return html`<section class="card probe" aria-labelledby="probe-title">
    <${Titled} id="probe-title" title="Probe" page="probes.html" of="probes" />
    ${notProbed && html`<p class="note bad">This server does not carry it out, so the circuit is tried with real calls. ${notProbed}</p>`}
    ${probe && html`<${Status} probe=${probe} />`}
  </section>`;
}

function Status({ probe }) {
  useTick(1000);
  return html`
    <p>${probe.trusted
      ? 'Trusted: once the circuit is open, probes say when real calls are tried again.'
      : 'Not trusted yet, or not any more: the circuit is tried with real calls. A probe that succeeds while the circuit is closed earns trust.'}</p>
    <dl class="facts">
      <div><dt>Last</dt><dd>${probe.last_at ? last(probe) : 'None so far.'}</dd></div>
      ${probe.next_at && html`<div><dt>Next</dt><dd>${time(probe.next_at)} <span class="quiet">${remaining(probe.next_at)}</span></dd></div>`}
      ${probe.real_trial_at && html`<div><dt>Real trial</dt><dd>${time(probe.real_trial_at)} <span class="quiet">at the latest, whatever probes say</span></dd></div>`}
    </dl>`;
}

const last = probe => html`<b>${probe.last_good ? 'Good' : 'Failed'}</b>${probe.last_failure ? `: ${probe.last_failure}` : ''}, ${time(probe.last_at)} <span class="quiet">${since(probe.last_at)} ago</span>`;
