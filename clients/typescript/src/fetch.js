/** A `fetch` that guards each request, also the SDK's own retries: for any SDK that takes one. */
import { classifyAnswer, classifyPiece } from './classify.js';
import { CircuitOpenError, read } from './errors.js';
import { PieceClock } from './limits.js';
import { LONGEST_TEXT } from './wait.js';

/** How long reading the body of an error may take. */
const LONGEST_LOOK = 250;

/** An answer of JSON up to this size is read to its end. */
const LARGEST_FOLLOWED = 16 * 1024 * 1024;

/** The status of a refusal that is an answer; SDKs do not repeat it. */
const REFUSED = 424;

/** A name of a run that a header can hold and the proxy accepts. */
const SENDABLE = /^(?=.*[!-~])[ -~]{1,256}$/;

const STREAMS = /^(?:text\/event-stream|application\/(?:x-)?ndjson|application\/jsonl|application\/vnd\.amazon\.eventstream)/i;
const JSON_TYPE = /^application\/(?:[a-z.+-]*\+)?json/i;

/**
 * @param {import('./guard.js').Guard} guard
 * @param {typeof globalThis.fetch} fetch
 * @param {import('../index.js').FetchOptions} options
 * @returns {typeof globalThis.fetch}
 */
export function guardedFetch(guard, fetch, options) {
  const proxies = new Set((options.proxies ?? []).map((each) => new URL(each).origin));
  const isLimited = options.firstPieceMs !== undefined || options.totalMs !== undefined;
  return async (input, init) => {
    let permit;
    try {
      permit = await guard.acquire();
    } catch (refused) {
      if (options.refusal === 'throw' || !(refused instanceof CircuitOpenError)) throw refused;
      return refusal(refused);
    }
    const isProxied = proxies.size > 0 && proxies.has(originOf(input));
    if (isProxied) init = within(permit, guard.execution, input, init);
    const began = performance.now();
    const outcomeOf = (error) => {
      const outcome = guard.outcomeOf(error, init?.signal ?? read(input, 'signal'));
      return outcome.kind === 'CANCELLED' && hasTimedOut(init, performance.now() - began) ? { kind: 'TIMEOUT' } : outcome;
    };
    const clock = new PieceClock(options);
    const [bounded, late] = isLimited ? withAbort(input, init) : [init, undefined];
    let answer;
    try {
      answer = await clock.begin(() => permit.run(() => fetch(input, bounded)));
    } catch (error) {
      permit.settle(outcomeOf(error));
      late?.abort(error);
      throw error;
    }
    if (isProxied) permit.countedIn(countedBy(answer));
    return followed(permit, answer, clock, outcomeOf);
  };
}

function originOf(input) {
  try {
    return new URL(read(input, 'url') ?? input).origin;
  } catch {
    return undefined;
  }
}

/** A request to a proxy of Interlock says within which call and in which run it is made; no other host sees that. */
function within(permit, execution, input, init) {
  const token = permit.enclosingToken;
  const run = SENDABLE.test(execution ?? '') ? execution : undefined;
  if (token === undefined && run === undefined) return init;
  const headers = new Headers(init?.headers ?? read(input, 'headers'));
  if (token !== undefined) headers.set('interlock-permit', token);
  if (run !== undefined && !headers.has('interlock-execution')) headers.set('interlock-execution', run);
  return { ...init, headers };
}

/** The circuits in which a proxy of Interlock has counted a call. */
function countedBy(answer) {
  const names = answer.headers.get('interlock-counted');
  try {
    return names === null ? [] : names.split(',').map((each) => decodeURIComponent(each.trim()));
  } catch {
    return [];
  }
}

/** The arguments of a request that this guard can abort, too. */
function withAbort(input, init) {
  const late = new AbortController();
  const theirs = init?.signal ?? read(input, 'signal');
  return [{ ...init, signal: theirs ? AbortSignal.any([theirs, late.signal]) : late.signal }, late];
}

/** SDKs end a request that takes too long by aborting it, and say in a header how long that is. */
function hasTimedOut(init, took) {
  const seconds = Number(new Headers(init?.headers).get('x-stainless-timeout') ?? NaN);
  return seconds > 0 && took >= seconds * 1_000;
}

