/* Actions on a circuit: which there are, what each will do, and the form that asks for a reason. */

import { html, useState } from './vendor/htm-preact.js';
import { call, circuitPath } from './api.js';
import { About, Dialog, Field, ActionForm } from './parts.js';
import { End, endOf, useEnd } from './until.js';
import { ACTIONS, time } from './words.js';

const LONGEST_REASON = 1024;

/** The actions that make sense in the circuit's present state; the likelier ones first. */
export function actionsFor(circuit) {
  if (circuit.hold) {
    return circuit.state === 'open'
      ? ['release', 'close', 'hold_open', 'hold_closed', 'reset']
      : ['release', 'open', 'hold_open', 'hold_closed', 'reset'];
  }
  return {
    closed: ['open', 'hold_open', 'hold_closed', 'reset'],
    half_open: ['close', 'open', 'hold_open', 'hold_closed', 'reset'],
    open: ['close', 'hold_open', 'hold_closed', 'reset'],
  }[circuit.state];
}

/** What an action will do, for the person who is about to take it. */
function consequence(action, circuit, until) {
  const end = until ? `until ${time(until, false)}` : 'until somebody releases it';
  const endsHold = circuit.hold ? ' The present hold ends.' : '';
  switch (action) {
    case 'open':
      return `From now on every call is refused. After the cooldown of its policy the next call is let through as a trial, and the circuit may close by itself.${endsHold}`;
    case 'close':
      return `From now on every call is let through again, with clean figures. If calls go on failing, it will open again.${endsHold}`;
    case 'reset':
      return `The circuit closes, and all its figures are forgotten: failures, the streak, and how long the cooldown had grown.${endsHold}`;
    case 'hold_open':
      return `Every call is refused ${end}. No cooldown, no trial and no recovery closes it before that.`;
    case 'hold_closed':
      return `Every call is let through ${end}, whatever fails. Failures are counted, but do not open it.`;
    case 'release':
      return circuit.state === 'open'
        ? 'The hold ends. The circuit is open with no cooldown left: the next call is let through as a trial.'
        : 'The hold ends. The circuit is closed with clean figures, and opens when its policy says so.';
    default:
      return '';
  }
}

const refuses = action => action === 'open' || action === 'hold_open';

export function Actions({ circuit, onAction }) {
  return html`<div class="actions" role="group" aria-label="Actions">
    ${actionsFor(circuit).map(action => html`<button type="button" key=${action}
      onClick=${() => onAction(action)}>${nameOf(action, circuit)} …</button>`)}
    <${About} page="circuit-breaker.html#overrides" of="what each action does" />
  </div>`;
}

function nameOf(action, circuit) {
  const same = circuit.hold && action === `hold_${circuit.state}`;
  return same ? 'Change the hold' : ACTIONS[action];
}

/** @param needsReason whether the server refuses an action without a reason */
export function ActionDialog({ action, circuit, needsReason, onClose, onDone }) {
  const [reason, setReason] = useState('');
  const end = useEnd('60');
  const [create, setCreate] = useState(false);
  const [nearest, setNearest] = useState([]);
  const holds = action.startsWith('hold_');
  const until = holds ? endOf(end) : null;
  const incomplete = holds && end.isIncomplete || needsReason && !reason.trim();

  const submit = async () => {
    const body = { action, reason: reason.trim() || null, create };
    if (until) {
      body.until = endOf(end);
    }
    try {
      const { json } = await call('POST', `${circuitPath(circuit.agent_id)}/action`, body);
      onDone(json);
    } catch (refusal) {
      if (refusal.problem?.type !== 'agent-unknown') {
        throw refusal;
      }
      setCreate(true);
      setNearest(refusal.problem.nearest);
      throw new Error('This name is not known: nothing was done. If it is the right name, confirm again.');
    }
  };

  return html`<${Dialog} title=${html`${nameOf(action, circuit)}: <span class="agent-name">${circuit.agent_id}</span>`} onClose=${onClose}>
    <${ActionForm} onSubmit=${submit} onClose=${onClose} confirm=${create ? `${ACTIONS[action]} all the same` : ACTIONS[action]} tone=${refuses(action) ? 'grave' : ''} disabled=${incomplete}>
      ${holds && html`<${End} end=${end} never="until somebody releases it" />`}
      <${Field} id="reason" label="Reason" hint=${`${needsReason ? 'This server requires one. ' : ''}Everybody of the organization sees it, and it is kept in the audit trail. Ctrl+Enter sends it.`}>
        <textarea id="reason" rows="2" maxlength=${LONGEST_REASON} value=${reason} required=${needsReason} aria-describedby="reason-hint"
          onInput=${event => setReason(event.target.value)}></textarea>
      <//>
      <p class="note">${consequence(action, circuit, until)}</p>
      ${nearest.length > 0 && html`<p class="note">Names like it: ${nearest.map((name, i) => html`${i > 0 ? ', ' : ''}<a class="agent-name" href=${`#/agents/${encodeURIComponent(name)}`}>${name}</a>`)}</p>`}
    <//>
  <//>`;
}
