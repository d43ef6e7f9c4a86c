/** The entry point: circuits by name, guards, and the exchange with a server if there is one. */
import { randomUUID } from 'node:crypto';
import { Circuit } from './circuit.js';
import { entryOf } from './log.js';
import { Guard } from './guard.js';
import { matches, Policies, policyHeard } from './policy.js';
import { Sync } from './sync.js';
import { VERSION } from './version.js';

const DEFAULTS = {
  onUnreachable: 'local',
  timeoutMs: 200,
  backoffMs: 50,
  backoffMaxMs: 5_000,
  watch: [],
  policies: {},
};

const WAYS = ['local', 'allow', 'refuse'];

/** How long an ending process waits for its last report. */
const LAST_REPORT = 2_000;

const MOST_LOOPS = 1_000;

/** The number in a row of the failure that is reported at once. */
const URGENT_STREAK = 3;

export class Interlock {
  #circuits = new Map();
  #policies;
  #heardPolicies = new Map();
  #gates = [];
  #sync;
  #clock;
  #random;
  #onExit;
  #entries = 0;

  /** Agents whose calls guards of this client report. */
  #guarded = new Set();

  /** Executions that the server has reported as being in a loop. */
  #loops = new Map();

  /** Agents whose entries of the log say what their calls used. */
  #usageIsLogged = new Set();

  /** Answers whose usage a guard has reported: a guard around that one sees the same answer. */
  #usageHeard = new WeakSet();

  /** Who decides: `server`, or one of `local`, `allow` and `refuse`. */
  #authority;

