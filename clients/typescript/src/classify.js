/**
 * What an error or a result means for the circuits around a call. Errors of `openai`, `@anthropic-ai/sdk`, the Vercel AI
 * SDK, `fetch`, axios, the AWS SDK and MCP are known by name, code and status, so that none of them is a dependency.
 *
 * It looks in this order: a refusal by a circuit anywhere in the chain of causes; the error's code or type, in the error
 * or in its body; the HTTP status; the name of a class, or a code of the system; the text of a message. If several errors
 * in a chain say something, the outermost of them decides.
 */
import { causes, header, read } from './errors.js';
import { inBand } from './in-band.js';
import { isKind } from './kinds.js';
import { ofCode, ofText as markOfText } from './marks.js';
import { LONGEST_TEXT, ofHeaders, ofText as waitOfText } from './wait.js';

/** A limit that asks for a longer wait than this is a quota, not a rate. */
const LONGEST_RATE_LIMIT = 86_400_000;

const SUCCESS = Object.freeze({});

const CODES = new Map([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN',
    'EPROTO', 'ECONNABORTED', 'ERR_NETWORK', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CLOSED', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED',
    'UND_ERR_DESTROYED', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED'].map((code) => [code, 'CONNECTION']),
  ...['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ERR_SOCKET_CONNECTION_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT'].map((code) => [code, 'TIMEOUT']),
  ...['ERR_CANCELED', 'UND_ERR_ABORTED', 'ABORT_ERR'].map((code) => [code, 'CANCELLED']),
]);
const CODES_BEGIN = /^(?:ERR_TLS_|ERR_SSL_|ERR_HTTP2_|HPE_)/;

const NAMES = new Map([
  ...['TimeoutError', 'APIConnectionTimeoutError', 'ConnectTimeoutError', 'HeadersTimeoutError', 'BodyTimeoutError',
    'StreamTimeoutError'].map((name) => [name, 'TIMEOUT']),
  ...['AbortError', 'CanceledError', 'APIUserAbortError'].map((name) => [name, 'CANCELLED']),
  ...['AuthenticationError', 'AI_LoadAPIKeyError'].map((name) => [name, 'AUTHENTICATION']),
  ['PermissionDeniedError', 'FORBIDDEN'],
  ['RateLimitError', 'RATE_LIMITED'],
  ['InternalServerError', 'SERVER_ERROR'],
  ...['BadRequestError', 'NotFoundError', 'ConflictError', 'UnprocessableEntityError', 'AI_InvalidPromptError',
    'AI_InvalidArgumentError', 'AI_UnsupportedFunctionalityError'].map((name) => [name, 'INVALID_REQUEST']),
  ['AI_NoSuchModelError', 'MODEL_NOT_FOUND'],
  ['ContentFilterFinishReasonError', 'CONTENT_FILTERED'],
  ...['AI_EmptyResponseBodyError', 'AI_NoContentGeneratedError', 'AI_NoOutputGeneratedError'].map((name) => [name, 'EMPTY_RESPONSE']),
  ...['LengthFinishReasonError', 'AI_InvalidResponseDataError', 'AI_JSONParseError', 'AI_TypeValidationError',
    'AI_NoObjectGeneratedError', 'AI_InvalidToolInputError', 'AI_InvalidToolArgumentsError', 'AI_NoSuchToolError', 'SyntaxError',
    'ZodError'].map((name) => [name, 'MALFORMED_OUTPUT']),
  ['AI_ToolExecutionError', 'TOOL_ERROR'],
  ['ServiceQuotaExceededException', 'QUOTA_EXHAUSTED'],
]);

/** Wrappers around an error of the connection: they decide only if nothing else does. */
const WRAPPERS = new Map([['APIConnectionError', 'CONNECTION'], ['FetchError', 'CONNECTION']]);

const STATUS_IN_TEXT = /^(?:HTTP )?([45]\d\d)(?:$| - )/;

/**
 * What a thrown error means.
 *
 * @param {unknown} error
 * @param {AbortSignal} [signal] of the call: if it has timed out, a call that was given up is a TIMEOUT
 */
