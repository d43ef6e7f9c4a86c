/* The live stream: connects with a ticket, connects again when it is lost, and reports its state. */

import { address, call } from './api.js';

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const PING_EVERY = 10_000;
const SILENT_AFTER = 25_000;

export class Stream {
  /** @param on `message(message)` and `status({ live, since, nextTry, failures, problem })`; a problem is why no ticket was given */
  constructor(on) {
    this.on = on;
    this.wait = FIRST_WAIT;
    this.wanted = false;
    this.lostAt = null;
    this.failures = 0; // since it was live
    this.again = () => this.connect();
  }

  start() {
    this.wanted = true;
    window.addEventListener('online', this.again);
    document.addEventListener('visibilitychange', this.again);
    this.connect();
  }

  stop() {
    this.wanted = false;
    window.removeEventListener('online', this.again);
    document.removeEventListener('visibilitychange', this.again);
    clearTimeout(this.timer);
    clearInterval(this.pinging);
    this.socket?.close();
    this.socket = null;
  }

  /** Tries at once, unless it is connected or trying. */
  async connect() {
    if (!this.wanted || this.socket || this.trying || document.hidden && this.lostAt) {
      return;
    }
    clearTimeout(this.timer);
    this.trying = true;
    try {
      const { json } = await call('POST', '/api/v1/stream/tickets');
      if (this.wanted) {
        this.open(json.ticket);
      }
    } catch (refusal) {
      if (refusal.status !== 401 && this.wanted) {
        this.lost(refusal);
      }
    } finally {
      this.trying = false;
    }
  }

  open(ticket) {
    const url = address('/api/v1/stream');
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.searchParams.set('ticket', ticket);
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      this.wait = FIRST_WAIT;
      this.lostAt = null;
      this.failures = 0;
      this.heard = performance.now();
      this.pinging = setInterval(() => this.ping(), PING_EVERY);
      this.on.status({ live: true });
    };
    socket.onmessage = event => {
      this.heard = performance.now();
      this.on.message(JSON.parse(event.data));
    };
    socket.onclose = () => this.closed(socket);
  }

  /** Asks the server for a new snapshot. */
  resync() {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send('{"type":"resync"}');
    }
  }

  /** A connection that died silently is noticed because nothing arrives. */
  ping() {
    if (performance.now() - this.heard > SILENT_AFTER) {
      const silent = this.socket;
      silent.close();
      this.closed(silent);
    } else {
      this.socket.send('{"type":"ping"}');
    }
  }

  closed(socket) {
    if (socket === this.socket) {
      clearInterval(this.pinging);
      this.socket = null;
      if (this.wanted) {
        this.lost();
      }
    }
  }

  lost(problem = null) {
    this.lostAt ??= Date.now();
    this.failures++;
    const wait = this.wait * (0.75 + Math.random() / 2);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    this.timer = setTimeout(this.again, wait);
    this.on.status({ live: false, since: this.lostAt, nextTry: Date.now() + wait, failures: this.failures, problem });
  }
}