async function followed(permit, answer, clock, outcomeOf) {
  const type = answer.headers.get('content-type') ?? '';
  const get = (name) => answer.headers.get(name);
  if (answer.status >= 400 || get('interlock-refused') !== null) {
    permit.settle(classifyAnswer(answer.status, get, await begin(answer)));
  } else if (answer.body === null) {
    permit.settle({});
  } else if (STREAMS.test(type)) {
    return streamed(permit, answer, clock, outcomeOf);
  } else if (JSON_TYPE.test(type) && !(Number(get('content-length')) > LARGEST_FOLLOWED)) {
    follow(permit, answer.clone(), get, outcomeOf);
  } else {
    permit.settle({});
  }
  return answer;
}

/** The beginning of an error's body. Its reader still gets the whole body. */
async function begin(answer) {
  if (answer.body === null) return undefined;
  const reader = answer.clone().body.getReader();
  const decoder = new TextDecoder();
  const end = performance.now() + LONGEST_LOOK;
  let text = '';
  try {
    while (text.length < LONGEST_TEXT) {
      let timer;
      const late = new Promise((resolve) => {
        timer = setTimeout(() => resolve({ done: true }), Math.max(0, end - performance.now()));
      });
      const { done, value } = await Promise.race([reader.read(), late]).finally(() => clearTimeout(timer));
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // what was read must be enough
  }
  reader.cancel().catch(() => {});
  return text;
}

/** Reads a copy of an answer of JSON to its end: it may be cut off, or say that something failed. */
async function follow(permit, copy, get, outcomeOf) {
  try {
    const text = await copy.text();
    permit.guard.hearUsageIn(permit, text, true);
    permit.settle(classifyAnswer(copy.status, get, text.length <= LONGEST_TEXT ? text : undefined));
  } catch (error) {
    permit.settle(outcomeOf(error));
  }
}

/** The same answer; each piece is checked when the reader takes it. */
function streamed(permit, answer, clock, outcomeOf) {
  const reader = answer.body.getReader();
  const lines = new Lines((event) => permit.guard.hearUsageIn(permit, event, false));
  let isEmpty = true;
  const end = (controller, outcome, error) => {
    permit.settle(outcome);
    if (error === undefined) controller.close();
    else controller.error(error);
  };
  const body = new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await clock.next(() => reader.read());
        if (done) {
          end(controller, lines.failure(true) ?? (isEmpty ? { kind: 'EMPTY_RESPONSE' } : {}), undefined);
          return;
        }
        isEmpty = false;
        const failure = lines.add(value);
        if (failure !== undefined) permit.settle(failure);
        controller.enqueue(value);
      } catch (error) {
        end(controller, outcomeOf(error), error);
        reader.cancel(error).catch(() => {});
      }
    },
    cancel(reason) {
      permit.settle({ kind: 'CANCELLED' });
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  const { status, statusText, headers, url } = answer;
  return Object.defineProperty(new Response(body, { status, statusText, headers }), 'url', { value: url });
}

/** Events of a stream; finds those that report an error, or what was used. */
class Lines {
  #decoder = new TextDecoder();
  #rest = '';
  #used;

  /** @param {(event: string) => void} used called with an event that may say what the call used */
  constructor(used) {
    this.#used = used;
  }

  add(bytes) {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    return this.failure(false);
  }

  /** Checks the complete events, or at the end of the stream what is left. */
  failure(isEnd) {
    const events = this.#rest.split(/\r?\n\r?\n/);
    const rest = events.pop();
    if (isEnd && rest.trim() !== '') events.push(rest);
    this.#rest = isEnd ? '' : rest.slice(-LONGEST_TEXT);
    for (const event of events) {
      if (event.includes('"usage"')) this.#used(event);
      const failure = /error/.test(event) ? classifyPiece(event.trim()) : undefined;
      if (failure !== undefined) return failure;
    }
    return undefined;
  }
}

/** A refusal as an answer, in the form of errors that OpenAI's and Anthropic's SDKs read. */
function refusal(refused) {
  const { circuit, reason, retryAfterMs, alternatives, message } = refused;
  const seconds = retryAfterMs === undefined ? null : Math.max(1, Math.ceil(retryAfterMs / 1_000));
  const said = { circuit, reason, retry_after: seconds, retry_after_ms: retryAfterMs ?? null, alternatives };
  const name = /^[!-~]+$/.test(circuit) ? circuit : encodeURIComponent(circuit);
  const headers = { 'Content-Type': 'application/json', 'interlock-refused': name, 'x-should-retry': 'false' };
  if (seconds !== null) headers['Retry-After'] = String(seconds);
  return new Response(
    JSON.stringify({ type: 'error', error: { type: 'circuit_open', code: 'circuit_open', param: null, message, ...said } }),
    { status: REFUSED, statusText: 'Failed Dependency', headers },
  );
}
