/** Windows of calls: the last span of time, or the last calls by number. */

const SLOTS = 12;

/** Width of a bucket as a share of the window: a little over 1/11, so that 12 of them stay under 1.1. */
const WIDTH = 1 / 11 + 0.0004;

/** The calls of the last span of time, in 12 buckets: a call counts for at least the span and at most a tenth longer. */
class TimeWindow {
  #width;
  #numbers = new Float64Array(SLOTS).fill(-1);
  #calls = new Float64Array(SLOTS);
  #bad = new Float64Array(SLOTS);

  constructor(span) {
    this.#width = span * WIDTH;
  }

  add(now, bad) {
    const number = Math.floor(now / this.#width);
    const slot = number % SLOTS;
    if (this.#numbers[slot] !== number) {
      this.#numbers[slot] = number;
      this.#calls[slot] = 0;
      this.#bad[slot] = 0;
    }
    this.#calls[slot]++;
    if (bad) this.#bad[slot]++;
  }

  reaches(now, threshold, minimum) {
    const oldest = Math.floor(now / this.#width) - SLOTS + 1;
    let calls = 0;
    let bad = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.#numbers[slot] >= oldest) {
        calls += this.#calls[slot];
        bad += this.#bad[slot];
      }
    }
    return calls >= minimum && bad / calls >= threshold;
  }
}

/** The last calls, by number. */
class CountWindow {
  #size;
  #calls = 0;
  #bad = 0;
  #ring;

  constructor(size) {
    this.#size = size;
    this.#ring = new Uint8Array(size);
  }

  add(_now, bad) {
    const place = this.#calls % this.#size;
    const is = bad ? 1 : 0;
    this.#bad += is - this.#ring[place];
    this.#ring[place] = is;
    this.#calls++;
  }

  reaches(_now, threshold, minimum) {
    const calls = Math.min(this.#calls, this.#size);
    return calls >= minimum && this.#bad / calls >= threshold;
  }
}

/** @param {import('./policy.js').Policy} policy */
export const windowOf = (policy) =>
  (policy.windowCalls > 0 ? new CountWindow(policy.windowCalls) : new TimeWindow(policy.windowMs));
