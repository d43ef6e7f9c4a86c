/* What is known of the organization's circuits: first from a snapshot of the stream, then from its changes. */

import { call, get, circuitPath, storedKey } from './api.js';
import { HealthMarks } from './health-marks.js';
import { IncidentStore } from './incident-store.js';
import { kindOf, KINDS } from './kinds.js';
import { Polling } from './polling.js';
import { Stream } from './stream.js';

const SAMPLES = 1800;
const NOTIFY_EVERY = 100;
const LOOK_EVERY = 3000;
const MOST_TOUCHED = 20_000;

export class FleetStore {
  constructor() {
    this.circuits = new Map();
    this.about = new Map(); // what is known of agents in addition to their circuits
    this.marks = new HealthMarks(agent => this.mark(agent));
    this.incidents = new IncidentStore(() => this.notify());
    this.names = []; // by kind and name: the map's order, which no change of state disturbs
    this.counts = { all: 0, open: 0, half_open: 0, closed: 0, held: 0 };
    this.samples = new Map();
    this.changedAt = new Map();
    this.touched = []; // names of what has changed, in order, since all was replaced
    this.whole = 0; // how often all was replaced
    this.grouping = 0; // how often something changed that circuits are grouped by
    this.version = 0;
    this.loaded = false;
    this.status = { live: false };
    this.tag = null; // of the list as it was read last
    this.detached = false; // whether the server is cut off from those that it shares circuits with
    this.database = { away: false, seenAt: null }; // and from its database; when that answered last, by the wall clock
    this.polling = new Polling(() => this.readFleet(), () => this.notify(true));
    this.listeners = new Set();
    this.hearers = new Set();
    this.stream = new Stream({
      message: message => this.hear(message),
      status: status => {
        this.status = status;
        this.polling.follow(status, this.loaded);
        this.arriving = null; // an incomplete snapshot of a lost connection is not worth keeping
        this.notify(true);
      },
    });
  }

  start() {
    this.stream.start();
    this.refreshLater();
    this.lookAtServer();
  }

  stop() {
    this.stopped = true;
    this.stream.stop();
    this.polling.stop();
    this.marks.stop();
    this.incidents.stop();
    clearTimeout(this.refreshing);
    clearTimeout(this.looking);
    clearTimeout(this.pending);
  }

  /** Calls back after changes, at most some ten times a second. */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls back at once with each change of a circuit, and of an agent's status of health. */
  onChange(hearer) {
    this.hearers.add(hearer);
    return () => this.hearers.delete(hearer);
  }

  hear(message) {
    switch (message.type) {
      case 'snapshot':
        this.snapshot(message.data);
        break;
      case 'resync':
        this.arriving = null;
        break;
      case 'circuit_state':
        this.change(message.data);
        break;
      case 'health_update':
      case 'health_transition':
        this.changeHealth(message);
        break;
      case 'incident':
        this.incidents.hear(message.data);
        break;
      case 'agent':
        this.describe(message.data);
        break;
    }
  }

  snapshot({ circuits, health, agents, more, incidents }) {
    if (!this.arriving) {
      this.arriving = new Map();
      this.arrivingHealth = new Map();
      this.arrivingAbout = new Map();
    }
    for (const [agent, about] of Object.entries(agents ?? {})) {
      this.arrivingAbout.set(agent, about);
    }
    for (const circuit of circuits) {
      this.arriving.set(circuit.agent_id, heard(circuit));
    }
    for (const [agent, state] of Object.entries(health ?? {})) {
      this.arrivingHealth.set(agent, state);
    }
    if (!this.loaded) {
      this.arrived = this.arriving.size;
    }
    if (!more) {
      this.about = this.arrivingAbout;
      this.marks.replace(this.arrivingHealth);
      this.incidents.replace(incidents ?? null);
      this.replaceAll(this.arriving);
      this.arriving = null;
      this.loaded = true;
    }
    this.notify(!more);
  }

  change(data) {
    const circuit = heard(data.stats);
    const known = this.circuits.get(data.agent_id);
    if (known && known.epoch > circuit.epoch) {
      return;
    }
    this.put(circuit);
    if (this.samples.has(data.agent_id)) {
      this.sample(circuit);
    }
    this.changedAt.set(data.agent_id, performance.now());
    this.hearers.forEach(hearer => hearer(data));
    this.notify();
  }

