/* The health that the fleet shows of each agent: one that has lasted. A change that passes within half a minute is not shown. */

const LASTING = 30_000;
const LEVELS = ['critical', 'degraded']; // the worse one first

export class HealthMarks {
  /** @param changed called with an agent once its status has lasted, though nothing was heard */
  constructor(changed) {
    this.changed = changed;
    this.ill = new Map(); // of those that are degraded or critical
  }

  /** Takes in what a message says of an agent. */
  hear(agent, data) {
    this.take(agent, data, this.ill.get(agent));
    this.wait();
  }

  take(agent, data, before) {
    const status = data.status ?? data.to;
    if (!LEVELS.includes(status)) {
      this.ill.delete(agent);
      return;
    }
    // By the server's clock until it was heard, by this one's since: nobody's clock needs to be right.
    const lasted = data.since ? Date.parse(data.at) - Date.parse(data.since) : 0;
    const from = {}; // since when it has been as bad as that, or worse
    for (const level of LEVELS.slice(LEVELS.indexOf(status))) {
      from[level] = Math.min(performance.now() - lasted, before?.from[level] ?? Infinity);
    }
    this.ill.set(agent, { status, score: data.score, issues: data.issues, from });
  }

  /** Begins again with the statuses of a snapshot, by agent. */
  replace(all) {
    const before = this.ill;
    this.ill = new Map();
    this.stop();
    for (const [agent, data] of all) {
      this.take(agent, data, before.get(agent));
    }
    this.wait();
  }

  /** What to show of an agent's health: `{ status, score, issues }`, or null if it is healthy or was until a moment ago. */
  of(agent) {
    const health = this.ill.get(agent);
    const now = performance.now();
    const status = health && LEVELS.find(level => now - health.from[level] >= LASTING);
    return status ? { status, score: health.score, issues: health.issues } : null;
  }

  stop() {
    clearTimeout(this.waiting);
    this.waiting = null;
  }

  /** Waits until the next status has lasted. */
  wait() {
    if (this.waiting) {
      return;
    }
    const now = performance.now();
    let next = Infinity;
    for (const { from } of this.ill.values()) {
      for (const since of Object.values(from)) {
        next = since + LASTING > now ? Math.min(next, since + LASTING) : next;
      }
    }
    if (next === Infinity) {
      return;
    }
    this.waiting = setTimeout(() => {
      this.waiting = null;
      this.ill.forEach((health, agent) => this.changed(agent));
      this.wait();
    }, next - now + 1);
  }
}
