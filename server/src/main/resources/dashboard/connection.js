/* Whether the page can be trusted: the state of the stream, and of the server's database. */

import { html } from './vendor/htm-preact.js';
import { useStore, useTick } from './parts.js';
import { span, time } from './words.js';

/** An interruption that is shorter is not shown. */
const BRIEF = 1500;

const clock = at => time(new Date(at).toISOString());

/** A word of the header. */
export function Live({ store }) {
  useStore(store);
  const { live, since } = store.status;
  const polled = !live && store.isPolled();
  const text = live && store.loaded ? 'Live' : polled ? `Every ${span(store.polling.every)}` : since ? 'Not live' : 'Connecting';
  return html`<span class=${`live ${live && store.loaded ? 'on' : polled ? 'polled' : since ? 'off' : ''}`} role="status">${text}</span>`;
}

/** In full width: a lost connection, or a stream that does not get through, and since when the page may be wrong. */
export function Connection({ store }) {
  useStore(store);
  useTick(1000);
  const { live, since, nextTry, problem } = store.status;
  const hidden = live || !since || !store.loaded || Date.now() - since < BRIEF;
  const polled = !hidden && store.isPolled();
  const asOf = store.polling.readAt ?? since;
  const wait = nextTry - Date.now();
  return html`<div role="status">${polled && html`<div class="lost polled">
      <p><strong>No live updates.</strong> ${refused(problem)} The fleet is read every ${span(store.polling.every)} instead<span aria-hidden="true">, last at ${clock(asOf)}</span>.</p>
      <button type="button" class="plain" onClick=${() => store.tryNow()}>Try now</button>
    </div>`}</div>
    ${!hidden && !polled && html`<div class="lost" role="alert">
      <p><strong>Connection lost.</strong> What you see is how it was at ${clock(asOf)}<span aria-hidden="true">, ${span(Date.now() - asOf)} ago. ${wait > 0 ? `Next try in ${span(wait)}.` : 'Trying …'}</span></p>
      <button type="button" class="plain" onClick=${() => store.tryNow()}>Try now</button>
    </div>`}`;
}

const refused = problem => (problem && problem.status !== 0
  ? `The live stream is refused: ${problem.message}`
  : 'The live stream does not get through: a proxy on the way may not pass on WebSockets.');

/** Without its database the server goes on, but data that only the database has is old, or unknown. */
export function Database({ store }) {
  useStore(store);
  const { seenAt } = store.database;
  return html`<div role="status">${store.isDatabaseAway() && html`<p class="lost database">
    <span><strong>The database is away${seenAt ? ` since ${clock(seenAt)}` : ''}.</strong> States are live, and actions take effect at once; they are stored when it is back. Incidents, events, logs and charts are ${seenAt ? 'as of then' : 'of before'}, or unknown.</span>
  </p>`}</div>`;
}

/** A server that goes by its own figures: its circuits may differ from those of the others. */
export function Detached({ store }) {
  useStore(store);
  return html`<div role="status">${store.detached && html`<p class="lost detached">
    <span><strong>Detached from Redis.</strong> Shared circuits go by the figures of this server alone until Redis answers again. Actions are carried out here now, and reported to the other servers then.</span>
    <a href="docs/operations/runbook.html#redis-is-away">What to do</a>
  </p>`}</div>`;
}
