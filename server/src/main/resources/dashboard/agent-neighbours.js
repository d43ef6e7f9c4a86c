/* What an agent uses and who uses it: these are affected when a circuit is open. */

import { html, useState } from './vendor/htm-preact.js';
import { waitLeft } from './fleet-store.js';
import { useTick } from './parts.js';
import { Glyph } from './shapes.js';
import { number, plural, stateText } from './words.js';

const FEW = 12;
const RANK = { open: 0, half_open: 1, closed: 2 };

/** @param about the agent as the registry has it, or null */
export function Neighbours({ about, circuit, store }) {
  useTick(1000);
  if (!about || about.depends_on.length + about.dependents.length === 0) {
    return null;
  }
  const uses = present(about.depends_on, store);
  const users = present(about.dependents, store);
  const down = uses.filter(each => each.state === 'open').length;
  return html`<section class="card neighbours" aria-labelledby="neighbours-title">
    <h2 id="neighbours-title">Dependencies</h2>
    ${uses.length > 0 && html`<h3>Uses ${number(uses.length)}</h3>
      ${down > 0 && html`<p class="hit">Calls that need ${down === 1 ? 'the open one' : `one of the ${number(down)} open ones`} are refused now.</p>`}
      <${List} label="What it uses" all=${uses} />`}
    ${users.length > 0 && html`<h3>Used by ${number(users.length)}${users.length >= 1000 ? ' or more' : ''}</h3>
      ${circuit.state === 'open' && html`<p class="hit">${hit(circuit, users.length)}</p>`}
      <${List} label="Who uses it" all=${users} />`}
  </section>`;
}

/** What happens to the calls of agents that need an open circuit: the next call may be a trial. */
function hit(circuit, users) {
  const due = !circuit.hold && !circuit.probe?.trusted && waitLeft(circuit) === 0;
  return due
    ? `Calls of ${plural(users, 'agent')} need this one: the next is a trial, and the others are refused until trials have closed it.`
    : `Calls of ${plural(users, 'agent')} that need this one are refused now.`;
}

/** Their states as the stream reports them, which is newer; the open ones first. */
const present = (neighbours, store) => neighbours
  .map(each => store.circuits.get(each.agent_id) ?? { ...each, hold: each.held ? {} : null, health: null })
  .sort((one, other) => RANK[one.state] - RANK[other.state] || (one.agent_id < other.agent_id ? -1 : 1));

function List({ label, all }) {
  const [whole, setWhole] = useState(false);
  return html`<ul aria-label=${label}>
      ${(whole ? all : all.slice(0, FEW)).map(each => html`<li key=${each.agent_id}>
        <${Glyph} state=${each.state} held=${each.hold !== null} health=${each.health?.status} size=${15} />
        <a class="agent-name" href=${`#/agents/${encodeURIComponent(each.agent_id)}`}>${each.agent_id}</a>
        <span class="quiet">${stateText(each)}</span>
      </li>`)}
    </ul>
    ${all.length > FEW && !whole && html`<button type="button" class="plain" onClick=${() => setWhole(true)}>All ${number(all.length)}</button>`}`;
}
