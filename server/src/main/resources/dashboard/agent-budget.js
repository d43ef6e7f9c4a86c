/* What an agent may use, and what it has used; empty if no budget covers it. */

import { html } from './vendor/htm-preact.js';
import { usePolled } from './agent-data.js';
import { BudgetUsage, budgetText } from './budgets.js';
import { Failed, Titled } from './parts.js';
import { isolated } from './words.js';

export function AgentBudgets({ agent, store }) {
  const [read, error, at] = usePolled(`/api/v1/budgets?agent=${encodeURIComponent(agent)}`, agent, store);
  if (!read) {
    return error && html`<section class="card" aria-label="Budgets"><${Failed} error=${error} /></section>`;
  }
  if (read.budgets.length === 0) {
    return null;
  }
  return html`<section class="card agent-budgets" aria-labelledby="budgets-title">
    <${Titled} id="budgets-title" title=${read.budgets.length === 1 ? 'Budget' : 'Budgets'} page="budgets.html" of="budgets" />
    ${error && html`<${Failed} error=${error} at=${at} />`}
    ${read.budgets.map(budget => html`<div key=${budget.id}>
      <h3><a href="#/budgets">${isolated(budget.id)}</a></h3>
      <p class="quiet">${budgetText(budget)}</p>
      ${budget.usage.length === 0
        ? html`<p class="quiet">Nothing is used in this period.</p>`
        : html`<ol class="budget-usage">${budget.usage.map(each => html`<${BudgetUsage} key=${each.agent_id} usage=${each} budget=${budget} />`)}</ol>`}
    </div>`)}
  </section>`;
}
