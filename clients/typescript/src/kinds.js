/** Kinds of failures: how each is treated if a policy does not say, and which circuit it is attributed to. */

const KINDS = {
  TIMEOUT: ['COUNT', 'upstream'],
  CONNECTION: ['COUNT', 'upstream'],
  SERVER_ERROR: ['COUNT', 'upstream'],
  OVERLOADED: ['COUNT', 'upstream'],
  EMPTY_RESPONSE: ['COUNT', 'upstream'],
  ERROR: ['COUNT', 'agent'],
  MALFORMED_OUTPUT: ['COUNT', 'agent'],
  RATE_LIMITED: ['COUNT', 'keyOrUpstream'],
  QUOTA_EXHAUSTED: ['TRIP', 'keyOrUpstream'],
  AUTHENTICATION: ['TRIP', 'keyOrAgent'],
  FORBIDDEN: ['COUNT', 'keyOrAgent'],
  MODEL_NOT_FOUND: ['TRIP', 'model'],
  LOOP: ['TRIP', 'agent'],
  BUDGET: ['TRIP', 'agent'],
  TOOL_ERROR: ['COUNT', 'tool'],
  CONTEXT_LENGTH: ['ANSWERED', 'modelAndKey'],
  INVALID_REQUEST: ['ANSWERED', 'modelAndKey'],
  CONTENT_FILTERED: ['ANSWERED', 'modelAndKey'],
  CANCELLED: ['IGNORE', 'nobody'],
  DOWNSTREAM_OPEN: ['IGNORE', 'nobody'],
};

/** All kinds, in the order of the server's contract. */
export const FAILURE_KINDS = Object.freeze(Object.keys(KINDS));

export const isKind = (kind) => Object.hasOwn(KINDS, kind);

/** COUNT, TRIP, ANSWERED or IGNORE; a kind of a newer release counts like an ERROR. */
export function treatment(kind, hasRetryAfter) {
  if (kind === 'RATE_LIMITED' && hasRetryAfter) return 'TRIP';
  return isKind(kind) ? KINDS[kind][0] : 'COUNT';
}

/** Whether a name is that of something agents depend on; a key counts as such. */
export const isUpstream = (name) => /^(?:model|tool|key|mcp):/.test(name);

/** The one name with a prefix, or undefined if there is none or more than one. */
function only(names, matches) {
  const found = names.filter(matches);
  return found.length === 1 ? found[0] : undefined;
}

/**
 * The circuit that an outcome is attributed to; undefined if it reaches all: successes, and failures that are nobody's.
 *
 * @param {string} agent the guard's own circuit
 * @param {readonly string[]} dependencies what the call depends on
 * @param {{kind?: string, attributedTo?: string}} outcome
 */
export function attributedTo(agent, dependencies, outcome) {
  const { kind } = outcome;
  if (kind === undefined) return undefined;
  const rule = isKind(kind) ? KINDS[kind][1] : 'agent';
  if (rule === 'nobody') return undefined;
  const named = outcome.attributedTo;
  if (named !== undefined && (named === agent || dependencies.includes(named))) return named;
  const key = only(dependencies, (name) => name.startsWith('key:'));
  const upstream = only(dependencies, (name) => !name.startsWith('key:'));
  switch (rule) {
    case 'upstream':
      return upstream ?? agent;
    case 'keyOrUpstream':
      return key ?? upstream ?? agent;
    case 'keyOrAgent':
      return key ?? agent;
    case 'model':
    case 'modelAndKey':
      return only(dependencies, (name) => name.startsWith('model:')) ?? upstream ?? agent;
    case 'tool':
      return only(dependencies, (name) => name.startsWith('tool:')) ?? agent;
    default:
      return agent;
  }
}

/** Whether an outcome reaches a circuit, given the circuit that it is attributed to. */
export function reaches(circuit, attributed, outcome) {
  return attributed === undefined
    || attributed === circuit
    || (circuit.startsWith('key:') && isKind(outcome.kind) && KINDS[outcome.kind][1] === 'modelAndKey');
}

/** Whether an outcome is about what all callers of a key have used together: then the outcome of one caller is enough. */
export const isOfWholeKey = (circuit, outcome) =>
  circuit.startsWith('key:') && (outcome.kind === 'QUOTA_EXHAUSTED' || outcome.kind === 'RATE_LIMITED');
