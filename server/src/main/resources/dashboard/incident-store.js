/* The incidents that go on: first from a snapshot of the stream, then from its messages. */

import { get } from './api.js';
import { kindOf } from './kinds.js';

/** How many the stream reports at most; if there are more, those that began last. */
const MOST = 500;

const AGAIN = 5000;

const LIVE = '/api/v1/incidents?state=live&limit=200';

export class IncidentStore {
  /** @param changed called after each change */
  constructor(changed) {
    this.changed = changed;
    this.live = new Map();
    this.known = false; // until the server has said which go on, or that none does
    this.heard = new Set(); // incidents that the stream reported since they were asked for
    this.problem = null; // why they are not known, or not up to date
    this.readAt = null; // by the wall clock, if the stream does not report them
  }

  /** What a snapshot ends with: all of them, or null if the server does not know them yet. */
  replace(incidents) {
    if (incidents) {
      this.live = new Map(incidents.map(each => [each.id, each]));
      this.know();
    } else {
      this.known = false;
      this.ask();
    }
  }

  /** Reads them all, if the stream does not report them; what cannot be read stays as it was, with the problem. */
  async read() {
    await get(LIVE).then(
      ({ incidents }) => {
        this.readAt = Date.now();
        this.stopped || this.replace(incidents);
      },
      problem => {
        this.problem = problem;
        this.changed();
      });
  }

  /** A change of one incident. */
  hear(incident) {
    this.heard.add(incident.id);
    if (incident.state === 'live' && !incident.merged_into) {
      this.live.set(incident.id, incident);
    } else {
      this.live.delete(incident.id);
    }
    if (this.live.size > MOST) {
      this.live.delete([...this.live.values()].reduce(earlier).id);
    }
    this.changed();
  }

  know() {
    this.known = true;
    this.problem = null;
    clearTimeout(this.asking);
    this.changed();
  }

  /** A server that has just begun, or whose database is away, cannot say which go on: it is asked until it can. */
  async ask() {
    clearTimeout(this.asking);
    this.heard.clear();
    try {
      const { incidents } = await get(LIVE);
      if (!this.stopped && !this.known) {
        const newer = [...this.live].filter(([id]) => this.heard.has(id));
        this.live = new Map([...incidents.filter(each => !this.heard.has(each.id)).map(each => [each.id, each]), ...newer]);
        this.know();
      }
    } catch (problem) {
      if (!this.stopped && !this.known) {
        this.problem = problem;
        this.changed();
        this.asking = setTimeout(() => this.ask(), AGAIN);
      }
    }
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.asking);
  }

  /** What is wrong now: those with an open circuit, the worst first. */
  wrong() {
    return [...this.live.values()].filter(each => each.open > 0).sort(worstFirst);
  }

  /** Those that have all closed, and end if that lasts. */
  quiet() {
    return [...this.live.values()].filter(each => each.open === 0);
  }
}

const earlier = (one, other) => (one.began < other.began || (one.began === other.began && one.id < other.id) ? one : other);

/** Upstreams come before an agent on which nothing depends. */
const isShared = incident => incident.depending > 0 || kindOf(incident.root) !== 'agent';

/** Upstreams first, then by calls refused, by agents that depend on it, and by age. */
const worstFirst = (one, other) =>
  isShared(other) - isShared(one)
  || other.refused - one.refused
  || other.depending - one.depending
  || one.began.localeCompare(other.began);
