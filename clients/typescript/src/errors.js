/** What this client throws, and how to find a refusal in the error that an SDK made of it. */

/** A failure whose kind the code that throws it knows. */
export class Failure extends Error {
  name = 'Failure';

  /**
   * @param {string} kind such as TIMEOUT
   * @param {{message?: string, retryAfterMs?: number, attributedTo?: string, cause?: unknown}} [more]
   */
  constructor(kind, more = {}) {
    super(more.message ?? `The call failed: ${kind}`, more.cause === undefined ? undefined : { cause: more.cause });
    this.kind = kind;
    this.retryAfterMs = more.retryAfterMs;
    this.attributedTo = more.attributedTo;
  }
}

/** A stream brought nothing for too long. */
export class StreamTimeoutError extends Error {
  name = 'StreamTimeoutError';
}

/** How long to wait in words, rounded up. */
const spoken = (ms) => (ms >= 1_000 ? `${Math.ceil(ms / 1_000)} s` : `${Math.ceil(ms)} ms`);

/** The last sentence of every refusal, for a program and for a model. */
const SENTENCE = 'Do not repeat this call.';

const WORDS = {
  open: 'is open',
  half_open: 'is half-open, and other calls are its trials',
  held: 'is held open',
  gate: 'is behind a closed gate',
  unreachable: 'cannot be asked about, since no server answers',
  loop: 'repeats itself: the same call had the same result several times in this execution',
};

/** A call was refused, and nothing was called. */
export class CircuitOpenError extends Error {
  name = 'CircuitOpenError';
  code = 'circuit_open';

  /** @param {Record<string, any>} refusal */
  constructor(refusal) {
    const { circuit, reason, retryAfterMs } = refusal;
    const cause = refusal.cause ? `: ${refusal.cause}` : '';
    const why = typeof refusal.why === 'string' && refusal.why !== '' ? refusal.why : undefined;
    const gate = refusal.gate && reason !== 'loop' && why === undefined ? ` '${refusal.gate}'` : '';
    const words = reason === 'gate' && why !== undefined ? 'is over a budget' : WORDS[reason] ?? 'is open';
    const alternatives = refusal.alternatives?.length > 0 ? ` Instead: ${refusal.alternatives.join(', ')}.` : '';
    const retry = retryAfterMs === undefined ? '' : `; ${reason === 'loop' ? 'its further calls are refused for' : 'retry in'} ${spoken(retryAfterMs)}`;
    super(`${circuit} ${words}${gate}${cause}${retry}.${why === undefined ? '' : ` ${why}.`}${alternatives} ${SENTENCE}`);
    this.circuit = circuit;
    this.reason = reason;
    this.state = refusal.state;
    this.retryAfterMs = retryAfterMs;
    this.alternatives = Object.freeze([...(refusal.alternatives ?? [])]);
    this.decided = refusal.decided;
    this.gate = refusal.gate;
    this.why = why;
    this.sentence = SENTENCE;
  }
}

/** An error and its causes, from the outermost inwards. A hostile chain may be a circle. */
export function* causes(error) {
  let cause = error;
  for (let depth = 0; depth < 32 && cause !== null && typeof cause === 'object'; depth++) {
    yield cause;
    cause = read(cause, 'cause') ?? read(cause, 'lastError') ?? read(cause, 'errors')?.[0];
  }
}

/** A property of an object from outside: its accessor may throw. */
export function read(object, name) {
  try {
    return object?.[name] ?? undefined;
  } catch {
    return undefined;
  }
}

/** A header's value by its name in lower case, from any of the places where SDKs keep headers. */
export function header(holder, name) {
  for (const at of ['headers', 'responseHeaders']) {
    const value = ofHeaders(read(holder, at), name);
    if (value !== undefined) return value;
  }
  for (const at of ['response', '$response']) {
    const value = ofHeaders(read(read(holder, at), 'headers'), name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function ofHeaders(headers, name) {
  if (headers === undefined || typeof headers !== 'object') return undefined;
  try {
    if (typeof headers.get === 'function') {
      const value = headers.get(name);
      return typeof value === 'string' ? value : undefined;
    }
    for (const each of Object.keys(headers)) {
      if (each.toLowerCase() === name) return String(Array.isArray(headers[each]) ? headers[each][0] : headers[each]);
    }
  } catch {
    return undefined;
  }
  return undefined;
}

/**
 * The refusal in an error: this client's own, wherever an SDK has wrapped it, or that of a proxy of Interlock.
 *
 * @param {unknown} error
 * @returns {CircuitOpenError | undefined} undefined if no circuit refused
 */
export function refusalOf(error) {
  for (const cause of causes(error)) {
    if (read(cause, 'name') === 'CircuitOpenError' && typeof read(cause, 'circuit') === 'string') return cause;
    const refused = header(cause, 'interlock-refused');
    if (refused !== undefined) return ofProxy(cause, refused);
  }
  return undefined;
}

function ofProxy(cause, circuit) {
  const body = read(cause, 'data') ?? read(cause, 'error');
  const said = { ...(body && typeof body === 'object' ? body : {}), ...(body?.error ?? {}), ...(body?.error?.error ?? {}) };
  const seconds = Number(header(cause, 'retry-after') ?? NaN);
  const millis = typeof said.retry_after_ms === 'number' ? said.retry_after_ms : seconds * 1_000;
  return new CircuitOpenError({
    circuit,
    reason: typeof said.reason === 'string' ? said.reason : 'open',
    state: 'open',
    retryAfterMs: Number.isFinite(millis) ? millis : undefined,
    alternatives: Array.isArray(said.alternatives) ? said.alternatives.filter((each) => typeof each === 'string') : [],
    decided: 'server',
    why: said.why,
  });
}
