/* Budgets: what agents and upstreams may use, and what they have used. */

import { html, useEffect, useState } from './vendor/htm-preact.js';
import { usePolled } from './agent-data.js';
import { RaiseDialog, raisedToast } from './budget-raise.js';
import { Empty, Failed, Loading, PageTitle, When } from './parts.js';
import { aPeriod, isolated, number, percent, plural } from './words.js';

/** How many names of a budget are shown at first. */
const FEW = 5;

const dollars = value => `$${value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

/** What was used of each limit, in words. */
function usedText(usage, budget) {
  const tokens = usage.tokens + (budget.count === 'all' ? usage.cached_tokens : 0);
  return [
    usage.limits.tokens !== null && `${number(tokens)} of ${number(usage.limits.tokens)} tokens`,
    usage.limits.cost_usd !== null && `${dollars(usage.cost_usd)} of ${dollars(usage.limits.cost_usd)}`,
    usage.limits.calls !== null && `${number(usage.calls)} of ${number(usage.limits.calls)} calls`,
  ].filter(Boolean).join(', ');
}

const period = budget => (/^[0-9]/.test(budget.per)
  ? `in the last ${budget.per}`
  : `${aPeriod(budget.per)}${budget.zone ? ` in ${budget.zone}` : ''}`);

/** Of each limit what a name may use. */
const limitText = budget => [
  budget.tokens !== null && `${number(budget.tokens)} tokens`,
  budget.cost_usd !== null && dollars(budget.cost_usd),
  budget.calls !== null && plural(budget.calls, 'call'),
].filter(Boolean).join(' or ');

/** What a budget allows, and for whom. */
export const budgetText = budget => html`${budget.together ? 'All' : 'Each'} of <span class="agent-name">${isolated(budget.pattern)}</span>: ${limitText(budget)} ${period(budget)}${budget.on_exceeded === 'warn' ? '; only warns' : ''}`;

export const BudgetUsage = ({ usage, budget }) => {
  const name = usage.agent_id === null ? 'All together' : isolated(usage.agent_id);
  return html`<li>
    <span class="root">${usage.agent_id === null ? name : html`<a href=${`#/agents/${encodeURIComponent(usage.agent_id)}`}>${name}</a>`}
      ${usage.used_up && html` <span class="tag budget-used-up">${budget.on_exceeded === 'stop' ? 'Stopped' : 'Used up'}</span>`}</span>
    <meter min="0" max="1" low=${budget.warn_at} high="0.999" optimum="0" value=${Math.min(1, usage.used)} aria-label=${`Used by ${name}`}>${percent(usage.used)}</meter>
    <span class="what">${percent(usage.used)}: ${usedText(usage, budget)}, until <${When} at=${usage.until} /></span>
  </li>`;
};

export function Budgets({ me, store, query, say }) {
  const [bump, setBump] = useState(0);
  const [loaded, error, at] = usePolled('/api/v1/budgets', null, store, bump);
  const [raised, setRaised] = useState(null);
  useEffect(() => { // a link to the form
    const wanted = me.role === 'admin' && loaded?.budgets.find(budget => budget.id === query.get('raise'));
    if (wanted) {
      setRaised(wanted);
      history.replaceState(null, '', '#/budgets');
    }
  }, [query, loaded !== null]);
  const again = () => setBump(count => count + 1);
  return html`
    <div class="page-head"><${PageTitle} title="Budgets" page="budgets.html" /></div>
    <p class="lead">What agents of <b>${isolated(me.organization_id)}</b> may use, the fullest first. When a budget is used up, its calls are refused until its period ends, or until an admin raises it.</p>
    ${error && html`<${Failed} error=${error} onRetry=${again} at=${at} />`}
    ${!loaded && !error && html`<${Loading} what="Loading budgets" />`}
    ${loaded?.budgets.length === 0 && html`<${Empty} title="No budgets yet"><p>An admin sets them: <code>interlock budgets set research 'pattern=research-*' per=day tokens=2000000</code></p><//>`}
    <ul class="cards">
      ${loaded?.budgets.map(budget => html`<${Budget} key=${budget.id} budget=${budget} onRaise=${me.role === 'admin' ? setRaised : null} />`)}
    </ul>
    ${raised && html`<${RaiseDialog} budget=${raised} onClose=${() => setRaised(null)} onDone=${json => {
      setRaised(null);
      again();
      say(raisedToast(json));
    }} />`}`;
}

/** @param onRaise null for those who may not */
function Budget({ budget, onRaise }) {
  const [whole, setWhole] = useState(false);
  const { usage } = budget;
  const shown = whole ? usage : usage.slice(0, FEW);
  return html`<li class="card policy budget">
    <h2>${isolated(budget.id)}</h2>
    <p class="quiet">${budgetText(budget)}</p>
    ${usage.length === 0 && html`<p class="quiet">Nothing is used in this period.</p>`}
    ${usage.length > 0 && html`<ol class="budget-usage">${shown.map(each => html`<${BudgetUsage} key=${each.agent_id} usage=${each} budget=${budget} />`)}</ol>`}
    ${whole && budget.names > usage.length && html`<p class="quiet">and ${plural(budget.names - usage.length, 'name')} that used less</p>`}
    ${usage.length > FEW && html`<button type="button" class="plain more" aria-expanded=${whole ? 'true' : 'false'}
      onClick=${() => setWhole(!whole)}>${whole ? 'Only the fullest' : `${number(budget.names - FEW)} more`}</button>`}
    ${onRaise && html`<div class="buttons start">
      <button type="button" aria-label=${`Raise ${isolated(budget.id)}`} onClick=${() => onRaise(budget)}>Raise …</button>
    </div>`}
  </li>`;
}
