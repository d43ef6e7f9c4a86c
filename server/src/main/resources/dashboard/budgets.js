/* Budgets: what agents and upstreams may use, and what they have used. */

import { html } from './vendor/htm-preact.js';
import { get } from './api.js';
import { Empty, Failed, Loading, PageTitle, useLoaded, When } from './parts.js';
import { isolated, number, percent, plural } from './words.js';

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
  : `a ${budget.per}${budget.zone ? ` in ${budget.zone}` : ''}`);

/** Of each limit what a name may use. */
const limitText = budget => [
  budget.tokens !== null && `${number(budget.tokens)} tokens`,
  budget.cost_usd !== null && dollars(budget.cost_usd),
  budget.calls !== null && plural(budget.calls, 'call'),
].filter(Boolean).join(' or ');

/** What a budget allows whom. */
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

export function Budgets({ me }) {
  const [loaded, error, again] = useLoaded(() => get('/api/v1/budgets'), []);
  return html`
    <div class="page-head"><${PageTitle} title="Budgets" /></div>
    <p class="lead">What agents of <b>${isolated(me.organization_id)}</b> may use, the fullest first. Calls of what is used up are refused until its period ends, or until an admin raises the budget.</p>
    ${error && html`<${Failed} error=${error} onRetry=${again} />`}
    ${!loaded && !error && html`<${Loading} what="Loading budgets" />`}
    ${loaded?.budgets.length === 0 && html`<${Empty} title="No budgets yet"><p>An admin sets them: <code>interlock budgets set research 'pattern=research-*' per=day tokens=2000000</code></p><//>`}
    <ul class="cards">
      ${loaded?.budgets.map(budget => html`<li key=${budget.id} class="card policy budget">
        <h2>${isolated(budget.id)}</h2>
        <p class="quiet">${budgetText(budget)}</p>
        ${budget.usage.length === 0 && html`<p class="quiet">Nothing is used in this period.</p>`}
        <ol class="budget-usage">${budget.usage.map(each => html`<${BudgetUsage} key=${each.agent_id} usage=${each} budget=${budget} />`)}</ol>
        ${budget.names > budget.usage.length && html`<p class="quiet">and ${plural(budget.names - budget.usage.length, 'name')} that used less</p>`}
      </li>`)}
    </ul>`;
}
