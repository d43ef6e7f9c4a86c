/* The circuits that are searched for, in order: kept from one change to the next, so that only what changed is looked at. */

import { useRef } from './vendor/htm-preact.js';
import { matches, ORDERS } from './orders.js';

/** If more than this fraction has changed, all are sorted again. */
const FEW = 1 / 8;

/**
 * @param wanted what is looked for; the same object for as long as that is the same
 * @param order a name of ORDERS
 */
export function useFound(store, wanted, order) {
  const before = useRef(null);
  const last = before.current;
  if (!last || last.store !== store || last.version !== store.version || last.wanted !== wanted || last.order !== order) {
    const changed = last && last.store === store && last.wanted === wanted && last.order === order && last.whole === store.whole
      ? new Set(store.touched.slice(last.touched)) : null;
    const circuits = changed && changed.size < store.circuits.size * FEW
      ? withChanges(last.circuits, changed, store, wanted, ORDERS[order])
      : [...store.circuits.values()].filter(circuit => matches(circuit, wanted)).sort(ORDERS[order]);
    before.current = { store, version: store.version, whole: store.whole, touched: store.touched.length, wanted, order, circuits };
  }
  return before.current.circuits;
}

/** Takes the changed ones out, and puts them in where they belong now. */
function withChanges(sorted, changed, store, wanted, compare) {
  if (changed.size === 0) {
    return sorted;
  }
  const fresh = [...changed].map(name => store.circuits.get(name)).filter(circuit => circuit && matches(circuit, wanted)).sort(compare);
  const all = [];
  let next = 0;
  for (const circuit of sorted) {
    if (!changed.has(circuit.agent_id)) {
      while (next < fresh.length && compare(fresh[next], circuit) < 0) {
        all.push(fresh[next++]);
      }
      all.push(circuit);
    }
  }
  while (next < fresh.length) {
    all.push(fresh[next++]);
  }
  return all;
}
