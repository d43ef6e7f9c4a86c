/** What is still to be reported to a server: outcomes of calls, how often calls were refused, and entries of the agent log. */

/** How many outcomes are kept; if there are more, the oldest are lost, and counted as lost. */
const MOST = 10_000;

const MOST_A_BATCH = 1_000;

/** Characters of the entries in one report, and of those that wait. */
const LARGEST_ENTRIES = 1 << 19;
const MOST_ENTRIES = 1 << 24;
const MOST_REFUSALS = 200;

export class Outbox {
  #outcomes = [];
  #head = 0;
  #refusals = new Map();
  #entries = [];
  #entriesSize = 0;
  #entriesFrom = -Infinity;
  #batch = undefined;
  #number = 0;

  /** Outcomes and entries that were dropped: the server never hears of them. */
  lost = 0;

  /** Outcomes that were acknowledged, or are lost. */
  reported = 0;

  add(outcome) {
    if (this.owed >= MOST) {
      this.#head++;
      this.lost++;
      this.reported++;
    }
    this.#outcomes.push(outcome);
    if (this.#head > MOST) this.#compact();
  }

  /** Keeps an entry of the agent log; if there is no room, the oldest are lost. */
  log(entry) {
    this.#entries.push(entry);
    this.#entriesSize += entry.size;
    while (this.#entries.length > MOST || this.#entriesSize > MOST_ENTRIES) {
      this.#entriesSize -= this.#entries.shift().size;
      this.lost++;
    }
  }

  refused(agent, circuit) {
    const name = `${agent}\n${circuit}`;
    const known = this.#refusals.get(name);
    if (known !== undefined) known.count = Math.min(known.count + 1, 1_000_000);
    else if (this.#refusals.size < MOST_REFUSALS) this.#refusals.set(name, { agent_id: agent, circuit, count: 1 });
  }

  /** Outcomes that no server has counted. */
  get owed() {
    return this.#outcomes.length - this.#head + (this.#batch?.outcomes.length ?? 0);
  }

  /** Outcomes and entries that no server has acknowledged. */
  get waiting() {
    return this.owed + this.#entries.length + (this.#batch?.entries.length ?? 0);
  }

  /** Whether there is anything to report now. */
  get isDue() {
    return this.owed > 0 || this.#refusals.size > 0 || this.#batch !== undefined || this.#entriesAreDue;
  }

  /** How long it takes until waiting entries are due. */
  get pause() {
    return this.#entries.length === 0 ? 0 : Math.max(1, this.#entriesFrom - performance.now());
  }

  get isEmpty() {
    return this.waiting === 0 && this.#refusals.size === 0 && this.#batch === undefined;
  }

  /** The batch to send. A batch whose answer was lost is sent again, with the same number. */
  batch() {
    if (this.#batch === undefined) {
      const end = Math.min(this.#outcomes.length, this.#head + MOST_A_BATCH);
      const outcomes = this.#outcomes.slice(this.#head, end);
      this.#head = end;
      this.#compact();
      const entries = [];
      for (let size = 0; this.#entriesAreDue && entries.length < MOST_A_BATCH && size < LARGEST_ENTRIES;) {
        const entry = this.#entries.shift();
        size += entry.size;
        this.#entriesSize -= entry.size;
        entries.push(entry);
      }
      this.#batch = { number: ++this.#number, outcomes, refusals: [...this.#refusals.values()], entries };
      this.#refusals.clear();
    }
    return this.#batch;
  }

  /** The server has taken the batch; or it never can, and the batch is lost. */
  done(isTaken) {
    const { outcomes, entries } = this.#batch;
    if (!isTaken) this.lost += outcomes.length + entries.length;
    this.reported += outcomes.length;
    this.#batch = undefined;
  }

  /** The server has taken the batch without its entries; it takes these no sooner than in `afterMs` milliseconds. */
  entriesAgain(afterMs) {
    this.#putBack(this.#batch.entries.splice(0));
    this.#entriesFrom = performance.now() + afterMs;
  }

  /** The batch was too large, and nothing of it was taken: a part is sent first, outcomes before entries. */
  halve() {
    const { outcomes, entries } = this.#batch;
    if (outcomes.length + entries.length < 2) {
      this.done(false);
    } else if (entries.length > 0) {
      this.#putBack(entries.splice(outcomes.length > 0 ? 0 : (entries.length + 1) >> 1));
    } else {
      this.#outcomes.unshift(...outcomes.splice((outcomes.length + 1) >> 1));
    }
  }

  get #entriesAreDue() {
    return this.#entries.length > 0 && performance.now() >= this.#entriesFrom;
  }

  #putBack(entries) {
    this.#entries.unshift(...entries);
    for (const { size } of entries) this.#entriesSize += size;
  }

  #compact() {
    this.#outcomes.splice(0, this.#head);
    this.#head = 0;
  }
}
