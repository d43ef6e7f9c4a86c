/* Which circuits are searched for, and in which order the list shows them. */

import { isUpstream } from './kinds.js';
import { isWanted } from './query.js';

export const FILTERS = ['all', 'open', 'half_open', 'closed', 'held'];

export const HEALTH_FILTERS = ['any', 'critical', 'degraded', 'well'];

/** Whether a circuit is looked for. @param wanted `{ state, health, words }`, each as the filters name it, the words of a query */
export const matches = (circuit, { state, health, words }) =>
  (state === 'all' || (state === 'held' ? circuit.hold !== null : circuit.state === state))
  && (health === 'any' || (circuit.health?.status ?? 'well') === health)
  && isWanted(circuit, words);

const ILL = { critical: 1.8, degraded: 1.4 };

const troubleOf = circuit => {
  if (circuit.state === 'open') {
    return circuit.hold ? 4 : 5;
  }
  if (circuit.state === 'half_open') {
    return 3;
  }
  const failing = circuit.consecutive_failures || circuit.failure_rate ? 1 : 0;
  return circuit.hold ? 2 : ILL[circuit.health?.status] ?? failing;
};

const compareText = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

export const ORDERS = {
  trouble: (one, other) =>
    troubleOf(other) - troubleOf(one)
    || (one.state === 'closed' ? 0 : isUpstream(other.agent_id) - isUpstream(one.agent_id))
    || (one.state === 'closed' ? other.failure_rate - one.failure_rate : 0)
    || other.consecutive_failures - one.consecutive_failures
    || compareText(other.since ?? '', one.since ?? '')
    || compareText(one.agent_id, other.agent_id),
  name: (one, other) => compareText(one.agent_id, other.agent_id),
  changed: (one, other) =>
    compareText(other.since ?? '', one.since ?? '') || compareText(one.agent_id, other.agent_id),
  failures: (one, other) =>
    other.failure_rate - one.failure_rate || compareText(one.agent_id, other.agent_id),
};
