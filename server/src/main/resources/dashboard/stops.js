/* The dialogs that stop and resume. */

import { html, useEffect, useState } from './vendor/htm-preact.js';
import { call } from './api.js';
import { stoppedText } from './gates.js';
import { ActionForm, Dialog, Field } from './parts.js';
import { End, endOf, useEnd } from './until.js';
import { isolated, number, plural, shortActor } from './words.js';

const PREVIEW_AFTER = 300;
const LONGEST_REASON = 1024;
const FIRST = 6;

const COVERS = {
  organization: 'everything',
  agents: 'calls of some agents',
  upstream: 'calls that use a model, a tool or a key',
};

export const confirmedText = done => `Confirmed by ${plural(done.processes, 'process', 'processes')}${done.clients ? ` and ${plural(done.clients, 'client')}` : ''}.`;

/** The dialog that lets calls through again. */
export function ResumeDialog({ gate, me, onClose, onDone }) {
  const [reason, setReason] = useState('');
  const [done, setDone] = useState(null);
  if (done) {
    return html`<${NotEverywhere} done=${done} title="Resumed, but not everywhere yet" onClose=${() => onDone(done)} />`;
  }
  const submit = async () => {
    const { json } = await call('POST', '/api/v1/actions', { action: 'resume', id: gate.id, reason: reason.trim() || null });
    json.not_confirmed.length ? setDone(json) : onDone(json);
  };
  return html`<${Dialog} title="Resume" onClose=${onClose}>
    <${ActionForm} onSubmit=${submit} onClose=${onClose} confirm="Resume" disabled=${me.reason_required && !reason.trim()}>
      <p>${stoppedText(gate, me.organization_id)} are let through again. Circuits decide as if nothing had been stopped: open circuits are still open, held ones still held.</p>
      <${Reason} me=${me} reason=${reason} onReason=${setReason} />
    <//>
  <//>`;
}

/** The dialog that stops. @param upstream what to begin with, or null */
export function StopDialog({ me, upstream = null, onClose, onDone }) {
  const [covers, setCovers] = useState(upstream ? 'upstream' : 'organization');
  const [pattern, setPattern] = useState(upstream ?? '');
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const end = useEnd('none');
  const [preview, setPreview] = useState(null);
  const [done, setDone] = useState(null);
  const what = covers === 'organization' ? { covers } : { covers, pattern: pattern.trim() };
  const name = covers === 'organization' ? me.organization_id : pattern.trim();

  useEffect(() => {
    setPreview(null);
    if (!name) {
      return undefined;
    }
    let wanted = true;
    const timer = setTimeout(() => call('POST', '/api/v1/actions', { action: 'stop', ...what, dry_run: true }).then(
      ({ json }) => wanted && setPreview(json),
      error => wanted && setPreview({ error: error.message }),
    ), PREVIEW_AFTER);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [covers, name]);

  if (done) {
    return html`<${NotEverywhere} done=${done} title="Stopped, but not everywhere yet" onClose=${() => onDone(done)} />`;
  }
  const submit = async () => {
    const { json } = await call('POST', '/api/v1/actions', {
      action: 'stop', ...what, reason: reason.trim() || null, until: endOf(end),
    });
    json.not_confirmed.length ? setDone(json) : onDone(json);
  };
  const incomplete = !name || typed.trim() !== name || end.isIncomplete || me.reason_required && !reason.trim();
  return html`<${Dialog} title="Stop" onClose=${onClose}>
    <${ActionForm} onSubmit=${submit} onClose=${onClose} confirm="Stop" tone="grave" disabled=${incomplete}>
      <${Field} id="covers" label="What">
        <select id="covers" value=${covers} onChange=${event => setCovers(event.target.value)}>
          ${Object.entries(COVERS).map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
        </select>
      <//>
      ${covers !== 'organization' && html`<${Field} id="pattern" label=${covers === 'agents' ? 'Agents' : 'Model, tool or key'}
          hint=${covers === 'agents' ? 'A name; * stands for any characters: planner-*' : 'A name; * stands for any characters: model:*'}>
        <input id="pattern" value=${pattern} aria-describedby="pattern-hint" spellcheck=${false} autocapitalize="none" autocomplete="off"
          onInput=${event => setPattern(event.target.value)} />
      <//>`}
      <p class="note" role="status">${previewText(preview, covers, name)}</p>
      <${End} end=${end} never="until somebody resumes" />
      <${Reason} me=${me} reason=${reason} onReason=${setReason} />
      <${Field} id="typed" label=${typedText(covers, name)}>
        <input id="typed" value=${typed} spellcheck=${false} autocapitalize="none" autocomplete="off" onInput=${event => setTyped(event.target.value)} />
      <//>
    <//>
  <//>`;
}

/** What somebody types to confirm a stop. */
function typedText(covers, name) {
  const typed = html`<span class="agent-name">${name}</span>`;
  if (!name) {
    return 'Type the name to confirm';
  }
  return covers === 'organization' ? html`Type the organization’s name, ${typed}, to confirm` : html`Type ${typed} to confirm`;
}

function previewText(preview, covers, name) {
  if (preview?.error) {
    return preview.error;
  }
  if (!name) {
    return 'Say which ones.';
  }
  if (!preview) {
    return 'Counting …';
  }
  const first = preview.agents.slice(0, FIRST);
  const rest = preview.found - first.length;
  const of = preview.found === 1 ? '1 agent, model, tool or key' : `${number(preview.found)} agents, models, tools and keys`;
  return html`${covers === 'upstream' ? html`All new calls that use it will be refused from now on. It covers ${of} at the moment` : `All new calls of ${of} will be refused from now on`}${first.length
    ? html`: ${first.map((each, i) => html`${i > 0 ? ', ' : ''}<span class="agent-name">${each}</span>`)}${rest > 0 ? ` and ${number(rest)} more` : ''}` : ''}.
    Calls under way go on. No circuit changes.${preview.replaces ? ` It is stopped already, by ${shortActor(preview.replaces.author)}: this replaces that stop.` : ''}`;
}

export const Reason = ({ me, reason, onReason }) => html`
  <${Field} id="reason" label="Reason" hint=${`${me.reason_required ? 'This server requires one. ' : ''}Everybody of the organization sees it, and it is kept in the audit trail.`}>
    <textarea id="reason" rows="2" maxlength=${LONGEST_REASON} value=${reason} required=${me.reason_required} aria-describedby="reason-hint"
      onInput=${event => onReason(event.target.value)}></textarea>
  <//>`;

/** Who has not confirmed, and what each will do. */
function NotEverywhere({ done, title, onClose }) {
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <p>${confirmedText(done)} Not confirmed:</p>
    <${Unconfirmed} all=${done.not_confirmed} />
    <div class="buttons"><button type="button" class="primary" onClick=${onClose}>Close</button></div>
  <//>`;
}

/** Those who have not confirmed, with what each will do. */
export const Unconfirmed = ({ all }) => html`<ul class="unconfirmed" tabindex="0" aria-label="Not confirmed">
  ${all.map(each => html`<li key=${each.what + each.name}><b>${each.what} <span class="agent-name">${each.name}</span></b>. ${each.detail}.</li>`)}
</ul>`;

/** What a toast says of a stop. */
export const stoppedToast = (done, organization) =>
  `Stopped: ${done.gate.covers === 'organization' ? isolated(organization) : isolated(done.gate.pattern)}. ${confirmedText(done)}`;
