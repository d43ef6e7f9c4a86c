/**
 * Who has asked a circuit within its window, and how each one's last call ended: 64 slots of a hash of the name, the same
 * as in the server.
 */

const SLOTS = 64;
const NEVER = -Infinity;

/** How long a caller counts if the window is a number of calls. */
const WITH_CALLS = 600_000;

const slots = new Map();

/** The slot of a name, 0 to 63: Java's hash of a text, spread. */
export function slotOf(name) {
  let slot = slots.get(name);
  if (slot === undefined) {
    let hash = 0;
    for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
    slot = Math.imul(hash, 0x9e3779b9) >>> 26;
    if (slots.size < 10_000) slots.set(name, slot);
  }
  return slot;
}

export class Callers {
  #span;
  #asked = new Float64Array(SLOTS).fill(NEVER);
  #failed = new Float64Array(SLOTS).fill(NEVER);
  #failing = new Uint8Array(SLOTS);
  #answered = new Uint8Array(SLOTS);
  #good = new Float64Array(SLOTS).fill(NEVER);

  /** @param {import('./policy.js').Policy} policy */
  constructor(policy) {
    this.#span = policy.windowCalls > 0 ? WITH_CALLS : policy.windowMs;
  }

  asked(slot, now) {
    this.#asked[slot] = now;
  }

  succeeded(slot, now, good) {
    this.#failing[slot] = 0;
    this.#answered[slot] = 0;
    if (good) this.#good[slot] = now;
  }

  /** A caller's call failed, or was slow, which counts against the circuit as a failure does. */
  failed(slot, now) {
    this.#answered[slot] = 0;
    this.slow(slot, now);
  }

  slow(slot, now) {
    this.#failing[slot] = 1;
    this.#failed[slot] = now;
  }

  /** A caller's own mistake was refused; returns whether the caller's last counted call had another outcome. */
  answered(slot) {
    const first = this.#answered[slot] === 0;
    this.#failing[slot] = 0;
    this.#answered[slot] = 1;
    return first;
  }

  /** Whether another caller's call has succeeded since a moment. */
  wasGoodForAnother(slot, since) {
    return this.#good.some((at, other) => other !== slot && at > since);
  }

  /** Whether enough callers are failing: a quarter of them and at least the minimum, or all if they are fewer. */
  allow(minCallers, now) {
    const since = now - this.#span;
    let callers = 0;
    let failing = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      const fails = this.#failing[slot] === 1 && this.#failed[slot] >= since;
      if (fails) failing++;
      if (fails || this.#asked[slot] >= since) callers++;
    }
    return failing >= (callers < minCallers ? callers : Math.max(minCallers, Math.ceil(callers / 4)));
  }

  /** Whether another caller than this one asked within the window. */
  hasAnother(slot, now) {
    const since = now - this.#span;
    return this.#asked.some((at, other) => other !== slot && at >= since);
  }
}