  /** @param {import('../index.js').InterlockOptions} [options] */
  constructor(options = {}) {
    const set = { ...DEFAULTS, ...defined(options) };
    const urls = options.urls ?? (options.url === undefined ? [] : [options.url]);
    check(set, urls);
    this.onUnreachable = set.onUnreachable;
    this.say = set.log ?? ((line) => console.warn(line));
    this.#clock = set.clock;
    this.#random = set.random ?? Math.random;
    this.#policies = new Policies(set.policies);
    this.#authority = urls.length > 0 ? 'server' : 'local';
    if (urls.length === 0 && 'url' in options) this.say('interlock: no URL: `url` is undefined; this process decides alone');
    if (urls.length > 0) {
      this.#sync = new Sync(this, { ...set, urls });
      this.#onExit = () => {
        if (!this.#sync.outbox.isEmpty || this.#sync.mode === 'connected') this.close();
      };
      process.once('beforeExit', this.#onExit);
    }
  }

  /** The release of this client, which is that of its server. */
  get version() {
    return VERSION;
  }

  /**
   * A guard for an agent. Make one for each agent, and keep it.
   *
   * @param {string} agent
   * @param {import('../index.js').GuardOptions} [options]
   */
  guard(agent, options = {}) {
    for (const name of [agent, ...(options.dependsOn ?? []), ...(options.alternatives ?? [])]) {
      if (typeof name !== 'string' || name === '' || name.length > 256) {
        throw new TypeError(`A circuit's name is a text of 1 to 256 characters, but this was ${JSON.stringify(name)}`);
      }
    }
    this.#guarded.add(agent);
    return new Guard(this, agent, options);
  }

  /**
   * Adds an entry to the agent log; it is sent with the next report, and nothing waits for it.
   *
   * @param {string} agent
   * @param {string} action
   * @param {import('../index.js').LogDetails} [details]
   */
  log(agent, action, details = {}) {
    const { fields, took } = entryOf(agent, action, details, this.#guarded.has(agent));
    if (this.#sync === undefined || this.#sync.mode === 'closed') return;
    if (saysUsage(fields)) this.#usageIsLogged.add(agent);
    fields.entry_id = `${this.#sync.id}-${++this.#entries}`;
    this.#sync.log({ fields, began: this.now() - took, size: JSON.stringify(fields).length });
  }

  /**
   * One run of an agent, whose entries in the agent log belong together.
   *
   * @param {string} agent
   * @param {string} [id] default a random one
   */
  execution(agent, id = randomUUID()) {
    return Object.freeze({ agent, id, log: (action, details) => this.log(agent, action, { ...details, execution: id }) });
  }

  /** The state of the exchange with the server. */
  get status() {
    const sync = this.#sync;
    return {
      mode: sync?.mode ?? 'local',
      sinceMs: sync === undefined ? 0 : performance.now() - sync.since,
      url: sync?.url,
      generation: sync?.generation,
      waiting: sync?.outbox.waiting ?? 0,
      lost: sync?.outbox.lost ?? 0,
      requests: sync?.requests ?? 0,
      lastError: sync?.lastError,
    };
  }

  /** What a circuit looks like now, without a request. */
  look(name) {
    const circuit = this.circuit(name);
    const { epoch } = circuit;
    const now = this.now();
    const open = epoch.state === 'open' && !epoch.passes;
    const wait = open ? epoch.wait(now) : epoch.state === 'half_open' ? epoch.wait(circuit.policy, now) : 0;
    return {
      name,
      state: epoch.state,
      held: epoch.held,
      retryAfterMs: wait > 0 ? wait : undefined,
      openings: circuit.openings,
      decided: this.judge(circuit) === 'server' ? 'server' : 'local',
    };
  }

  /**
   * Waits until the server has taken all reports.
   *
   * @param {number} [withinMs] the longest wait
   * @returns {Promise<boolean>} whether it has
   */
  async flush(withinMs = LAST_REPORT) {
    return this.#sync === undefined ? true : this.#sync.flush(withinMs);
  }

  /**
   * Reports what is left, and says goodbye to the server. Guards go on by their own figures.
   *
   * @param {number} [withinMs] the longest wait
   */
  async close(withinMs = LAST_REPORT) {
    if (this.#sync === undefined || this.#sync.mode === 'closed') return;
    process.removeListener('beforeExit', this.#onExit);
    await this.#sync.flush(withinMs);
    this.#authority = 'local';
    await this.#sync.close();
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    await this.close();
  }

  // From here on: for the other files of this client.

  now() {
    return this.#clock === undefined ? performance.now() : this.#clock.now();
  }

  circuit(name) {
    let circuit = this.#circuits.get(name);
    if (circuit === undefined) {
      circuit = new Circuit(name, this.#policies.of(name), this.now(), this.#random);
      this.#circuits.set(name, circuit);
      this.#sync?.watch(name);
    }
    return circuit;
  }

  /** Whether there is no gate, and `onUnreachable` neither allows nor refuses all calls. */
  get isPlain() {
    return this.#gates.length === 0 && (this.#authority === 'server' || this.#authority === 'local');
  }

  get decided() {
    return this.#authority === 'server' ? 'server' : 'local';
  }

  /** Who has refused a call: `server` if a server's word decided, or `local` if this process did. */
  decidedOf(circuit, reason) {
    return reason === 'gate' || this.#authority !== 'server' || this.judge(circuit) === 'server' ? this.decided : 'local';
  }

  /** Whether a call need not wait for a first report about a circuit. */
  hasHeard(circuit) {
    return circuit.heard !== undefined || circuit.unwatched || circuit.kept || circuit.wasWaitedFor || this.#authority !== 'server'
      || !this.#sync.isWatched(circuit.name);
  }

  heard(circuits) {
    return this.#sync?.heard(circuits) ?? Promise.resolve();
  }

  /** Who decides about a circuit, given whether a server was just asked and did not answer. */
  judge(circuit, unanswered = false) {
    if (this.#authority !== 'server') return this.#authority;
    if (circuit.kept) return 'local';
    const isKnown = circuit.heard !== undefined && !(unanswered && circuit.epoch.state !== 'closed');
    return isKnown ? 'server' : this.onUnreachable;
  }

  /** The gate that ends last, of those that cover a call. */
  gateOver(guard, now) {
    if (this.#gates.length === 0 || this.#authority === 'allow') return undefined;
    let last;
    for (const gate of this.#gates) {
      if (gate.end > now && covers(gate, guard) && !(last?.end > gate.end)) last = gate;
    }
    return last === undefined ? undefined : { gate: last.id, why: last.why, wait: last.end === Infinity ? 60_000 : last.end - now };
  }

  async askForTrial(guard, parent, execution) {
    const answer = await this.#sync?.askForTrial(guard, parent, execution);
    if (answer?.wait > 0 && answer.reason === undefined && answer.circuit !== undefined) {
      this.circuit(answer.circuit).heardRefused(answer.wait, this.now());
    }
    return answer;
  }

  /** What is known about an execution in a loop. */
  loopOf(agent, execution) {
    return this.#loops.get(`${agent}\n${execution}`);
  }

  /** The server has said that an execution is in a loop, and for how long. */
  rememberLoop(agent, execution, now, { wait = 0, gate }) {
    if (this.#loops.size >= MOST_LOOPS) {
      for (const [name, { end }] of this.#loops) if (end <= now) this.#loops.delete(name);
    }
    if (this.#loops.size < MOST_LOOPS) this.#loops.set(`${agent}\n${execution}`, { end: now + wait, gate });
  }

  settle(admission, outcome, settlement) {
    const { circuit } = admission;
    circuit.settle(admission, outcome, settlement, admission.alone || this.judge(circuit) === 'local');
  }

  report(permit, outcome, ended, duration, spending) {
    const sync = this.#sync;
    if (sync === undefined) return;
    const { guard, admissions, token } = permit;
    const entry = { permit: token, guard, outcome, duration, ended, spending, epochs: undefined, generation: undefined, inner: undefined };
    if (token === undefined) {
      this.#addEpochs(entry, admissions);
      if (admissions.some((each) => each.admittedInner || each.refusedInner || each.failedInner)) {
        const names = (what) => admissions.filter((each) => each[what]).map((each) => each.circuit.name);
        entry.inner = { admitted: names('admittedInner'), refused: names('refusedInner'), failed: names('failedInner') };
      }
    }
    sync.report(entry, token !== undefined || this.#isUrgent(admissions, outcome));
  }

  /** Counts an outcome of a call that asked for no permit, in all circuits that it reaches. */
  record(guard, outcome, spending) {
    const now = this.now();
    const took = outcome.tookMs ?? 0;
    const settlement = { now, took, began: now - took, slot: guard.slot };
    for (const circuit of guard.reached(outcome)) circuit.record(outcome, settlement, this.judge(circuit) === 'local');
    this.#sync?.report({ guard, outcome, duration: took, ended: now, spending }, false);
  }

  refused(agent, circuit) {
    this.#sync?.refused(agent, circuit);
  }

  /** Whether the usage of calls is reported to anybody. */
  get isReporting() {
    return this.#sync !== undefined;
  }

  /** Whether to report the usage in an answer for an agent: entries of the log, or an inner guard, may report it already. */
  countsUsage(agent, answer) {
    return !this.#usageIsLogged.has(agent) && !this.#usageHeard.has(answer);
  }

  usageHeard(answer) {
    this.#usageHeard.add(answer);
  }

  /** Applies what the server says. */
  hear(answer) {
    const now = this.now();
    if (answer.reset) {
      this.#heardPolicies.clear();
      const named = new Set(answer.circuits?.map((each) => each.agent_id));
      for (const circuit of this.#circuits.values()) {
        if (circuit.heard !== undefined && !named.has(circuit.name)) circuit.heard = undefined;
      }
      if (answer.gates === undefined) this.#gates = [];
    }
    for (const [name, settings] of Object.entries(answer.policies ?? {})) this.#heardPolicies.set(name, policyHeard(settings));
    for (const said of answer.circuits ?? []) {
      const circuit = this.circuit(said.agent_id);
      const policy = this.#heardPolicies.get(said.policy);
      circuit.hear(said, answer.generation, policy, now);
      if (circuit.isGuarded) policy?.alternatives.forEach((name) => this.circuit(name));
    }
    if (answer.gates !== undefined) {
      this.#gates = answer.gates.map((gate) =>
        ({ ...gate, end: gate.retry_after_ms == null ? Infinity : now + gate.retry_after_ms }));
    }
  }

  /** The server answers again: circuits that opened here stay open until the server has counted why. */
  keepOwn() {
    for (const circuit of this.#circuits.values()) circuit.keep();
  }

  followCounted() {
    const now = this.now();
    for (const circuit of this.#circuits.values()) circuit.follow(now);
  }

  /** @param {boolean} isStale whether the last state heard is too old to use */
  goAlone(isStale) {
    if (this.onUnreachable === 'local' || isStale) this.#authority = this.onUnreachable;
  }

  comeBack() {
    this.#authority = 'server';
  }

  #addEpochs(entry, admissions) {
    const generation = admissions[0].heard?.generation;
    const epochs = {};
    for (const { circuit, heard, alone } of admissions) {
      if (heard === undefined || alone || heard.generation !== generation) return;
      epochs[circuit.name] = heard.epoch;
    }
    entry.epochs = epochs;
    entry.generation = generation;
  }

  /** A failure of a kind that trips, or the third in a row, is reported at once. */
  #isUrgent(admissions, outcome) {
    if (outcome.kind === undefined) return false;
    const trips = admissions[0].circuit.policy.treatment(outcome.kind, outcome.retryAfterMs > 0) === 'TRIP';
    return trips || admissions.some(({ circuit }) => circuit.epoch.streak >= URGENT_STREAK);
  }
}

const defined = (options) => Object.fromEntries(Object.entries(options).filter(([, value]) => value != null));

/** Whether an entry of the log says what a call used. */
const saysUsage = ({ token_count: tokens, cost_usd: cost, metadata }) =>
  tokens !== undefined || cost !== undefined || metadata?.input_tokens !== undefined || metadata?.output_tokens !== undefined;

function covers(gate, guard) {
  switch (gate.covers) {
    case 'organization':
      return true;
    case 'agents':
      return matches(gate.pattern, guard.agent);
    case 'upstream':
      return matches(gate.pattern, guard.agent) || guard.dependsOn.some((name) => matches(gate.pattern, name));
    default:
      return false; // of a newer release
  }
}

function check(set, urls) {
  const problems = [];
  if (!WAYS.includes(set.onUnreachable)) problems.push(`onUnreachable = ${set.onUnreachable}: one of ${WAYS.join(', ')}`);
  if (urls.length > 0 && (typeof set.key !== 'string' || set.key === '')) problems.push('key: a key of role agent');
  for (const url of urls) {
    if (!/^https?:\/\/[^/]+/.test(url)) problems.push(`url = ${url}: such as https://interlock.example:8080`);
  }
  for (const name of ['timeoutMs', 'backoffMs', 'backoffMaxMs']) {
    if (!(set[name] > 0)) problems.push(`${name} = ${set[name]}: a number above zero`);
  }
  if (problems.length > 0) throw new TypeError(`Interlock cannot start. ${problems.join('; ')}`);
}
