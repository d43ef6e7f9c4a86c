/* The gates in effect, whom they cover, and what refuses calls, in words. */

import { html, useEffect, useState } from './vendor/htm-preact.js';
import { get } from './api.js';
import { Quote } from './parts.js';
import { isLike } from './query.js';
import { isolated, number, plural, shortActor, time } from './words.js';

const LOOK_EVERY = 5000;

/** The author of gates that a budget puts; their ids say which budget. */
const BUDGET = 'budget';

/** So many names are named; more are counted. */
const NAMED = 2;

/**
 * What is stopped, looked at every few seconds: `[stopped, look]`, with `gates` and `not_confirmed`; null until the server
 * has said it, false if it cannot.
 */
export function useGates() {
  const [stopped, setStopped] = useState(null);
  const [looks, setLooks] = useState(0);
  useEffect(() => {
    let wanted = true;
    const look = () => get('/api/v1/gates').then(answer => wanted && setStopped(answer), () => wanted && setStopped(before => before || false));
    look();
    const timer = setInterval(() => document.hidden || look(), LOOK_EVERY);
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [looks]);
  return [stopped, () => setLooks(count => count + 1)];
}

/** The budget whose gate it is; null for a gate of a person or a program. */
export const budgetOf = gate => (gate.author === BUDGET && gate.id.startsWith(`${BUDGET}:`) ? gate.id.split(':')[1] : null);

/** What is stopped, in the order in which it is shown: everything, then what people stopped, then a line for each budget. */
export function linesOf(gates) {
  const budgets = new Map();
  const lines = [];
  for (const gate of gates) {
    const budget = budgetOf(gate);
    if (budget === null) {
      lines.push({ key: gate.id, gate });
    } else if (budgets.has(budget)) {
      budgets.get(budget).gates.push(gate);
    } else {
      budgets.set(budget, { key: gate.id, budget, gates: [gate] });
    }
  }
  const isAll = line => line.gate.covers === 'organization';
  return [...lines.filter(isAll), ...lines.filter(line => !isAll(line)), ...budgets.values()];
}

/** Whether everything is stopped, or something, or nothing; null as long as that is not known. */
export function reachOf(stopped) {
  if (!stopped) {
    return null;
  }
  return stopped.gates.some(gate => gate.covers === 'organization') ? 'all' : stopped.gates.length > 0 ? 'some' : 'none';
}

const matches = (pattern, name) => (pattern.includes('*') ? isLike(pattern.split('*'), name) : pattern === name);

/** Whether a gate refuses all calls of an agent or an upstream. */
const refusesAll = (gate, name) => gate.covers === 'organization' || matches(gate.pattern, name);

/** Of several gates, the one that ends last, which is the one that a refusal names. */
const last = gates => gates.reduce((one, other) => (one === null || one.until !== null && (other.until === null || other.until > one.until) ? other : one), null);

/**
 * The gate that refuses calls of an agent: `{ gate, uses }`, or null. `uses` is what calls must use to be refused; null if
 * all are.
 *
 * @param uses what the agent was seen to use
 */
export function gateOver(stopped, name, uses = []) {
  const gates = stopped ? stopped.gates : [];
  const all = last(gates.filter(gate => refusesAll(gate, name)));
  if (all) {
    return { gate: all, uses: null };
  }
  const some = last(gates.filter(gate => gate.covers === 'upstream' && uses.some(each => matches(gate.pattern, each))));
  return some && { gate: some, uses: uses.find(each => matches(some.pattern, each)) };
}

/** Why a gate refuses calls, and until when: a sentence, or the end of one. */
export function gateText(gate, isWhole) {
  const budget = budgetOf(gate);
  const end = gate.until ? `, until ${time(gate.until)}` : '';
  return budget === null
    ? html`${isWhole ? 'Stopped' : 'stopped'} by <b title=${gate.author}>${shortActor(gate.author)}</b>${gate.reason && html`: <${Quote} text=${gate.reason} />`}${end || ', until somebody resumes'}.`
    : html`${isWhole ? 'The' : 'the'} budget <a href="#/budgets">${isolated(budget)}</a> is used up${end}.`;
}

/** What a gate stops, as the beginning of a sentence. */
export function stoppedText({ covers, pattern }, organization) {
  switch (covers) {
    case 'organization':
      return html`All calls of the organization <b>${isolated(organization)}</b>`;
    case 'agents':
      return html`Calls of agents <b class="agent-name">${pattern}</b>`;
    default:
      return html`Calls that use <b class="agent-name">${pattern}</b>`;
  }
}

/** Whom the gates of a budget stop, and until when. */
export function usedUpText({ budget, gates }) {
  const agents = gates[0].covers === 'agents';
  const names = gates.length <= NAMED
    ? gates.map((gate, i) => html`${i > 0 ? ' and ' : ''}<b class="agent-name">${gate.pattern}</b>`)
    : number(gates.length) + (agents ? ' agents' : ' models, tools or keys');
  const ends = gates.map(gate => gate.until).filter(Boolean).sort();
  const when = ends.length === 0 ? '' : ends[0] === ends.at(-1) ? ` until ${time(ends[0], false)}` : `, the last until ${time(ends.at(-1), false)}`;
  const used = gates.length === 1 ? usedOf(gates[0]) : null;
  return html`Budget <a href="#/budgets">${isolated(budget)}</a> is used up${used ? `, ${used}` : ''}: calls ${agents ? 'of' : 'that use'} ${names} are refused${when}.`;
}

/** The figures in the reason of a budget's gate. */
const usedOf = gate => /^The budget .* is used up: (.*)$/s.exec(gate.reason ?? '')?.[1] ?? null;

/** Who has not confirmed what is stopped, and how many of them go on. */
export function notConfirmedText(all) {
  const on = all.filter(each => each.will === 'go_on').length;
  const have = `${plural(all.length, 'client')} ${all.length === 1 ? 'has' : 'have'} not confirmed`;
  if (on === 0) {
    return `${have}.`;
  }
  return all.length === 1 ? `${have}, and goes on.` : `${have}; ${on === all.length ? 'all go on' : `${number(on)} of them ${on === 1 ? 'goes' : 'go'} on`}.`;
}
