/* One action on all circuits that are found: a preview, the form, and the way back. */

import { html, useEffect, useState } from './vendor/htm-preact.js';
import { call } from './api.js';
import { ActionForm, Dialog, Field } from './parts.js';
import { Reason } from './stops.js';
import { End, endOf, useEnd } from './until.js';
import { ACTIONS, number, plural, stateText } from './words.js';

const MANY = ['open', 'close', 'reset', 'hold_open', 'hold_closed', 'release'];

/** What the button says that it will do. */
const CONFIRM = {
  open: circuits => `Open ${circuits}`,
  close: circuits => `Close ${circuits}`,
  reset: circuits => `Reset ${circuits}`,
  hold_open: circuits => `Hold ${circuits} open`,
  hold_closed: circuits => `Hold ${circuits} closed`,
  release: circuits => `Release ${circuits}`,
};

const WHAT_IT_DOES = {
  open: 'All their calls are refused until their cooldowns are over; then trials follow.',
  close: 'They close with clean figures, and holds end.',
  reset: 'They close, holds end, and all figures are forgotten.',
  hold_open: 'All their calls are refused; nothing closes them before the hold ends.',
  hold_closed: 'All their calls are let through, whatever fails.',
  release: 'Holds end: circuits held open wait for a trial, circuits held closed have clean figures.',
};

/** Which circuits the filters of the fleet's page find, for the API: a query, or the pattern of all. */
export function selectionOf({ filter, health, search }) {
  const words = [search.trim(), filter === 'all' ? '' : `state:${filter}`, health === 'any' ? '' : `health:${health}`].filter(Boolean);
  return words.length ? { query: words.join(' ') } : { pattern: '*' };
}

/** @param selection `{ query }` or `{ pattern }` */
export function ManyDialog({ me, selection, onClose, onDone }) {
  const [action, setAction] = useState('');
  const [reason, setReason] = useState('');
  const end = useEnd('60');
  const [preview, setPreview] = useState(null);
  const [looks, setLooks] = useState(0);
  const holds = action.startsWith('hold_');

  useEffect(() => {
    setPreview(null);
    if (!action) {
      return undefined;
    }
    let wanted = true;
    call('POST', '/api/v1/actions', { action, ...selection, dry_run: true }).then(
      ({ json }) => wanted && setPreview(json),
      error => wanted && setPreview({ error: error.message, changed: 0 }),
    );
    return () => {
      wanted = false;
    };
  }, [action, selection.query, looks]);

  const submit = async () => {
    try {
      const { json } = await call('POST', '/api/v1/actions', {
        action, ...selection, reason: reason.trim() || null, until: holds ? endOf(end) : null, at_most: preview.changed,
      });
      onDone(json);
    } catch (refusal) {
      refusal.problem?.type === 'more-than-expected' && setLooks(looks + 1);
      throw refusal;
    }
  };
  const incomplete = !preview?.changed || holds && end.isIncomplete || me.reason_required && !reason.trim();
  return html`<${Dialog} title="Override all circuits found" onClose=${onClose}>
    <${ActionForm} onSubmit=${submit} onClose=${onClose} confirm=${action ? CONFIRM[action](preview ? plural(preview.changed, 'circuit') : 'circuits') : 'Override'}
        tone=${action === 'open' || action === 'hold_open' ? 'grave' : ''} disabled=${incomplete}>
      <p class="quiet">${selection.query ? html`Found by <code>${selection.query}</code>` : 'All circuits of the organization'}</p>
      <${Field} id="many-action" label="Action">
        <select id="many-action" value=${action} onChange=${event => setAction(event.target.value)}>
          ${!action && html`<option value="">Choose an action</option>`}
          ${MANY.map(each => html`<option key=${each} value=${each}>${ACTIONS[each]}</option>`)}
        </select>
      <//>
      ${holds && html`<${End} end=${end} never="until somebody releases them" />`}
      <div class="note" role="status">${!action ? 'Nothing changes until an action is chosen.' : preview
        ? preview.error ?? html`<p>${WHAT_IT_DOES[action]} This changes ${number(preview.changed)} of ${plural(preview.found, 'circuit')} found.</p>
          ${preview.first.length > 0 && html`<ul class="preview" tabindex="0" aria-label="Circuits that change">
            ${preview.first.map(each => html`<li key=${each.agent_id}><span class="agent-name">${each.agent_id}</span> <span class="quiet">${stateText({ state: each.state, hold: each.held ? {} : null }).toLowerCase()}</span></li>`)}
            ${preview.changed > preview.first.length && html`<li class="quiet">and ${number(preview.changed - preview.first.length)} more</li>`}
          </ul>`}`
        : 'Counting …'}</div>
      <${Reason} me=${me} reason=${reason} onReason=${setReason} />
    <//>
  <//>`;
}

/** What a toast says of an action on many, with the way back. */
export function manyToast(done, say) {
  const undo = async () => {
    try {
      const { json } = await call('POST', '/api/v1/actions', { action: 'undo', id: done.id, reason: 'Undo' });
      say({
        text: `Undone: ${plural(json.changed, 'circuit')}.${json.not_done_count
          ? ` ${plural(json.not_done_count, 'circuit')} ${json.not_done_count === 1 ? 'was' : 'were'} changed since and left alone: ${json.not_done.slice(0, 3).map(each => each.agent_id).join(', ')}${json.not_done_count > 3 ? ' …' : ''}` : ''}`,
      });
    } catch (error) {
      say({ text: `Not undone: ${error.message}` });
    }
  };
  return {
    text: `${ACTIONS[done.action]}: ${plural(done.changed, 'circuit')}.`,
    action: done.id ? { name: 'Undo', run: undo } : null,
  };
}