  /** What an agent is called, what it uses, and its metadata. */
  describe(about) {
    this.about.set(about.agent_id, about);
    const circuit = this.circuits.get(about.agent_id);
    this.grouping++;
    if (circuit) {
      circuit.about = about;
      this.touch(about.agent_id);
      this.notify();
    }
  }

  changeHealth({ type, data }) {
    this.marks.hear(data.agent_id, data);
    this.mark(data.agent_id);
    if (type === 'health_transition') {
      this.changedAt.set(data.agent_id, performance.now());
      this.hearers.forEach(hearer => hearer(data));
    }
    this.notify();
  }

  /** Shows an agent's health, as far as it is to be shown. */
  mark(agent) {
    const circuit = this.circuits.get(agent);
    if (circuit) {
      circuit.health = this.marks.of(agent);
      this.touch(agent);
      this.notify();
    }
  }

  /** How many agents are shown with a health status. */
  countOfHealth(wanted) {
    let count = 0;
    for (const { health } of this.circuits.values()) {
      count += health?.status === wanted ? 1 : 0;
    }
    return count;
  }

  /** Reads one circuit again: figures of a closed circuit are in no message. */
  async refresh(agent) {
    const circuit = heard(await get(circuitPath(agent)));
    const known = this.circuits.get(agent);
    if (!known || known.epoch <= circuit.epoch) {
      if (known || circuit.since !== null || circuit.failure_count + circuit.success_count > 0) {
        this.put(circuit);
      }
      this.sample(circuit);
      this.notify();
    }
    return circuit;
  }

  put(circuit) {
    const known = this.circuits.get(circuit.agent_id);
    circuit.health = this.marks.of(circuit.agent_id);
    circuit.about = this.about.get(circuit.agent_id) ?? null;
    this.circuits.set(circuit.agent_id, circuit);
    this.touch(circuit.agent_id);
    if (known) {
      this.count(known, -1);
      this.grouping += known.policy === circuit.policy ? 0 : 1;
    } else {
      this.unsorted = true;
    }
    this.count(circuit, 1);
  }

  /** Notes that something about a circuit has changed. */
  touch(agent) {
    this.touched.push(agent);
    if (this.touched.length > MOST_TOUCHED) {
      this.begin();
    }
  }

  /** Everything that was derived from all circuits has to be calculated again. */
  begin() {
    this.touched = [];
    this.whole++;
  }

  replaceAll(circuits) {
    const sameNames = circuits.size === this.circuits.size && [...circuits.keys()].every(name => this.circuits.has(name));
    this.circuits = circuits;
    this.unsorted ||= !sameNames;
    this.grouping++;
    this.begin();
    this.counts = { all: 0, open: 0, half_open: 0, closed: 0, held: 0 };
    circuits.forEach(circuit => {
      circuit.health = this.marks.of(circuit.agent_id);
      circuit.about = this.about.get(circuit.agent_id) ?? null;
      this.count(circuit, 1);
    });
  }

  count(circuit, by) {
    this.counts.all += by;
    this.counts[circuit.state] += by;
    this.counts.held += circuit.hold ? by : 0;
  }

  /** Remembers an agent's figures, for its plots, from when it was first looked at. */
  sample(circuit) {
    const samples = this.samples.get(circuit.agent_id) ?? [];
    samples.push({
      at: circuit.heardAtWall,
      state: circuit.state,
      rate: circuit.failure_rate,
      calls: circuit.failure_count + circuit.success_count,
      streak: circuit.consecutive_failures,
    });
    if (samples.length > SAMPLES) {
      samples.shift();
    }
    this.samples.set(circuit.agent_id, samples);
  }

  /** Reads figures of closed circuits now and then, the larger the fleet the more rarely. */
  refreshLater() {
    const wait = Math.max(10_000, this.circuits.size * 6);
    this.refreshing = setTimeout(async () => {
      if (!document.hidden && this.status.live && this.loaded) {
        await this.refreshAll().catch(() => {});
      }
      if (!this.stopped) {
        this.refreshLater();
      }
    }, wait);
  }

