/** Entries of the agent log, as the server reads them. */
import { classifyError } from './classify.js';
import { isKind } from './kinds.js';

const ACTIONS = ['llm_inference', 'tool_call', 'decision', 'error', 'custom'];

/** Longer texts are cut. */
const LONGEST = 2_000;

const cut = (text) => (text === undefined ? undefined : String(text).slice(0, LONGEST));

/**
 * @param {boolean} isGuarded whether guards report the calls of the agent
 * @returns {{fields: Record<string, any>, took: number}} without what nobody said
 */
export function entryOf(agent, action, details, isGuarded) {
  const { error, errorKind, tookMs } = details;
  if (!ACTIONS.includes(action)) throw new TypeError(`An action is one of ${ACTIONS.join(', ')}, but this was ${action}`);
  if (errorKind !== undefined && !isKind(errorKind)) throw new TypeError(`${errorKind} is no kind of failure`);
  const isText = typeof error === 'string';
  const outcome = error === undefined || isText ? {} : classifyError(error);
  const fields = {
    agent_id: agent,
    action_type: action,
    action_name: details.name,
    execution_id: details.execution,
    status: error === undefined && errorKind === undefined ? 'success' : 'failure',
    error_message: cut(isText ? error : error?.message ?? error),
    error_kind: errorKind ?? outcome.kind,
    retry_after_ms: details.retryAfterMs ?? outcome.retryAfterMs,
    input_summary: cut(details.input),
    output_summary: cut(details.output),
    latency_ms: tookMs,
    token_count: details.tokens,
    cost_usd: details.costUsd,
    depends_on: details.dependsOn?.length > 0 ? [...details.dependsOn] : undefined,
    caller: details.caller,
    metadata: details.metadata,
    guarded: details.guarded ?? isGuarded,
  };
  // Copied now, because the caller may change the object later.
  return { fields: JSON.parse(JSON.stringify(fields)), took: Math.max(0, tookMs ?? 0) };
}