export function classifyError(error, signal) {
  const found = { now: Date.now() };
  for (const cause of causes(error)) {
    const name = read(cause, 'name');
    if (name === 'CircuitOpenError' || header(cause, 'interlock-refused') !== undefined) return { kind: 'DOWNSTREAM_OPEN' };
    if (name === 'Failure' && typeof read(cause, 'kind') === 'string' && found.said === undefined) {
      found.said = ownFailure(cause);
    }
    add(found, cause);
  }
  if (found.refused) return { kind: 'DOWNSTREAM_OPEN' };
  const outcome = found.said ?? together(found);
  const timedOut = found.timedOut || (signal?.aborted === true && read(signal.reason, 'name') === 'TimeoutError');
  if (outcome.kind === 'CANCELLED' && timedOut) return { kind: 'TIMEOUT' }; // a time limit that ended the call by cancelling it
  const givenUp = outcome.kind === 'ERROR' && signal?.aborted === true && error === signal.reason;
  return givenUp ? { kind: timedOut ? 'TIMEOUT' : 'CANCELLED' } : outcome;
}

/** What an HTTP answer means: status, headers, and as much of the body as is at hand. */
export function classifyAnswer(status, get, body, now = Date.now()) {
  if (get('interlock-refused') != null) return { kind: 'DOWNSTREAM_OPEN' };
  const text = body?.slice(0, LONGEST_TEXT);
  if (status < 400) return (text === undefined ? undefined : inBandOutcome(text, get, now)) ?? SUCCESS;
  return judged({ status, mark: text === undefined ? undefined : markOfText(text), wait: waitOf(get, text, now) });
}

/** What an error in an answer with a good status means; undefined if there is none. */
function inBandOutcome(text, get, now) {
  const error = inBand(text);
  if (error === undefined) return undefined;
  const mark = markOfText(error.text);
  const standIn = mark?.kind === 'INVALID_REQUEST' ? 400 : mark?.kind === 'CANCELLED' ? 499 : 500;
  return judged({ status: error.status ?? standIn, mark, wait: waitOf(get, error.text, now) });
}

/** What the error that a piece of a stream of events reports means; undefined if it reports none. */
export const classifyPiece = (piece) => inBandOutcome(piece, () => undefined, 0);

/**
 * What a result means: a response of `fetch` by its status, answers of models by their finish reason.
 *
 * @param {any} result
 */
export function classifyResult(result) {
  if (result === null || typeof result !== 'object') return SUCCESS;
  const status = read(result, 'status');
  if (typeof status === 'number' && typeof read(result, 'headers')?.get === 'function') {
    return classifyAnswer(status, (name) => result.headers.get(name), undefined);
  }
  if (read(result, 'object') === 'chat.completion') {
    const choice = read(result, 'choices')?.[0];
    if (choice?.finish_reason === 'content_filter') return { kind: 'CONTENT_FILTERED' };
    const { content, tool_calls: tools, refusal, audio } = choice?.message ?? {};
    const says = content || refusal || audio || tools?.length > 0 || choice?.message?.function_call;
    return says ? SUCCESS : { kind: 'EMPTY_RESPONSE' };
  }
  if (read(result, 'type') === 'message' && Array.isArray(read(result, 'content'))) {
    if (read(result, 'stop_reason') === 'refusal') return { kind: 'CONTENT_FILTERED' };
    return result.content.length > 0 ? SUCCESS : { kind: 'EMPTY_RESPONSE' };
  }
  return SUCCESS;
}

/** The failure that an HTTP status from 400 on stands for. */
function ofStatus(status) {
  switch (status) {
    case 401: return 'AUTHENTICATION';
    case 402: return 'QUOTA_EXHAUSTED';
    case 403: return 'FORBIDDEN';
    case 408: case 504: return 'TIMEOUT';
    case 429: return 'RATE_LIMITED';
    case 499: return 'CANCELLED';
    case 503: case 529: return 'OVERLOADED';
    default: return status < 500 ? 'INVALID_REQUEST' : 'SERVER_ERROR';
  }
}

function ownFailure(cause) {
  const kind = isKind(cause.kind) ? cause.kind : 'ERROR';
  return { kind, retryAfterMs: cause.retryAfterMs, attributedTo: cause.attributedTo };
}

/** Adds what one error of a chain says. */
function add(found, cause) {
  const message = String(read(cause, 'message') ?? '');
  const body = bodyOf(cause);
  const code = codeOf(cause);
  const text = body ?? message;
  const said = markOfText(text);
  const mark = said !== undefined && (code === undefined || code.isBroad || said.kind === 'DOWNSTREAM_OPEN') ? said : code;
  found.refused ||= mark?.kind === 'DOWNSTREAM_OPEN' || markOfText(message)?.kind === 'DOWNSTREAM_OPEN';
  if (found.mark === undefined || (found.mark.isBroad && mark !== undefined)) found.mark = mark ?? found.mark;
  found.status ??= statusOf(cause) ?? inText(message);
  found.wait ??= waitOf((name) => header(cause, name), text, found.now);
  const kind = nameOf(cause);
  found.timedOut ||= kind === 'TIMEOUT';
  found.named ??= kind;
  found.wrapped ??= WRAPPERS.get(className(cause));
}

