/**
 * The exchange with a server: one parked request brings changes, another reports what happened. Logs when the process is
 * cut off from all servers, and when it is connected again.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Connections } from './http.js';
import { Outbox } from './outbox.js';

/** How long a server may hold an answer back while nothing has changed. */
const PARKED = 25_000;

/** How much later than `PARKED` an answer may come. */
const PATIENCE = 2_000;

/** Outcomes are reported after this time, or when there are this many. */
const REPORT_AFTER = 250;
const REPORT_AT = 100;

/** How long an ending process waits for an answer to its goodbye. */
const GOODBYE = 500;

const KEY_AGAIN = 30_000;
const MOST_WATCHED = 1_000;
const MOST_COMPLAINTS = 100;

/** In place of an answer: send the same again, without a wait. */
const AGAIN = Symbol('again');

export class Sync {
  #client;
  #options;
  #connections = new Connections();
  id = randomBytes(16).toString('hex');
  #isClosed = false;
  #urlIndex = 0;
  #generation = 0;
  #cursor = undefined;
  #staleAfter = 30_000;
  #staleTimer = undefined;
  #watch = new Set();
  #watchNumber = 1;
  #watchIsSent = false;
  #announcing = false;
  #announced = undefined;
  #failures = 0;
  #backoff;
  #wakePoll = undefined;
  #parked = undefined;
  #reporting = undefined;
  #reportTimer = undefined;
  #heardWaiters = new Set();
  #lastHeard = -Infinity;
  #complained = new Set();

  /** Once this many outcomes are reported, the server has counted all that opened circuits in this process. */
  #countedAt = undefined;
  outbox = new Outbox();
  mode = 'connecting';
  since = performance.now();
  requests = 0;
  lastError = undefined;

