/**
 * One circuit in this process: its epoch, and the rules by which it admits calls and outcomes move it. While a server
 * answers, the epoch is the server's and only the server moves it; a trial is then requested from the server. Otherwise
 * the circuit goes by its own figures. docs/client-rules.md names the rules.
 */
import { isOfWholeKey, isUpstream } from './kinds.js';
import { Callers } from './callers.js';
import { ClosedEpoch, HalfOpenEpoch, KIND, OpenEpoch, Trip } from './epochs.js';

/** In place of a wait: a server must be asked for a trial. */
export const TRIAL = -1;

/** What an outcome says about one circuit, judged by the circuit's policy. */
class Evidence {
  constructor(circuit, outcome, settlement, random) {
    const { policy, name } = circuit;
    this.outcome = outcome;
    this.slot = settlement.slot;
    this.began = settlement.began;
    this.now = settlement.now;
    this.alone = settlement.alone;
    this.agents = settlement.agents === true;
    const treated = outcome.kind === undefined ? 'SUCCESS' : policy.treatment(outcome.kind, outcome.retryAfterMs > 0);
    this.verdict = treated === 'ANSWERED' && !(policy.upstream || isUpstream(name)) ? 'IGNORE' : treated;
    this.slow = settlement.took >= policy.slowCallDuration && (this.verdict !== 'IGNORE' || outcome.kind === 'CANCELLED');
    this.wait = this.failed ? policy.wait(outcome, random) : 0;
    this.everybodys = isOfWholeKey(name, outcome);
  }

  get failed() {
    return this.verdict === 'COUNT' || this.verdict === 'TRIP';
  }

  get waitEnd() {
    return this.wait > 0 ? this.now + this.wait : -Infinity;
  }

  /** Records it as its caller's last outcome; returns whether it is a first answered mistake since another outcome. */
  note(callers) {
    const first = this.verdict === 'ANSWERED' && callers.answered(this.slot);
    if (this.failed) callers.failed(this.slot, this.now);
    else if (this.verdict === 'SUCCESS') callers.succeeded(this.slot, this.now, !this.slow);
    if (this.slow) callers.slow(this.slot, this.now);
    return first;
  }

  /**
   * Compares the outcome with other callers' outcomes: if the upstream has answered another caller since the call began,
   * a time-out that is not the status of an answer says nothing about the upstream. It is the agent's own.
   */
  beside(callers) {
    const { kind, ofStatus } = this.outcome;
    if (kind === 'TIMEOUT' && this.failed && !this.agents && !ofStatus && callers.wasGoodForAnother(this.slot, this.began)) {
      if (this.alone) this.alone.found = true;
      this.verdict = 'IGNORE';
      this.slow = false;
    }
  }
}

export class Circuit {
  #random;

  /** Kept when an epoch ends. */
  #callers = undefined;

  /** Whether it moved by its own figures since the server last reported it. */
  #moved = false;

  /** How often it opened by its own figures. */
  openings = 0;

  /** Whether the server has reported it, and the number of its epoch there. */
  heard = undefined;

  /** Whether a guard asks it. */
  isGuarded = false;

  /** Whether the key may not watch it. */
  unwatched = false;

  /** Whether this process keeps an opening of its own, because the server has not counted its causes yet. */
  kept = false;

  /** What the server said while the opening was kept. */
  #saidMeanwhile = undefined;

  /**
   * @param {string} name
   * @param {import('./policy.js').Policy} policy until the server sends another
   * @param {number} now ticks
   * @param {() => number} random 0 to 1
   */
  constructor(name, policy, now, random) {
    this.name = name;
    this.policy = policy;
    this.#random = random;
    this.epoch = new ClosedEpoch(now);
    this.ownPolicy = policy;
  }

  /** Whether a call is admitted without any check but that of gates. */
  get isPlain() {
    return this.epoch.state === 'closed' && this.policy.minCallers === 1;
  }

