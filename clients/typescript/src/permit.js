/** Permission to make one call, and its settlement in all circuits around that call. */
import { within } from './chain.js';
import { attributedTo, isKind, reaches } from './kinds.js';
import { Spending } from './usage.js';

const isFailed = (outcome) =>
  outcome.kind !== undefined && outcome.kind !== 'CANCELLED' && outcome.kind !== 'DOWNSTREAM_OPEN';

export class Permit {
  #isSettled = false;
  #elsewhere;
  #parent;
  #spending;
  #spendingIsFinal = false;

  /**
   * @param {import('./guard.js').Guard} guard
   * @param {import('./circuit.js').Admission[]} admissions of the guard's own circuit first
   * @param {Permit | undefined} parent the innermost call around this one
   * @param {number} began ticks
   * @param {string} [token] of a permit that the server gave
   */
  constructor(guard, admissions, parent, began, token) {
    this.guard = guard;
    this.admissions = admissions;
    this.#parent = parent;
    this.began = began;
    this.token = token;
  }

  get isSettled() {
    return this.#isSettled;
  }

  /** The call around this one. A call that has ended is not a parent. */
  get parent() {
    while (this.#parent?.isSettled) this.#parent = this.#parent.#parent;
    return this.#parent;
  }

  /** The innermost call, of this one and those around it, whose trial at a circuit has a place that it can lend. */
  lender(circuit, now) {
    for (let permit = this.#isSettled ? this.parent : this; permit !== undefined; permit = permit.parent) {
      const found = permit.admissions.find((each) => each.circuit === circuit);
      if (found?.canLend(circuit, now)) return found;
    }
    return undefined;
  }

  /** The server's permit that is around a call within this one. */
  get enclosingToken() {
    for (let permit = this.#isSettled ? this.parent : this; permit !== undefined; permit = permit.parent) {
      if (permit.token !== undefined) return permit.token;
    }
    return undefined;
  }

  /** Records in this call, and those around it, what happened to an inner call at a circuit. */
  note(circuit, what) {
    for (let permit = this.#isSettled ? this.parent : this; permit !== undefined; permit = permit.parent) {
      for (const each of permit.admissions) {
        if (each.circuit === circuit) each[what] = true;
      }
    }
  }

  /** Names circuits that have counted this call already: its end does not count there, and its usage is known. */
  countedIn(names) {
    this.#elsewhere = new Set(names);
    if (names.length > 0) this.#isSpentElsewhere();
  }

  /**
   * What the call used. It is sent with the outcome, so set it before you settle. The last value counts.
   *
   * @param {import('../index.js').Usage} usage
   */
  usage(usage) {
    this.#spending = new Spending().say(usage);
    this.#spendingIsFinal = true;
    this.parent?.#isSpentWithin();
  }

  /** Records the usage that an answer reports, unless it is known already. */
  hearUsage(add) {
    if (this.#spendingIsFinal) return false;
    const spending = this.#spending ?? new Spending();
    if (!add(spending)) return false;
    this.#spending = spending;
    this.parent?.#isSpentWithin();
    return true;
  }

  /**
   * Settles the call, once.
   *
   * @param {{kind?: string, retryAfterMs?: number, attributedTo?: string, ofStatus?: boolean, tookMs?: number}} outcome
   *     a success if it has no kind
   * @returns {boolean} false if it was settled before: then nothing has changed
   */
  settle(outcome) {
    if (this.#isSettled) return false;
    const parent = this.parent;
    this.#isSettled = true;
    const { guard, admissions } = this;
    if (this.#elsewhere !== undefined) this.#leaveOut(this.#elsewhere, outcome);
    const now = guard.client.now();
    const took = outcome.tookMs ?? now - this.began;
    if (outcome.kind === undefined && !this.#hasInner()) {
      const settlement = { now, took, began: now - took, slot: guard.slot, alone: undefined, agents: false };
      for (let i = 0; i < admissions.length; i++) guard.client.settle(admissions[i], outcome, settlement);
    } else {
      if (parent !== undefined && isFailed(outcome)) {
        for (const { circuit } of admissions) parent.note(circuit, 'failedInner');
      }
      this.#settleAll(outcome, { now, took, began: now - took, slot: guard.slot, alone: { found: false } });
    }
    guard.client.report(this, outcome, now, took, this.#spending);
    return true;
  }

  succeed() {
    return this.settle({});
  }

  /** Settles as a failure: of a kind, or of the kind that an error means. */
  fail(error) {
    return this.settle(typeof error === 'string' && isKind(error) ? { kind: error } : this.guard.outcomeOf(error));
  }

  /** Runs something within this call. */
  run(work) {
    return within(this, work);
  }

  /** Gives the permit back, as if there had been no call. */
  giveBack() {
    if (!this.#isSettled) {
      this.#isSettled = true;
      for (const each of this.admissions) each.release();
    }
  }

  /** Another call reports what this call used: the usage in its answer is the same. */
  #isSpentElsewhere() {
    if (!this.#spendingIsFinal) this.#spending = undefined;
    this.#spendingIsFinal = true;
  }

  /** A call within this one, and within those around it, reports what it used. */
  #isSpentWithin() {
    for (let permit = this; permit !== undefined; permit = permit.parent) permit.#isSpentElsewhere();
  }

  #leaveOut(names, outcome) {
    for (const each of this.admissions) {
      if (names.has(each.circuit.name)) {
        each.admittedInner = true;
        each.failedInner ||= isFailed(outcome);
      }
    }
  }

  #hasInner() {
    for (let i = 0; i < this.admissions.length; i++) {
      if (this.admissions[i].admittedInner || this.admissions[i].refusedInner) return true;
    }
    return false;
  }

  #settleAll(outcome, settlement) {
    const { guard, admissions } = this;
    const attributed = attributedTo(guard.agent, guard.dependsOn, outcome);
    // Upstreams first: only their circuits can show that a failure is the agent's after all.
    for (let i = 1; i < admissions.length; i++) this.#settleOne(admissions[i], outcome, settlement, attributed, false);
    this.#settleOne(admissions[0], outcome, settlement, attributed, isFailed(outcome));
  }

  #settleOne(admission, outcome, settlement, attributed, isAgent) {
    const name = admission.circuit.name;
    const own = isAgent && attributed === name;
    const agents = isAgent && settlement.alone.found;
    if (!(agents || reaches(name, attributed, outcome)) || admission.hides(own || agents)) {
      admission.release();
    } else {
      this.guard.client.settle(admission, outcome, { ...settlement, agents: agents && !own });
    }
  }
}
