/* Stands in for the stream where it does not get through: the fleet is read again and again. */

const SHORTEST = 5000;
const A_CIRCUIT = 3; // a larger fleet is read more rarely

/** A connection that is only lost for a moment is not worth reading the whole fleet. */
const FAILURES = 2;

export class Polling {
  /**
   * @param read reads the fleet, and says how many circuits it has
   * @param changed called after each attempt
   */
  constructor(read, changed) {
    this.read = read;
    this.changed = changed;
    this.readAt = null; // by the wall clock, when it was read last; null while the stream is there
    this.problem = null; // why it could not be read the last time
    this.every = SHORTEST;
  }

  /** Begins or ends, by the state of the stream. @param isKnown whether there is a fleet to be seen meanwhile */
  follow({ live, failures }, isKnown) {
    if (live) {
      this.stop();
    } else if (!this.running && failures >= (isKnown ? FAILURES : 1)) {
      this.running = true;
      this.look();
    }
  }

  async look() {
    clearTimeout(this.timer);
    const turn = (this.turn = {});
    let problem = null;
    if (!document.hidden) {
      try {
        this.every = Math.max(SHORTEST, (await this.read()) * A_CIRCUIT);
      } catch (failure) {
        problem = failure;
      }
    }
    if (!this.running || turn !== this.turn) {
      return;
    }
    if (!document.hidden) {
      this.problem = problem;
      this.readAt = problem ? this.readAt : Date.now();
    }
    this.timer = setTimeout(() => this.look(), this.every);
    this.changed();
  }

  stop() {
    this.running = false;
    this.readAt = null;
    this.problem = null;
    clearTimeout(this.timer);
  }
}