  /** Asks what the server is cut off from: that moves no circuit, so no message reports it. */
  async lookAtServer() {
    if (!document.hidden) {
      await get('/readyz').then(ready => this.stopped || this.hearOfServer(ready.degraded.map(each => each.part)), () => {});
    }
    this.looking = this.stopped ? null : setTimeout(() => this.lookAtServer(), LOOK_EVERY);
  }

  async hearOfServer(degraded) {
    const away = degraded.includes('database');
    const detached = degraded.includes('redis');
    const before = { detached: this.detached, away: this.database.away };
    this.database = { away, seenAt: away ? this.database.seenAt : Date.now() };
    this.detached = detached;
    if (away !== before.away || detached !== before.detached) {
      this.notify(true);
    }
    if (detached !== before.detached) {
      await this.refreshAll().catch(() => {});
    }
  }

  isDatabaseAway() {
    return this.database.away;
  }

  tryNow() {
    this.stream.connect();
    this.polling.running && this.polling.look();
  }

  /** Whether the incidents are up to date. */
  knowsWrong() {
    return this.incidents.known && this.incidents.problem === null && !this.database.away;
  }

  /** Whether the fleet is read again and again in place of the stream, and was the last time. */
  isPolled() {
    return this.polling.readAt !== null && this.polling.problem === null;
  }

  /** Reads what the stream would report; returns how many circuits that are. */
  async readFleet() {
    await this.refreshAll();
    const { agents } = await get('/api/v1/agents');
    if (!this.stopped && !this.status.live) {
      this.about = new Map(agents.map(agent => [agent.agent_id, agent]));
      this.marks.replace(new Map(agents.map(agent => [agent.agent_id, { status: agent.status, score: agent.score, issues: [] }])));
      this.replaceAll(this.circuits);
      this.loaded = true;
      await this.incidents.read();
    }
    return this.circuits.size;
  }

  async refreshAll() {
    const before = performance.now();
    const { json, tag } = await call('GET', '/api/v1/circuits/', undefined, storedKey(), this.tag);
    if (this.arriving || json === null || this.stopped) {
      return; // a snapshot is on its way, which is newer
    }
    const fresh = new Map();
    const moved = [];
    for (const circuit of Object.values(json)) {
      const known = this.circuits.get(circuit.agent_id);
      fresh.set(circuit.agent_id, known && known.epoch > circuit.epoch ? known : heard(circuit));
      if (this.loaded && circuit.epoch > (known?.epoch ?? 0)) {
        moved.push(circuit.agent_id);
      }
    }
    for (const [agent, known] of this.circuits) {
      if (!fresh.has(agent) && known.heardAt > before) {
        fresh.set(agent, known);
      }
    }
    this.replaceAll(fresh);
    this.tag = tag;
    for (const agent of moved) {
      this.changedAt.set(agent, before);
      this.hearers.forEach(hearer => hearer({ agent_id: agent }));
    }
    this.notify();
  }

  notify(now = false) {
    this.version++;
    if (now) {
      clearTimeout(this.pending);
      this.pending = null;
      this.callListeners();
    } else {
      this.pending ??= setTimeout(() => {
        this.pending = null;
        this.callListeners();
      }, NOTIFY_EVERY);
    }
  }

  callListeners() {
    if (this.unsorted) {
      this.names = sortedNames(this.circuits);
      this.unsorted = false;
    }
    this.listeners.forEach(listener => listener());
  }
}

/** How long a call that is refused now should wait, in milliseconds, counted down from when it was heard. */
export const waitLeft = circuit =>
  Math.max(0, circuit.retry_after_ms - (performance.now() - circuit.heardAt));

function heard(circuit) {
  circuit.heardAt = performance.now();
  circuit.heardAtWall = Date.now();
  return circuit;
}

function sortedNames(circuits) {
  const byKind = new Map(Object.keys(KINDS).map(kind => [kind, []]));
  for (const name of circuits.keys()) {
    byKind.get(kindOf(name)).push(name);
  }
  const collator = new Intl.Collator('en', { numeric: true });
  return [...byKind].map(([kind, names]) => ({ kind, names: names.sort(collator.compare) }));
}
