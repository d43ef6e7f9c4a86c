/* More for the rest of a budget's period: for all that it covers, or for one name. */

import { html, useState } from './vendor/htm-preact.js';
import { call } from './api.js';
import { ActionForm, Dialog, Field } from './parts.js';
import { isolated, number } from './words.js';

const LONGEST_REASON = 1000;

/** So many names are in the message after a raise. */
const FEW = 3;

const LIMITS = { tokens: ['Tokens', 1], cost_usd: ['US dollars', 'any'], calls: ['Calls', 1] };

/** What a toast says of a raise: also who has used up the new amount. */
export function raisedToast(budget) {
  const names = budget.usage.filter(usage => usage.used_up && usage.agent_id !== null).slice(0, FEW).map(usage => isolated(usage.agent_id));
  const rest = budget.used_up - names.length;
  const still = names.length === 0 ? '' : ` by ${names.join(', ')}${rest > 0 ? ` and ${number(rest)} more` : ''}`;
  return `${isolated(budget.id)} was raised.${budget.used_up > 0 ? ` It is still used up${still}.` : ''}`;
}

export function RaiseDialog({ budget, onClose, onDone }) {
  const names = budget.usage.map(usage => usage.agent_id).filter(Boolean);
  const usedUp = budget.usage.filter(usage => usage.used_up);
  const [agent, setAgent] = useState(usedUp.length === 1 ? usedUp[0].agent_id ?? '' : ''); // of several, all wait
  const [amounts, setAmounts] = useState({});
  const [reason, setReason] = useState('');
  const limits = Object.keys(LIMITS).filter(limit => budget[limit] !== null);
  const given = limits.filter(limit => Number(amounts[limit]) > 0);
  const submit = async () => {
    const more = Object.fromEntries(given.map(limit => [limit, Number(amounts[limit])]));
    const { json } = await call('POST', `/api/v1/budgets/${encodeURIComponent(budget.id)}/raise`, { ...more, agent_id: agent || null, reason: reason.trim() });
    onDone(json);
  };
  return html`<${Dialog} title=${`Raise ${isolated(budget.id)}`} onClose=${onClose}>
    <${ActionForm} confirm="Raise" onSubmit=${submit} onClose=${onClose} disabled=${given.length === 0 || !reason.trim()}>
      ${names.length > 0 && html`<${Field} id="raise-for" label="For">
        <select id="raise-for" value=${agent} onChange=${event => setAgent(event.target.value)}>
          <option value="">everybody that it covers</option>
          ${names.map(name => html`<option key=${name} value=${name}>${name}</option>`)}
        </select>
      <//>`}
      <div class="field-grid">
        ${limits.map(limit => html`<${Field} key=${limit} id=${`raise-${limit}`} label=${`${LIMITS[limit][0]} more`}>
          <input id=${`raise-${limit}`} type="number" min="0" step=${LIMITS[limit][1]} inputmode="decimal" value=${amounts[limit] ?? ''}
            onInput=${event => setAmounts({ ...amounts, [limit]: event.target.value })} />
        <//>`)}
      </div>
      <${Field} id="raise-reason" label="Reason" hint="It is kept among the changes.">
        <textarea id="raise-reason" rows="2" maxlength=${LONGEST_REASON} value=${reason} required aria-describedby="raise-reason-hint"
          onInput=${event => setReason(event.target.value)}></textarea>
      <//>
      <p class="note">For the rest of the present period. Calls pass again as soon as something is left; in the next period the budget is what it was.</p>
    <//>
  <//>`;
}
