/* What is stopped: the band at the top of each page, with the way to resume and to raise. */

import { html, useState } from './vendor/htm-preact.js';
import { linesOf, notConfirmedText, stoppedText, usedUpText } from './gates.js';
import { About, Quote } from './parts.js';
import { confirmedText, ResumeDialog, Unconfirmed } from './stops.js';
import { number, shortActor, time } from './words.js';

/** So many lines are shown at first, and on a phone; a stop of everything always is. */
const NARROW = '(max-width: 700px)';
const shown = () => (matchMedia(NARROW).matches ? 2 : 3);

/** A longer reason is cut until somebody unfolds the band. */
const long = () => (matchMedia(NARROW).matches ? 80 : 160);

/** The beginning of a long text, cut between words: half an address would lead elsewhere. */
const beginning = text => (text.length <= long() ? text : `${/^[^]*(?=\s)/.exec(text.slice(0, long() + 1))?.[0] ?? ''} …`);

/** In full width on each page while anything is stopped. */
export function Stopped({ stopped, me, say, onChange }) {
  const [all, setAll] = useState(false);
  const [most] = useState(shown);
  const [resumed, setResumed] = useState(null);
  if (!stopped) {
    return html`<div role="status">${stopped === false && html`<p class="lost">It is not known whether anything is stopped: the server does not answer.</p>`}</div>`;
  }
  const lines = linesOf(stopped.gates);
  const first = Math.max(most, lines.filter(line => line.gate?.covers === 'organization').length);
  const visible = all ? lines : lines.slice(0, first);
  const rest = lines.length - first;
  const foldable = rest > 0 || lines.some(line => line.gate?.reason && line.gate.reason.length > long());
  const behind = stopped.not_confirmed;
  return html`<div role="status">${lines.length > 0 && html`<section class="lost stopped" aria-label="Stopped">
    <ul>
      ${visible.map(line => html`<li key=${line.key}>${line.budget
        ? html`<${UsedUp} line=${line} me=${me} />`
        : html`<${Stop} gate=${line.gate} whole=${all} me=${me} onResume=${setResumed} />`}</li>`)}
    </ul>
    <${About} page="gates.html" of="what is stopped, and how it goes on" />
    ${foldable && html`<button type="button" class="plain" aria-expanded=${all ? 'true' : 'false'} onClick=${() => setAll(!all)}>${all
      ? 'Less' : rest > 0 ? `${number(rest)} more` : 'Whole text'}</button>`}
    ${behind.length > 0 && html`<${Behind} all=${behind} />`}
  </section>`}</div>
  ${resumed && html`<${ResumeDialog} gate=${resumed} me=${me} onClose=${() => setResumed(null)} onDone=${done => {
    setResumed(null);
    onChange();
    say(`Resumed. ${confirmedText(done)}`);
  }} />`}`;
}

function Stop({ gate, whole, me, onResume }) {
  const reason = gate.reason && (whole ? gate.reason : beginning(gate.reason));
  return html`
    <p>${stoppedText(gate, me.organization_id)} have been refused${' '}since ${time(gate.since)} by ${shortActor(gate.author)}${reason && html`: <${Quote} text=${reason} />`}${gate.until ? `, until ${time(gate.until)}` : ''}.</p>
    ${me.role !== 'viewer' && html`<button type="button" class="plain" onClick=${() => onResume(gate)}>Resume …</button>`}`;
}

/** A budget cannot be resumed: its gates would be put again. */
const UsedUp = ({ line, me }) => html`
  <p>${usedUpText(line)}${me.role !== 'admin' && ' An admin can raise it.'}</p>
  ${me.role === 'admin' && html`<a class="raise" href=${`#/budgets?raise=${encodeURIComponent(line.budget)}`}>Raise …<span class="hidden"> the budget ${line.budget}</span></a>`}`;

/** Who may still be let through. */
function Behind({ all }) {
  const [unfolded, setUnfolded] = useState(false);
  return html`<div class="behind">
    <p>${notConfirmedText(all)} <button type="button" class="plain" aria-expanded=${unfolded ? 'true' : 'false'}
      onClick=${() => setUnfolded(!unfolded)}>${unfolded ? 'Hide' : 'Show which'}</button></p>
    ${unfolded && html`<${Unconfirmed} all=${all} />`}
  </div>`;
}
