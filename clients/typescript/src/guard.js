/** A guard: asks the circuits around a call, makes it, and reports how it ended. */
import { enclosing, within } from './chain.js';
import { slotOf } from './callers.js';
import { TRIAL, Admission } from './circuit.js';
import { classifyError, classifyResult } from './classify.js';
import { CircuitOpenError } from './errors.js';
import { guardedFetch } from './fetch.js';
import { attributedTo, reaches } from './kinds.js';
import { Permit } from './permit.js';
import { guardedStream } from './stream.js';
import { Spending } from './usage.js';

const SUCCESS = Object.freeze({});

/** The JSON of a text; undefined if it is not JSON. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isThenable = (value) => value !== null && typeof value === 'object' && typeof value.then === 'function';

export class Guard {
  #isAlone;
  #classifyError;
  #classifyResult;
  #usage;
  #usageFailed = false;
  #execution;

  /**
   * @param {import('./client.js').Interlock} client
   * @param {string} agent
   * @param {import('../index.js').GuardOptions} options
   */
  constructor(client, agent, options) {
    this.client = client;
    this.agent = agent;
    this.dependsOn = Object.freeze([...new Set(options.dependsOn ?? [])].filter((name) => name !== agent));
    this.caller = options.caller ?? agent;
    this.isCallerNamed = options.caller !== undefined;
    this.alternatives = Object.freeze([...(options.alternatives ?? [])]);
    this.slot = slotOf(this.caller);
    this.circuits = [agent, ...this.dependsOn].map((name) => client.circuit(name));
    for (const circuit of this.circuits) {
      circuit.isGuarded = true;
      for (const name of [...this.alternatives, ...circuit.policy.alternatives]) client.circuit(name); // known before one refuses
    }
    this.#isAlone = this.circuits.length === 1;
    this.#classifyError = options.classifyError;
    this.#classifyResult = options.classifyResult;
    this.#usage = options.usage;
    this.#execution = options.execution;
    Object.freeze(this);
  }

  /** The run whose calls it guards; undefined if none was named. */
  get execution() {
    return this.#execution;
  }

  /**
   * Makes a call if its circuits admit it.
   *
   * @param {(signal?: AbortSignal) => any} work
   * @param {{signal?: AbortSignal, fallback?: (refused: CircuitOpenError) => any}} [options]
   * @returns {Promise<any>} what the work returned; fails with what it threw, or with a CircuitOpenError
   */
  call(work, options) {
    let permit;
    try {
      permit = this.#acquireNow();
    } catch (refused) {
      return this.#orFallback(refused, options);
    }
    if (permit !== undefined) return this.#make(permit, work, options?.signal);
    return this.#acquireLater().then(
      (granted) => this.#make(granted, work, options?.signal),
      (refused) => this.#orFallback(refused, options),
    );
  }

  /**
   * A permit for a call that its holder makes and settles.
   *
   * @returns {Promise<Permit>} fails with a CircuitOpenError if the call is refused
   */
  async acquire() {
    return this.#acquireNow() ?? this.#acquireLater();
  }

  /**
   * An answer in pieces, guarded until it ends.
   *
   * @param {(() => any) | AsyncIterable<any>} source asked for when the first piece is wanted
   * @param {import('../index.js').StreamLimits} [limits]
   */
  stream(source, limits) {
    return guardedStream(this, source, limits ?? {});
  }

  /** A `fetch` that guards each request, for any SDK that takes one. */
  wrapFetch(fetch, options) {
    return guardedFetch(this, fetch ?? globalThis.fetch, options ?? {});
  }

  /** Reports the outcome of a call that was not guarded, and what it used. */
  record(outcome, usage) {
    this.client.record(this, { ...outcome }, usage === undefined ? undefined : new Spending().say(usage));
  }

  /** Records the usage that an answer, or a piece of one, reports: from the answer itself, or from `said`. */
  hearUsage(permit, answer, said = answer) {
    const { client } = this;
    if (!client.isReporting) return;
    if (this.#usage !== undefined) {
      this.#hearOwn(permit, answer);
    } else if (typeof answer === 'object' && client.countsUsage(this.agent, answer)) {
      if (permit.hearUsage((spending) => spending.add(said))) client.usageHeard(answer);
    }
  }

  /** The same for the body of an answer. If it `isWhole`, the user's own `usage` function is asked. */
  hearUsageIn(permit, text, isWhole) {
    if (!this.client.isReporting) return;
    if (this.#usage === undefined) {
      if (this.client.countsUsage(this.agent, undefined)) permit.hearUsage((spending) => spending.addText(text));
    } else if (isWhole) {
      this.#hearOwn(permit, parsed(text));
    }
  }

  /** The circuits that an outcome reaches. */
  reached(outcome) {
    const attributed = attributedTo(this.agent, this.dependsOn, outcome);
    return this.circuits.filter(({ name }) => reaches(name, attributed, outcome));
  }

  /** What a thrown error means. */
  outcomeOf(error, signal) {
    try {
      return this.#classifyError?.(error) ?? classifyError(error, signal);
    } catch {
      return { kind: 'ERROR' };
    }
  }

  /** What a result means. */
  outcomeOfResult(result) {
    try {
      return this.#classifyResult?.(result) ?? (typeof result === 'object' ? classifyResult(result) : SUCCESS);
    } catch {
      return { kind: 'ERROR' };
    }
  }

  /** What a result means; records first what its call used. */
  #heard(permit, result) {
    this.hearUsage(permit, result);
    return this.outcomeOfResult(result);
  }

  #hearOwn(permit, answer) {
    try {
      const own = this.#usage(answer);
      if (own !== undefined && own !== null) permit.hearUsage((spending) => spending.say(own));
    } catch (error) {
      if (!this.#usageFailed) this.client.say(`interlock: what calls of ${this.agent} used could not be read: ${error}`);
      this.#usageFailed = true;
    }
  }

  #orFallback(refused, options) {
    if (!(refused instanceof CircuitOpenError) || options?.fallback === undefined) return Promise.reject(refused);
    try {
      return Promise.resolve(options.fallback(refused));
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  /** Makes an admitted call. A guard of one closed circuit is not put in the chain: calls within it count in addition to it. */
  #make(permit, work, signal) {
    let result;
    try {
      result = this.#isAlone && permit.admissions[0].epoch?.state === 'closed' ? work(signal) : within(permit, () => work(signal));
    } catch (thrown) {
      permit.settle(this.outcomeOf(thrown, signal));
      return Promise.reject(thrown);
    }
    if (isThenable(result)) {
      return result.then(
        (value) => {
          permit.settle(this.#heard(permit, value));
          return value;
        },
        (thrown) => {
          permit.settle(this.outcomeOf(thrown, signal));
          throw thrown;
        },
      );
    }
    permit.settle(this.#heard(permit, result));
    return Promise.resolve(result);
  }

  /** A permit, or undefined if a server must be asked first; throws if the call is refused. */
  #acquireNow() {
    const { client, circuits } = this;
    const around = enclosing();
    if (this.#execution !== undefined) this.#lookAtLoop(around);
    if (this.#isAlone && around === undefined && client.isPlain && circuits[0].isPlain && client.hasHeard(circuits[0])) {
      const admission = new Admission(circuits[0], circuits[0].epoch);
      admission.alone = client.decided === 'local';
      return new Permit(this, [admission], undefined, client.now());
    }
    if (around?.enclosingToken !== undefined || !circuits.every((circuit) => client.hasHeard(circuit))) return undefined;
    return this.#decide(around, client.now());
  }

  /** Waits for a first report about the circuits, up to the time limit, and asks for a trial if one is needed. */
  async #acquireLater() {
    const around = enclosing();
    await this.client.heard(this.circuits);
    const token = around?.enclosingToken;
    const permit = token === undefined ? this.#decide(around, this.client.now()) : undefined;
    if (permit !== undefined) return permit;
    const answer = await this.client.askForTrial(this, token, this.#execution);
    const now = this.client.now();
    if (answer === undefined) return this.#decide(around, now, true);
    if (answer.permit !== undefined) {
      const admissions = this.circuits.map((circuit) => new Admission(circuit, circuit.epoch));
      return this.#granted(admissions, around, now, answer.permit);
    }
    if (answer.reason === 'loop') this.client.rememberLoop(this.agent, this.#execution, now, answer);
    throw this.#refuse(around, this.circuits.find((each) => each.name === answer.circuit) ?? this.circuits[0], answer, now);
  }

  /** Refuses a call of an execution that the server has reported as being in a loop. */
  #lookAtLoop(around) {
    const now = this.client.now();
    const loop = this.client.loopOf(this.agent, this.#execution);
    if (loop?.end > now) {
      throw this.#refuse(around, this.circuits[0], { reason: 'loop', gate: loop.gate, wait: loop.end - now, decided: 'server' }, now);
    }
  }

  /** Decides in this process; undefined if a server must be asked for a trial. */
  #decide(around, now, unanswered = false) {
    const { client, circuits } = this;
    const gate = client.gateOver(this, now);
    if (gate !== undefined) throw this.#refuse(around, circuits[0], { reason: 'gate', ...gate }, now);
    let longest = 0;
    let refusing;
    let mustAsk = false;
    for (const circuit of circuits) {
      const judge = client.judge(circuit, unanswered);
      if (judge === 'refuse') throw this.#refuse(around, circuit, { reason: 'unreachable' }, now);
      const wait = judge === 'allow' ? 0 : circuit.look(now, this.slot, judge === 'local', around?.lender(circuit, now));
      if (wait === TRIAL) mustAsk = true;
      else if (wait > longest) {
        longest = wait;
        refusing = circuit;
      }
    }
    if (refusing !== undefined) {
      throw this.#refuse(around, refusing, { wait: longest }, now);
    }
    if (mustAsk) return undefined;
    const admissions = circuits.map((circuit) => {
      const judge = client.judge(circuit, unanswered);
      if (judge === 'allow') return new Admission(circuit, circuit.epoch.state === 'closed' ? circuit.epoch : undefined);
      const admission = circuit.admit(now, around?.lender(circuit, now));
      admission.alone = judge === 'local';
      return admission;
    });
    return this.#granted(admissions, around, now, undefined);
  }

  #granted(admissions, around, now, token) {
    for (const { circuit } of admissions) around?.note(circuit, 'admittedInner');
    return new Permit(this, admissions, around, now, token);
  }

  #refuse(around, circuit, why, now) {
    around?.note(circuit, 'refusedInner');
    const { epoch } = circuit;
    const held = epoch.held && epoch.state === 'open';
    const reason = why.reason ?? (held ? 'held' : epoch.state);
    this.client.refused(this.agent, reason === 'gate' || reason === 'loop' ? this.agent : circuit.name);
    return new CircuitOpenError({
      circuit: circuit.name,
      reason,
      state: epoch.state,
      retryAfterMs: why.wait,
      cause: reason === 'open' ? epoch.trip?.words : undefined,
      gate: why.gate,
      why: why.why,
      alternatives: this.#alternativesTo(circuit),
      decided: why.decided ?? this.client.decidedOf(circuit, reason),
    });
  }

  /** The closed alternatives: the guard's, or if it has none, those of the refusing circuit's policy. */
  #alternativesTo(refusing) {
    const named = this.alternatives.length > 0 ? this.alternatives : refusing.policy.alternatives;
    return named.filter((name) =>
      name !== this.agent && name !== refusing.name && this.client.circuit(name).epoch.state === 'closed');
  }
}