  /**
   * @param {import('./client.js').Interlock} client
   * @param {Record<string, any>} options
   */
  constructor(client, options) {
    this.#client = client;
    this.#options = options;
    this.#backoff = options.backoffMs;
    options.watch.forEach((name) => this.#watch.add(name));
    setImmediate(() => this.#poll()).unref();
  }

  get url() {
    return this.mode === 'connected' ? this.#options.urls[this.#urlIndex] : undefined;
  }

  get generation() {
    return this.#generation === 0 ? undefined : this.#generation;
  }

  /** Watches a circuit from now on; circuits that are named together go in one request. */
  watch(name) {
    if (this.#watch.has(name) || this.#watch.size >= MOST_WATCHED) return;
    this.#watch.add(name);
    this.#watchNumber++;
    this.#watchIsSent = false;
    if (!this.#announcing && this.mode === 'connected') {
      this.#announcing = true;
      queueMicrotask(() => {
        this.#announcing = false;
        this.#exchange({ wait_ms: 0 }, PATIENCE).catch(() => {});
      });
    }
  }

  isWatched(name) {
    return this.#watch.has(name);
  }

  /** Completes after a first report about the circuits, or after the longest time that a call waits. */
  heard(circuits) {
    const isHeard = () => circuits.every((circuit) => this.#client.hasHeard(circuit));
    if (isHeard()) return Promise.resolve();
    return new Promise((resolve) => {
      const waiter = () => {
        if (!isHeard()) return;
        clearTimeout(timer);
        this.#heardWaiters.delete(waiter);
        resolve();
      };
      // It keeps the process alive: somebody awaits the call.
      const timer = setTimeout(() => {
        for (const circuit of circuits) circuit.wasWaitedFor = true;
        waiter();
      }, this.#options.timeoutMs);
      this.#heardWaiters.add(waiter);
    });
  }

  /**
   * Asks for a trial.
   *
   * @returns the permit or the refusal; undefined if no server answers in time
   */
  async askForTrial(guard, parent, execution) {
    const path = `/api/v1/circuits/${encodeURIComponent(guard.agent)}/permits`;
    const body = {
      depends_on: guard.dependsOn,
      ...(parent && { parent }),
      ...(guard.isCallerNamed && { caller: guard.caller }),
      ...(execution !== undefined && { execution }),
    };
    let answer;
    try {
      answer = await this.#send(path, body, this.#options.timeoutMs, true);
    } catch (error) {
      this.lastError = wordsOf(error);
      this.#doubt();
      return undefined;
    }
    const { status, body: said, retryAfterMs } = answer;
    if (status === 200 && typeof said?.permit === 'string') return { permit: said.permit };
    if (status === 422 && parent !== undefined) return this.askForTrial(guard, undefined, execution);
    if (status === 503 && said?.type === 'circuit-open') {
      const wait = said.retry_after_ms ?? retryAfterMs ?? 1_000;
      return { circuit: said.agent_id, wait, decided: 'server' };
    }
    if (status === 503 && said?.type === 'gate-closed') {
      const reason = said.reason === 'loop' ? 'loop' : 'gate';
      const wait = said.retry_after_ms ?? retryAfterMs;
      return { circuit: said.agent_id, reason, gate: said.gate, why: said.why, wait, decided: 'server' };
    }
    if (status === 429) return { circuit: guard.agent, wait: retryAfterMs ?? 1_000, decided: 'server' };
    this.lastError = `a trial was answered ${status}`;
    this.#doubt();
    return undefined;
  }

  /** There is an entry of the agent log to report. */
  log(entry) {
    this.outbox.log(entry);
    this.#reportSoon();
  }

  /** There is something to report: soon, or at once. */
  report(entry, isUrgent) {
    this.outbox.add(entry);
    if (isUrgent || this.outbox.waiting >= REPORT_AT) this.#report();
    else this.#reportSoon();
  }

  refused(agent, circuit) {
    this.outbox.refused(agent, circuit);
    this.#reportSoon();
  }

  /** Sends everything that is to be reported. Returns whether a server has acknowledged it in time. */
  async flush(withinMs) {
    const end = performance.now() + withinMs;
    while (!this.outbox.isEmpty && performance.now() < end) {
      const within = end - performance.now();
      const later = new Promise((resolve) => { setTimeout(resolve, Math.min(within, 50)); });
      const sent = this.#reporting ?? (this.outbox.isDue ? this.#report(true) : later);
      await Promise.race([sent.catch(() => {}), later]);
    }
    return this.outbox.isEmpty;
  }

  /** Ends the exchange, and says goodbye to the server. */
  async close() {
    if (this.#isClosed) return;
    const isKnown = this.mode === 'connected';
    this.#isClosed = true;
    this.#parked?.abort();
    clearTimeout(this.#reportTimer);
    clearTimeout(this.#staleTimer);
    this.#wakePoll?.();
    this.#become('closed');
    if (isKnown) await this.#sayGoodbye();
    this.#connections.close();
  }

  /** Says that a stop need not wait for this process any more. If that is lost, the server finds out by itself. */
  async #sayGoodbye() {
    const end = performance.now() + GOODBYE;
    let timer;
    const late = new Promise((resolve) => { timer = setTimeout(resolve, GOODBYE); });
    await Promise.race([this.#announced, late]); // a list of watched circuits that came later would register this process again
    clearTimeout(timer);
    const within = Math.max(1, end - performance.now());
    await this.#send('/api/v1/sync', { client: this.id, leaving: true }, within, true).catch(() => {});
  }

  async #poll() {
    while (!this.#isClosed) {
      const isSure = this.#failures === 0 && this.#cursor !== undefined;
      const isParked = this.mode === 'connected' && this.#watchIsSent && isSure;
      this.#parked = new AbortController();
      let wait = 0;
      try {
        const outcome = await this.#exchange(
          { wait_ms: isParked ? PARKED : 0 }, (isParked ? PARKED : 0) + PATIENCE, this.#parked.signal);
        if (typeof outcome === 'number') wait = outcome;
      } catch {
        wait = this.#failures % this.#options.urls.length === 0 && this.#failures > 1 ? this.#nextBackoff() : 0;
      }
      if (wait > 0) await this.#pause(wait);
    }
  }

  #report(isLast = false) {
    if (this.#reporting !== undefined || this.#isClosed) return this.#reporting ?? Promise.resolve();
    clearTimeout(this.#reportTimer);
    this.#reportTimer = undefined;
    this.#reporting = this.#reportAll(isLast).finally(() => {
      this.#reporting = undefined;
    });
    return this.#reporting;
  }

  async #reportAll(isLast) {
    while (this.outbox.isDue && !this.#isClosed) {
      if (this.mode !== 'connected' && !isLast) return; // the request that connects again reports
      const batch = this.outbox.batch();
      const wire = { batch: batch.number, outcomes: batch.outcomes.map((each) => this.#wired(each)), refusals: batch.refusals };
      if (batch.entries.length > 0) {
        wire.sent_at = new Date().toISOString();
        wire.entries = batch.entries.map((each) => this.#dated(each));
      }
      let outcome;
      try {
        outcome = await this.#exchange(wire, PATIENCE, undefined, isLast);
      } catch {
        if (this.mode !== 'connected' || isLast) return;
        outcome = AGAIN;
      }
      if (outcome === 'refused') this.outbox.done(false);
      else if (outcome === 'too large') this.outbox.halve();
      else if (typeof outcome === 'number') {
        if (this.mode !== 'connected' || (isLast && outcome > PATIENCE)) return;
        await this.#pauseFor(outcome, isLast);
      }
    }
    if (!this.outbox.isEmpty && !this.#isClosed) this.#reportSoon(this.outbox.pause);
  }

  #reportSoon(after = REPORT_AFTER) {
    this.#reportTimer ??= setTimeout(() => this.#report(), after).unref();
  }

  /** An entry with the time at which it began, by the current wall clock. */
  #dated({ fields, began }) {
    return { ...fields, timestamp: new Date(Date.now() - Math.max(0, this.#client.now() - began)).toISOString() };
  }

  /** An outcome as the server reads it, with its current age. */
  #wired({ permit, guard, outcome, duration, ended, spending, epochs, generation, inner }) {
    const wire = { outcome: outcome.kind === undefined ? 'success' : outcome.kind === 'CANCELLED' ? 'cancelled' : 'failure' };
    if (wire.outcome === 'failure') {
      wire.kind = outcome.kind;
      if (outcome.retryAfterMs > 0) wire.retry_after_ms = outcome.retryAfterMs;
      if (outcome.attributedTo !== undefined) wire.concerning = outcome.attributedTo;
    }
    wire.duration_ms = Math.max(0, duration);
    if (spending !== undefined) Object.assign(wire, spending.wire);
    if (permit !== undefined) return { ...wire, permit };
    wire.agent_id = guard.agent;
    if (guard.dependsOn.length > 0) wire.depends_on = guard.dependsOn;
    if (guard.isCallerNamed) wire.caller = guard.caller;
    wire.age_ms = Math.max(0, this.#client.now() - ended);
    if (epochs !== undefined && generation === this.#generation) wire.epochs = epochs;
    if (inner !== undefined) wire.inner = inner;
    return wire;
  }

  /**
   * Sends one request, and applies what its answer says.
   *
   * @returns `taken`, a number of milliseconds to wait before sending the same again, `refused` or `too large`
   * @throws if there is no answer
   */
  async #exchange(body, timeoutMs, signal, keepsAlive = false) {
    const withWatch = !this.#watchIsSent || this.mode !== 'connected';
    const generation = this.#generation;
    const request = {
      client: this.id,
      name: this.#options.name ?? `${hostname()}/${process.pid} typescript`.slice(0, 128),
      on_unreachable: this.#client.onUnreachable,
      ...(generation !== 0 && { generation }),
      // Without a cursor the answer has the whole state, after this report has counted.
      ...(this.#cursor !== undefined && !(body.batch && this.#countedAt !== undefined) && { cursor: this.#cursor }),
      ...(withWatch && { watch: [...this.#watch], watch_number: this.#watchNumber }),
      ...body,
    };
    if (withWatch) this.#watchIsSent = true;
    const index = this.#urlIndex;
    let answer;
    try {
      const sent = this.#send('/api/v1/sync', request, timeoutMs, keepsAlive, signal);
      if (withWatch) this.#announced = sent.catch(() => {});
      answer = await sent;
      if (answer.status === 200 && !isAnswer(answer.body)) throw new Error('an answer that is not from an Interlock server');
    } catch (error) {
      if (withWatch) this.#watchIsSent = false;
      if (!this.#isClosed && signal?.aborted !== true) this.#failed(error, index);
      throw error;
    }
    if (answer.status === 200) {
      this.#succeeded();
      if (body.batch !== undefined) this.#received(answer.body.receipt);
      if (!this.#isClosed) this.#apply(answer.body, generation);
      return 'taken';
    }
    if (withWatch) this.#watchIsSent = false;
    return this.#problem(answer, body.batch !== undefined, index);
  }

  #send(path, body, timeoutMs, keepsAlive, signal) {
    this.requests++;
    const url = this.#options.urls[this.#urlIndex].replace(/\/+$/, '') + path;
    const headers = { Authorization: `Bearer ${this.#options.key}` };
    return this.#connections.send(url, { headers, body, timeoutMs, keepsAlive, signal });
  }

  /** What to do about an answer that is not a success. */
  #problem({ status, body, retryAfterMs }, isReport, index) {
    const detail = typeof body?.detail === 'string' ? `: ${body.detail}` : '';
    this.lastError = `the server answered ${status}${detail}`;
    if (status === 409 && body?.type === 'sync-unknown') {
      this.#watchIsSent = false;
      this.#cursor = undefined;
      return 1;
    }
    if (status === 409) return 100;
    if (status === 413) return 'too large';
    if (status === 429) {
      this.#heardNow(retryAfterMs ?? 1_000);
      return retryAfterMs ?? 1_000;
    }
    if (status === 401 || status === 403) {
      this.#goAlone('revoked');
      return KEY_AGAIN;
    }
    if (status === 400 && isReport) {
      this.#client.say(`interlock: the server refused a report, which is lost: ${this.lastError}`);
      return 'refused';
    }
    const failed = new Error(this.lastError); // a server that is too old, too busy, or not Interlock's
    this.#failed(failed, index);
    throw failed;
  }

  /** The result of the report that is under way. */
  #received(receipt) {
    if (typeof receipt?.entries_again_ms === 'number') this.outbox.entriesAgain(receipt.entries_again_ms);
    this.outbox.done(true);
    for (const { agent_id: agent, execution, retry_after_ms: wait } of receipt?.loops ?? []) {
      this.#client.rememberLoop(agent, execution, this.#client.now(), { wait });
    }
    if (!(receipt?.refused > 0)) return;
    this.outbox.lost += receipt.refused;
    for (const error of receipt.errors ?? []) {
      if (this.#complained.size < MOST_COMPLAINTS && !this.#complained.has(error.detail)) {
        this.#complained.add(error.detail);
        this.#client.say(`interlock: the server did not take one of the ${error.in} of a report: ${error.detail}`);
      }
    }
  }

  #apply(answer, askedOf) {
    if (answer.generation !== this.#generation) {
      if (askedOf !== this.#generation) return; // from a server that is no longer in use
      this.#generation = answer.generation;
      this.#cursor = undefined;
    }
    this.#staleAfter = answer.stale_after_ms ?? this.#staleAfter;
    if (this.mode !== 'connected' && this.outbox.owed > 0) {
      this.#countedAt = this.outbox.reported + this.outbox.owed;
      this.#client.keepOwn();
    }
    if (this.#cursor === undefined || BigInt(answer.cursor) > BigInt(this.#cursor)) {
      this.#client.hear(answer);
      this.#cursor = answer.cursor;
    } else if (answer.reset && answer.cursor === this.#cursor) {
      this.#client.hear(answer);
    } else if (answer.reset) {
      this.#doubt(); // newer changes came before it
    }
    for (const { agent_id: name } of answer.unwatched ?? []) this.#client.circuit(name).forget();
    if (this.#countedAt !== undefined && (this.outbox.reported >= this.#countedAt || this.outbox.owed === 0)) {
      this.#countedAt = undefined;
      this.#client.followCounted();
    }
    this.#become('connected');
    if (answer.closing) this.#nextUrl();
    for (const waiter of [...this.#heardWaiters]) waiter();
  }

  /** A server has answered. */
  #succeeded() {
    this.#failures = 0;
    this.#backoff = this.#options.backoffMs;
    this.#heardNow(0);
  }

  #heardNow(more) {
    if (this.#isClosed) return;
    this.#lastHeard = this.#client.now();
    clearTimeout(this.#staleTimer);
    this.#staleTimer = setTimeout(() => this.#goAlone(this.#client.onUnreachable), this.#staleAfter + more).unref();
  }

  /** No answer came from the URL of this index. */
  #failed(error, index) {
    this.lastError = wordsOf(error);
    this.#parked?.abort(); // finds out now whether a server answers
    if (index !== this.#urlIndex) return; // another request has moved on from this URL already
    this.#failures++;
    this.#nextUrl();
    if (this.#failures >= Math.max(2, this.#options.urls.length) && this.mode !== 'revoked') {
      this.#goAlone(this.#client.onUnreachable);
    }
  }

  /** Asks for the whole state again, at once. */
  #doubt() {
    this.#cursor = undefined;
    this.#parked?.abort();
  }

  #nextUrl() {
    this.#urlIndex = (this.#urlIndex + 1) % this.#options.urls.length;
  }

  /** From now on this process decides. For `allow` and `refuse`, the last state heard applies until it is stale. */
  #goAlone(mode) {
    if (this.#isClosed) return;
    const isStale = this.#client.now() - this.#lastHeard >= this.#staleAfter;
    this.#cursor = undefined; // the next answer must have the whole state: circuits may have moved here
    this.#client.goAlone(isStale);
    if (this.mode === mode) return;
    this.#become(mode);
    const way = this.#client.onUnreachable;
    const why = mode === 'revoked' ? 'the key is refused' : 'no server answers';
    this.#client.say(`interlock: ${why} (${this.lastError ?? 'nothing heard for too long'}); ${CONSEQUENCE[way]} (on_unreachable: ${way})`);
    for (const waiter of [...this.#heardWaiters]) waiter();
  }

  #become(mode) {
    if (this.mode === mode) return;
    const before = this.mode;
    const alone = performance.now() - this.since;
    this.mode = mode;
    this.since = performance.now();
    if (mode === 'connected') {
      this.#client.comeBack();
      if (before !== 'connecting') {
        this.#client.say(`interlock: ${this.url} answers again after ${Math.ceil(alone / 1_000)} s; it decides`);
      }
      this.#report();
      this.#wakePoll?.();
    }
  }

  #nextBackoff() {
    const wait = this.#backoff * (0.5 + Math.random() / 2);
    this.#backoff = Math.min(this.#backoff * 2, this.#options.backoffMaxMs);
    return wait;
  }

  #pause(wait) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait).unref();
      this.#wakePoll = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #pauseFor(wait, keepsAlive) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      if (!keepsAlive) timer.unref();
    });
  }
}

const CONSEQUENCE = {
  local: 'circuits go by their own figures until a server answers',
  allow: 'the last state heard is obeyed for a while, then all calls pass until a server answers',
  refuse: 'the last state heard is obeyed for a while, then all calls are refused until a server answers',
};

const wordsOf = (error) => error.message || error.errors?.[0]?.message || error.code || String(error);

const isAnswer = (body) =>
  body !== null && typeof body === 'object' && Number.isInteger(body.generation) && /^\d{1,30}$/.test(body.cursor);
