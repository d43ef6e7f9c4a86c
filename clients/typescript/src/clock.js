/** A clock that is set by hand, for tests: with it no test needs to sleep. */
export class ManualClock {
  #at = 0;

  /** Milliseconds since its beginning. */
  now() {
    return this.#at;
  }

  advance(ms) {
    this.set(this.#at + ms);
  }

  set(ms) {
    if (!(ms >= this.#at)) throw new RangeError(`A clock goes forward, but ${ms} is before ${this.#at}`);
    this.#at = ms;
  }
}
