/**
 * What a provider says is wrong, by the code or type in its error or by its usual words. The order matters: if a text has
 * several marks, the first of this list decides. A code is the whole of an error's code, type or status, or a whole string
 * in a body; a phrase, in lower case, may be anywhere in a text.
 */
import { LONGEST_TEXT } from './wait.js';

const MARKS = [
  ['DOWNSTREAM_OPEN', ['circuit_open'], []],
  ['QUOTA_EXHAUSTED',
    ['insufficient_quota', 'billing_hard_limit_reached', 'billing_error', 'billing_not_active', 'servicequotaexceededexception'],
    ['credit balance is too low', 'weekly limit', 'monthly limit']],
  ['CONTEXT_LENGTH', ['context_length_exceeded'],
    ['maximum context length', 'prompt is too long', 'input is too long', 'exceeds the maximum number of tokens']],
  ['CONTENT_FILTERED', ['content_filter', 'content_policy_violation', 'responsibleaipolicyviolation'], []],
  ['MODEL_NOT_FOUND', ['model_not_found', 'deploymentnotfound', 'resourcenotfoundexception'],
    ['not_found_error","message":"model:', 'not_found_error", "message": "model:']],
  ['RATE_LIMITED',
    ['rate_limit_exceeded', 'rate_limit_error', 'resource_exhausted', 'throttlingexception', 'toomanyrequestsexception'], []],
  ['OVERLOADED',
    ['overloaded_error', 'engine_overloaded', 'unavailable', 'serviceunavailableexception', 'modelnotreadyexception', 'slow_down'],
    ['model is currently overloaded']],
  ['AUTHENTICATION', ['authentication_error', 'invalid_api_key', 'unauthenticated'], []],
  ['FORBIDDEN', ['permission_error', 'permission_denied', 'accessdeniedexception'], []],
  ['TOOL_ERROR', ['tool_error'], []],
  ['TIMEOUT', ['deadline_exceeded', 'timeout_error', 'modeltimeoutexception'], []],
  ['SERVER_ERROR', ['modelerrorexception', 'modelstreamerrorexception'], []],
  // From here on a status is more exact.
  ['INVALID_REQUEST', ['invalid_request_error', 'invalid_argument'], [], true],
  ['SERVER_ERROR', ['server_error', 'api_error', 'internal_server_error', 'internal'], [], true],
  ['CANCELLED', ['cancelled'], [], true],
  // A used-up quota, unless the error names a wait, which makes it a rate limit.
  ['QUOTA_UNLESS_WAIT', [], ['exceeded your current quota']],
].map(([kind, codes, phrases, isBroad = false], order) => ({ kind, codes, phrases, isBroad, order }));

const BY_CODE = new Map(MARKS.flatMap((mark) => mark.codes.map((code) => [code, mark])));

/** The mark for an error's code, type or status, in upper or lower case; undefined if it is not known. */
export const ofCode = (code) =>
  (typeof code === 'string' && code.length < 100 ? BY_CODE.get(code.trim().toLowerCase()) : undefined);

/** The first of the marks, by their order, in the first 8 Ki characters of a text. */
export function ofText(text) {
  const lower = text.slice(0, LONGEST_TEXT).toLowerCase();
  return MARKS.find((mark) =>
    mark.phrases.some((phrase) => lower.includes(phrase)) || mark.codes.some((code) => lower.includes(`"${code}"`)));
}
