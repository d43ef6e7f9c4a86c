/**
 * The epochs of a circuit: the time that it spends in one state. Each is a new object. An admission holds the epoch that
 * admitted it, so a late outcome finds that its epoch is over, and moves nothing.
 */
import { windowOf } from './window.js';

/** The shortest time for which the caller whose trial failed last gets no trial. */
const LEAST_TURN = 1_000;

/** The wait that a refusal in half-open gives. */
const WAIT = 1_000;

/** The wait that a refusal gives for a hold without an end. */
const HELD = 60_000;

export class ClosedEpoch {
  state = 'closed';
  streak = 0;
  /** When the longest wait of the streak ends. */
  waitEnd = -Infinity;
  window = undefined;
  slowWindow = undefined;
  shape = undefined;

  /**
   * @param {number} begins the time from which outcomes without a permit count
   * @param {boolean} held by a person: counts, and never trips
   */
  constructor(begins, held = false) {
    this.begins = begins;
    this.held = held;
  }

  /** Counts a call. If the policy now needs a window of another shape, the window starts empty. */
  record(policy, now, failed, slow) {
    this.#shape(policy);
    this.window.add(now, failed);
    this.slowWindow?.add(now, slow);
  }

  recordSlowOnly(policy, now) {
    this.#shape(policy);
    this.slowWindow?.add(now, true);
  }

  noteFailure(waitEnd) {
    this.streak++;
    this.waitEnd = this.streak === 1 ? waitEnd : Math.max(this.waitEnd, waitEnd);
  }

  endStreak() {
    this.streak = 0;
    this.waitEnd = -Infinity;
  }

  #shape(policy) {
    if (this.shape !== policy.shape) {
      this.shape = policy.shape;
      this.window = windowOf(policy);
      this.slowWindow = policy.slowCallDuration === Infinity ? undefined : windowOf(policy);
    }
  }
}

/** The cause of an opening by a single failure, whose kind is enough. */
export const KIND = 'kind of failure';

/** What a circuit remembers about its opening, through the open and half-open epochs that follow. */
export class Trip {
  failedTrials = 0;
  waitEnd = -Infinity;
  /** The slot of the caller whose trial failed last; -1 for none. */
  failedSlot = -1;

  /** @param {string} cause in words @param {string | undefined} kind of the failure */
  constructor(cause, kind) {
    this.cause = cause;
    this.kind = kind;
  }

  /** Why it opened, for people. */
  get words() {
    if (this.kind === undefined || this.cause === '') return this.cause;
    return this.cause === KIND ? `one ${this.kind} is enough` : `${this.cause} (${this.kind})`;
  }

  again(kind, waitEnd, slot) {
    const trip = new Trip(this.cause, kind);
    trip.failedTrials = this.failedTrials + 1;
    trip.waitEnd = waitEnd;
    trip.failedSlot = slot;
    return trip;
  }

  /** How long a caller gets no trial because its trial was the last to fail, so that another caller can try. */
  heldBack(policy, callers, slot, turn, now) {
    return policy.minCallers > 1 && slot === this.failedSlot && now < turn && callers?.hasAnother(slot, now) ? turn - now : 0;
  }
}

export class OpenEpoch {
  state = 'open';
  held = false;
  /** Whether its policy only observes: calls pass, and are late. */
  passes = false;

  constructor(trip, now, end) {
    this.trip = trip;
    this.end = end;
    this.turn = end + Math.max(LEAST_TURN, (end - now) / 10);
  }

  /** The time left; 0 once a call may be the first trial. */
  wait(now) {
    return this.end === Infinity ? HELD : Math.max(0, this.end - now);
  }
}

export class HalfOpenEpoch {
  state = 'half_open';
  held = false;
  passes = false;
  succeeded = 0;
  /** Slots of callers whose own mistake, correctly refused, has counted as a success. */
  answered = new Set();
  /** The places of trials under way: each has the end of its lease. */
  #out = new Set();

  constructor(trip, turn) {
    this.trip = trip;
    this.turn = turn;
  }

  hasPlace(policy, now) {
    for (const place of this.#out) {
      if (place.end <= now) this.#out.delete(place);
    }
    return this.succeeded < policy.successThreshold
      && this.#out.size < policy.trialsAtOnce
      && this.#out.size + this.succeeded < policy.halfOpenMaxRequests;
  }

  take(policy, now) {
    const place = { end: now + policy.trialTimeout };
    this.#out.add(place);
    return place;
  }

  holds(place, now) {
    return place !== undefined && place.end > now && this.#out.has(place);
  }

  giveBack(place) {
    this.#out.delete(place);
  }

  wait(policy, now) {
    if (this.hasPlace(policy, now)) return 0;
    let wait = WAIT;
    for (const place of this.#out) wait = Math.min(wait, place.end - now);
    return wait;
  }

  /** When the longest wait of the streak that tripped ends; a successful trial ends it. */
  get waitEnd() {
    return this.succeeded > 0 ? -Infinity : this.trip.waitEnd;
  }
}