function together(found) {
  const { mark, status, wait, named, wrapped } = found;
  if (mark !== undefined || status !== undefined) return judged({ status, mark, wait });
  return outcome(named ?? wrapped ?? 'ERROR', wait, false);
}

/** What mark and status say together; the mark first, unless it says less than the status. */
function judged({ status, mark, wait }) {
  let kind = mark?.kind;
  if (kind === 'QUOTA_UNLESS_WAIT') kind = wait === undefined ? 'QUOTA_EXHAUSTED' : 'RATE_LIMITED';
  if ((kind === undefined || mark.isBroad) && status !== undefined) kind = ofStatus(status);
  if (kind === 'RATE_LIMITED' && wait > LONGEST_RATE_LIMIT) kind = 'QUOTA_EXHAUSTED';
  return outcome(kind ?? 'ERROR', wait, status !== undefined);
}

function outcome(kind, retryAfterMs, isOfStatus) {
  const all = { kind };
  if (retryAfterMs !== undefined) all.retryAfterMs = retryAfterMs;
  if (isOfStatus) all.ofStatus = true;
  return all;
}

const waitOf = (get, text, now) => ofHeaders(get, now) ?? (text === undefined ? undefined : waitOfText(text));

function statusOf(cause) {
  const places = [read(cause, 'status'), read(cause, 'statusCode'), read(read(cause, '$metadata'), 'httpStatusCode'),
    read(read(cause, 'response'), 'status'), read(cause, 'code')];
  return places.find((status) => Number.isInteger(status) && status >= 400 && status <= 599);
}

function inText(message) {
  const found = STATUS_IN_TEXT.exec(message);
  return found ? Number(found[1]) : undefined;
}

function codeOf(cause) {
  const code = read(cause, 'code');
  if (code === -32603) return ofCode('server_error'); // of JSON-RPC, which MCP speaks
  if (code === -32001 && className(cause) === 'McpError') return ofCode('timeout_error');
  if ([-32700, -32600, -32601, -32602].includes(code)) return ofCode('invalid_request_error');
  const body = read(cause, 'error');
  const data = read(cause, 'data');
  const values = [code, read(cause, 'type'), read(cause, 'status'), ...codesIn(body), ...codesIn(data), read(cause, 'name')];
  for (const value of values) {
    const mark = ofCode(value);
    if (mark !== undefined) return mark;
  }
  return undefined;
}

/** Codes and types of a provider's error, one or two levels deep. */
function codesIn(body) {
  const inner = read(body, 'error');
  return [read(inner, 'code'), read(inner, 'type'), read(body, 'code'), read(body, 'type')];
}

/** The body of an answer, as a text, if an SDK keeps it. */
function bodyOf(cause) {
  for (const value of [read(cause, 'responseBody'), read(cause, 'body'), read(cause, 'error'), read(read(cause, 'response'), 'data')]) {
    if (typeof value === 'string') return value;
    if (value !== undefined && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      try {
        return JSON.stringify(value);
      } catch {
        return undefined;
      }
    }
  }
  return undefined;
}

/** The name of an error's class; SDKs leave `name` as it is with `Error`. */
function className(cause) {
  const name = read(cause, 'name');
  return name !== 'Error' && typeof name === 'string' ? name : read(read(cause, 'constructor'), 'name');
}

function nameOf(cause) {
  const code = read(cause, 'code');
  if (code === 'ECONNABORTED' && /timeout/i.test(String(read(cause, 'message')))) return 'TIMEOUT'; // axios
  if (typeof code === 'string') {
    const kind = CODES.get(code) ?? (CODES_BEGIN.test(code) ? 'CONNECTION' : undefined);
    if (kind !== undefined) return kind;
  }
  const known = NAMES.get(read(cause, 'name'));
  if (known !== undefined) return known;
  // Subclasses of an SDK's errors, and of users', go by the nearest class that is known.
  for (let type = read(cause, 'constructor'); typeof type === 'function' && type !== Error; type = Object.getPrototypeOf(type)) {
    if (NAMES.has(type.name)) return NAMES.get(type.name);
  }
  if (read(cause, 'name') === 'TypeError' && read(cause, 'message') === 'terminated') return 'CONNECTION';
  return undefined;
}
