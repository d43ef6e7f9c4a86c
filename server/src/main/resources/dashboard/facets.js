/* What the circuits found have in common, with counts: a click adds the word to the query, or removes it. */

import { html, useRef, useState } from './vendor/htm-preact.js';
import { hasWord, plain, wordOf } from './query.js';
import { useSteadyOrder } from './steady.js';
import { causeText, isolated, kindText, number } from './words.js';

const FEW = 5;
const MOST = 50;
const METADATA = 4;

const NAMES = { kind: 'Kind of failure', cause: 'Cause', dep: 'Uses', policy: 'Policy', by: 'By' };

const TEXTS = { kind: kindText, cause: causeText };

/** Counts of what circuits have: a list of `{ field, name, values: [[value, count], …] }`, the most frequent first. */
export function facetsOf(circuits) {
  const fields = new Map(Object.keys(NAMES).map(field => [field, new Map()]));
  const metadata = new Map();
  const add = (counts, value) => counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const circuit of circuits) {
    circuit.kind && add(fields.get('kind'), circuit.kind);
    circuit.cause && add(fields.get('cause'), circuit.cause);
    add(fields.get('policy'), circuit.policy);
    const actor = circuit.hold?.actor ?? circuit.actor;
    actor && add(fields.get('by'), plain(actor));
    circuit.about?.depends_on.forEach(name => add(fields.get('dep'), name));
    for (const key in circuit.about?.metadata) {
      metadata.has(key) || metadata.set(key, new Map());
      add(metadata.get(key), circuit.about.metadata[key]);
    }
  }
  return [...fields, ...telling(metadata)].map(([field, counts]) => ({ field, name: NAMES[field] ?? field, values: sorted(counts), all: circuits.length }));
}

/** Metadata that groups agents; not an address or a version that differs for each. */
function telling(metadata) {
  const total = counts => [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...metadata]
    .filter(([, counts]) => counts.size === 1 || counts.size <= total(counts) / 2)
    .sort(([, one], [, other]) => total(other) - total(one))
    .slice(0, METADATA);
}

const sorted = counts => [...counts].sort(([one, many], [other, more]) => more - many || (one < other ? -1 : 1)).slice(0, MOST);

/** @param onWord called with the word that was clicked */
export function Facets({ facets, query, onWord }) {
  const [open, setOpen] = useState(() => matchMedia('(min-width: 1200px)').matches);
  const shown = facets.filter(({ field, values, all }) =>
    values.length > 1 || (values.length === 1 && values[0][1] < all) || values.some(([value]) => hasWord(query, wordOf(field, value))));
  if (shown.length === 0) {
    return null;
  }
  return html`<aside class="card facets" aria-label="Narrow down">
    <button type="button" class="plain fold" aria-expanded=${open ? 'true' : 'false'} onClick=${() => setOpen(!open)}>Narrow down</button>
    ${open && html`<div class="facet-list">${shown.map(facet => html`<${Facet} key=${facet.field} facet=${facet} query=${query} onWord=${onWord} />`)}</div>`}
  </aside>`;
}

function Facet({ facet: { field, name, values: sorted }, query, onWord }) {
  const [whole, setWhole] = useState(false);
  const box = useRef();
  const values = useSteadyOrder(box, sorted, ([value]) => value);
  const text = TEXTS[field] ?? isolated;
  return html`<section class="facet" aria-label=${name}>
    <h2>${isolated(name)}</h2>
    <ul ref=${box}>
      ${(whole ? values : values.slice(0, FEW)).map(([value, count]) => {
        const word = wordOf(field, value);
        return html`<li key=${value}><button type="button" class="plain" title=${word} aria-pressed=${hasWord(query, word) ? 'true' : 'false'}
          onClick=${() => onWord(word)}><span class="facet-value">${text(value)}</span> <span class="facet-count">${number(count)}</span></button></li>`;
      })}
    </ul>
    ${values.length > FEW && html`<button type="button" class="plain more" aria-expanded=${whole ? 'true' : 'false'}
      onClick=${() => setWhole(!whole)}>${whole ? 'Fewer' : `${number(values.length - FEW)} more`}</button>`}
  </section>`;
}