  /**
   * How long a call that comes now has to wait: 0 if it is admitted, {@link TRIAL} if a server must be asked. Moves nothing.
   *
   * @param {number} slot of the caller
   * @param {boolean} alone whether this process decides
   * @param {Admission | undefined} lender an admission of a call around this one that may hold a place
   */
  look(now, slot, alone, lender) {
    const { epoch, policy } = this;
    if (policy.minCallers > 1) (this.#callers ??= new Callers(policy)).asked(slot, now);
    if (epoch.state === 'closed' || epoch.passes) return 0;
    if (lender?.canLend(this, now)) return 0;
    if (epoch.state === 'open') {
      const wait = epoch.wait(now);
      if (wait > 0) return wait;
    }
    if (!alone) return TRIAL;
    const heldBack = epoch.trip.heldBack(policy, this.#callers, slot, epoch.turn, now);
    if (heldBack > 0) return heldBack;
    return epoch.state === 'open' ? 0 : epoch.wait(policy, now);
  }

  /** Admits a call after {@link look} has said that it may come. */
  admit(now, lender) {
    if (this.epoch.state === 'closed') return new Admission(this, this.epoch);
    if (this.epoch.passes) return new Admission(this, undefined);
    const lent = lender?.lend(this, now);
    if (lent) return new Admission(this, this.epoch, lent, lender);
    if (this.epoch.state === 'open') {
      this.epoch = new HalfOpenEpoch(this.epoch.trip, this.epoch.turn);
      this.#moved = true;
    }
    return new Admission(this, this.epoch, this.epoch.take(this.policy, now));
  }

  /**
   * Counts an outcome.
   *
   * @param {Admission} admission
   * @param {object} outcome
   * @param {{now: number, took: number, began: number, slot: number, alone?: {found: boolean}, agents?: boolean}} settlement
   * @param {boolean} decides whether this process decides, and not a server
   */
  settle(admission, outcome, settlement, decides) {
    const { epoch, policy } = this;
    if (admission.epoch !== epoch || epoch.state === 'open') return; // late
    if (outcome.kind === undefined && epoch.state === 'closed' && policy.isPlain && this.#callers === undefined) {
      if (epoch.streak !== 0) epoch.endStreak();
      epoch.record(policy, settlement.now, false, false); // a fast success, as almost every call is
      return;
    }
    const evidence = new Evidence(this, outcome, settlement, this.#random);
    if (epoch.state === 'closed') this.#settleClosed(epoch, evidence, decides);
    else this.#settleTrial(epoch, admission.takePlace(), evidence, decides);
  }

  /** Counts the outcome of a call that asked for no permit: in closed, or as a trial once the cooldown is over. */
  record(outcome, settlement, decides) {
    if (this.epoch.state === 'closed') {
      if (settlement.began >= this.epoch.begins) this.settle(new Admission(this, this.epoch), outcome, settlement, decides);
      return;
    }
    if (decides && !this.epoch.passes && this.look(settlement.now, settlement.slot, true, undefined) === 0) {
      this.settle(this.admit(settlement.now, undefined), outcome, settlement, decides);
    }
  }

  /**
   * Takes the state that the server reports.
   *
   * @param {{state: string, held: boolean, admits: string, retry_after_ms: number | null, epoch: number}} said
   * @param {number} generation
   */
  hear(said, generation, policy, now) {
    if (this.kept && said.state === 'closed' && !said.held) {
      this.#saidMeanwhile = { said, generation, policy };
      return;
    }
    this.kept = false;
    const same = !this.#moved && this.heard?.generation === generation && this.heard.epoch === said.epoch;
    const first = this.heard === undefined && !this.#moved && said.epoch === 0;
    this.heard = { generation, epoch: said.epoch };
    this.unwatched = false;
    this.#moved = false;
    if (policy) this.policy = policy;
    const end = said.retry_after_ms === null ? Infinity : now + said.retry_after_ms;
    const before = this.epoch;
    if (said.state === 'closed') {
      if (!((same || first) && before.state === 'closed' && before.held === said.held)) {
        this.epoch = new ClosedEpoch(now, said.held);
      }
      return;
    }
    if (!(same && before.state === said.state)) {
      const trip = new Trip('', undefined);
      this.epoch = said.state === 'half_open' ? new HalfOpenEpoch(trip, now) : new OpenEpoch(trip, now, end);
    }
    if (this.epoch.state === 'open') this.epoch.end = said.admits === 'trial' ? now : end;
    this.epoch.held = said.held;
    this.epoch.passes = said.admits === 'all';
  }

  /** The server answers again, and has not yet counted the outcomes that opened this circuit here. */
  keep() {
    this.kept = this.#moved && this.epoch.state !== 'closed' && !this.unwatched;
  }

  /** The server has counted it all: what it says is in effect. */
  follow(now) {
    if (!this.kept) return;
    this.kept = false;
    const meanwhile = this.#saidMeanwhile;
    this.#saidMeanwhile = undefined;
    if (meanwhile !== undefined) this.hear(meanwhile.said, meanwhile.generation, meanwhile.policy, now);
  }

  /** The server has refused a trial: for this time it is not asked again. */
  heardRefused(wait, now) {
    if (this.epoch.state !== 'closed') {
      const trip = this.epoch.trip;
      this.epoch = new OpenEpoch(trip, now, now + wait);
    }
  }

  /** The key may no longer watch this circuit: it goes by its own figures. */
  forget() {
    this.heard = undefined;
    this.unwatched = true;
  }

  #settleClosed(epoch, evidence, decides) {
    const { policy } = this;
    if (policy.minCallers > 1 && this.#callers) evidence.beside(this.#callers);
    if (evidence.verdict === 'IGNORE' && !evidence.slow) return;
    if (policy.minCallers > 1 || evidence.verdict === 'ANSWERED') this.#callers ??= new Callers(policy);
    const answered = this.#callers ? evidence.note(this.#callers) : false;
    if (evidence.failed) epoch.noteFailure(evidence.waitEnd);
    else if (evidence.verdict === 'SUCCESS' || answered) epoch.endStreak();
    if (evidence.verdict === 'IGNORE') epoch.recordSlowOnly(policy, evidence.now);
    else epoch.record(policy, evidence.now, evidence.failed, evidence.slow);
    if ((!evidence.failed && !evidence.slow) || epoch.held) return;
    const cause = this.#reasonToTrip(epoch, evidence);
    if (cause === undefined) return;
    if (policy.minCallers > 1 && !evidence.everybodys && !this.#callers.allow(policy.minCallers, evidence.now)) {
      if (evidence.alone) evidence.alone.found = true;
      return;
    }
    if (decides) this.#open(new Trip(cause, evidence.outcome.kind), evidence, epoch.waitEnd);
  }

  #reasonToTrip(epoch, evidence) {
    const { policy } = this;
    if (evidence.verdict === 'TRIP') return KIND;
    if (evidence.failed && epoch.streak >= policy.failureThreshold) return epoch.streak === 1 ? '1 failure' : `${epoch.streak} failures in a row`;
    if (epoch.window?.reaches(evidence.now, policy.failureRateThreshold, policy.minimum)) return 'failure rate';
    if (epoch.slowWindow?.reaches(evidence.now, policy.slowCallRateThreshold, policy.minimum)) return 'slow calls';
    return undefined;
  }

  #settleTrial(epoch, place, evidence, decides) {
    if (evidence.verdict === 'ANSWERED' && !evidence.slow) {
      evidence.verdict = epoch.answered.has(evidence.slot) ? 'IGNORE' : 'SUCCESS';
      epoch.answered.add(evidence.slot);
    } else if (this.policy.minCallers > 1 && this.#callers) {
      evidence.beside(this.#callers);
    }
    if (this.#callers) evidence.note(this.#callers);
    if (place !== undefined) epoch.giveBack(place);
    if (!decides) return;
    if (evidence.failed || evidence.slow) {
      const longest = Math.max(epoch.waitEnd, evidence.waitEnd);
      this.#open(epoch.trip.again(evidence.outcome.kind, longest, evidence.slot), evidence, longest);
    } else if (evidence.verdict !== 'IGNORE' && ++epoch.succeeded >= this.policy.successThreshold) {
      this.epoch = new ClosedEpoch(evidence.now);
      this.#moved = true;
    }
  }

  #open(trip, evidence, waitEnd) {
    const { now } = evidence;
    trip.waitEnd = waitEnd;
    const cooldown = this.policy.cooldownOf(
      trip.failedTrials, evidence.outcome.kind, evidence.wait, Math.max(0, waitEnd - now), this.#random);
    this.epoch = new OpenEpoch(trip, now, now + cooldown);
    this.epoch.passes = this.policy.observes;
    this.#moved = true;
    this.openings++;
  }
}

/** A call that a circuit admitted, and the results of calls within it. */
export class Admission {
  #place;
  /** Whether this process decided it, and not a server. */
  alone = false;
  admittedInner = false;
  refusedInner = false;
  failedInner = false;

  /**
   * @param {Circuit} circuit
   * @param {object | undefined} epoch that admitted it; undefined for a call that only passes
   * @param {object} [place] of a trial
   * @param {Admission} [lender] whose place this one has taken
   */
  constructor(circuit, epoch, place, lender) {
    this.circuit = circuit;
    this.epoch = epoch;
    this.heard = circuit.heard;
    this.#place = place;
    this.lender = lender;
  }

  takePlace() {
    const place = this.#place;
    this.#place = undefined;
    return place;
  }

  canLend(circuit, now) {
    return this.epoch === circuit.epoch && circuit.epoch.state === 'half_open' && circuit.epoch.holds(this.#place, now);
  }

  lend(circuit, now) {
    return this.canLend(circuit, now) ? this.takePlace() : undefined;
  }

  /** Gives the place back without an outcome. */
  release() {
    const place = this.takePlace();
    if (place !== undefined && this.epoch.state === 'half_open') this.epoch.giveBack(place);
  }

  /** Whether inner calls have already reported everything about this circuit. */
  hides(own) {
    return this.refusedInner || (this.admittedInner && !(own && !this.failedInner));
  }
}
