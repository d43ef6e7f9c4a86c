/** What is still to be reported to a server: outcomes of calls, and how often calls were refused. */

/** So many outcomes are kept; of more the oldest are lost, and counted. */
const MOST = 10_000;

const MOST_A_BATCH = 1_000;
const MOST_REFUSALS = 200;

export class Outbox {
  #outcomes = [];
  #head = 0;
  #refusals = new Map();
  #batch = undefined;
  #number = 0;

  /** Outcomes that were dropped: the server never hears of them. */
  lost = 0;

  add(outcome) {
    if (this.waiting >= MOST) {
      this.#head++;
      this.lost++;
    }
    this.#outcomes.push(outcome);
    if (this.#head > MOST) this.#compact();
  }

  refused(agent, circuit) {
    const name = `${agent}\n${circuit}`;
    const known = this.#refusals.get(name);
    if (known !== undefined) known.count = Math.min(known.count + 1, 1_000_000);
    else if (this.#refusals.size < MOST_REFUSALS) this.#refusals.set(name, { agent_id: agent, circuit, count: 1 });
  }

  /** Outcomes that no server has acknowledged. */
  get waiting() {
    return this.#outcomes.length - this.#head + (this.#batch?.outcomes.length ?? 0);
  }

  get isEmpty() {
    return this.waiting === 0 && this.#refusals.size === 0 && this.#batch === undefined;
  }

  /** The batch to send: one whose answer was lost again, with the number it had. */
  batch() {
    if (this.#batch === undefined) {
      const end = Math.min(this.#outcomes.length, this.#head + MOST_A_BATCH);
      const outcomes = this.#outcomes.slice(this.#head, end);
      this.#head = end;
      this.#compact();
      this.#batch = { number: ++this.#number, outcomes, refusals: [...this.#refusals.values()] };
      this.#refusals.clear();
    }
    return this.#batch;
  }

  /** The batch was taken in; or can never be, and is lost. */
  done(isTaken) {
    if (!isTaken) this.lost += this.#batch?.outcomes.length ?? 0;
    this.#batch = undefined;
  }

  /** The batch was too large, and nothing of it was taken: half of it goes first. */
  halve() {
    const { outcomes } = this.#batch;
    if (outcomes.length < 2) {
      this.done(false);
    } else {
      this.#outcomes.unshift(...outcomes.splice(outcomes.length >> 1));
    }
  }

  #compact() {
    this.#outcomes.splice(0, this.#head);
    this.#head = 0;
  }
}
