/** A server of `POST /api/v1/sync` that answers as a test scripts it: what it is asked is real HTTP, what it knows is not. */
import { createServer } from 'node:http';

export class ScriptedServer {
  /** Bodies of what was asked, the oldest first. */
  syncs = [];
  permits = [];
  generation = 1;
  circuits = new Map();
  gates = undefined;
  policy = {};

  /** The path below which it answers, as behind a reverse proxy. */
  prefix = '';

  /** What a receipt of entries says of loops. */
  loops = undefined;
  #cursor = 0;
  #server;
  #parked = new Set();
  #batches = new Map();

  /** Outcomes taken in, each once. */
  outcomes = [];

  /** In place of what a server would answer: a function of the body, for as long as it gives something, now or later. */
  answer = () => undefined;

  permit = () => [200, { permit: 'token-1', agent_id: 'x', expires_at: '2027-01-01T00:00:00Z' }];

  static async start(port = 0) {
    const scripted = new ScriptedServer();
    scripted.#server = createServer((request, answer) => scripted.#serve(request, answer));
    await new Promise((resolve) => { scripted.#server.listen(port, '127.0.0.1', resolve); });
    return scripted;
  }

  get port() {
    return this.#server.address().port;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A circuit changes, and those who wait for it hear of it. */
  set(name, admits, more = {}) {
    const before = this.circuits.get(name)?.said ?? { epoch: 0 };
    const state = { all: 'closed', none: 'open', trial: 'half_open' }[admits];
    const said = { agent_id: name, state, held: false, admits, retry_after_ms: 0, epoch: before.epoch + 1, mode: 'enforce', policy: 'default', ...more };
    this.circuits.set(name, { said, at: ++this.#cursor });
    this.wake();
  }

  setGates(gates) {
    this.gates = { said: gates, at: ++this.#cursor };
    this.wake();
  }

  wake() {
    for (const parked of this.#parked) parked();
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  async #serve(request, answer) {
    let text = '';
    for await (const piece of request) text += piece;
    const body = JSON.parse(text);
    if (!request.url.startsWith(`${this.prefix}/api/v1/`)) {
      answer.writeHead(404).end();
      return;
    }
    const isSync = request.url === `${this.prefix}/api/v1/sync`;
    (isSync ? this.syncs : this.permits).push({ ...body, path: request.url, authorization: request.headers.authorization });
    const scripted = await (isSync ? this.answer(body, request) : this.permit(body, request));
    if (scripted === 'nothing') return;
    if (scripted === 'cut') {
      if (isSync) this.#take(body);
      request.socket.destroy();
      return;
    }
    if (scripted !== undefined) {
      const [status, said, headers] = scripted;
      answer.writeHead(status, { 'Content-Type': 'application/json', ...headers });
      answer.end(JSON.stringify(said));
      return;
    }
    if (body.wait_ms > 0 && Number(body.cursor) >= this.#cursor) {
      await new Promise((resolve) => {
        this.#parked.add(resolve);
        request.socket.once('close', resolve);
        setTimeout(resolve, body.wait_ms).unref();
      });
    }
    answer.end(JSON.stringify(this.#said(body)));
  }

  #said(body) {
    const reset = body.cursor === undefined || body.generation !== this.generation;
    const since = reset ? -1 : Number(body.cursor);
    const watched = body.watch;
    if (watched) {
      for (const name of watched) {
        if (!this.circuits.has(name)) {
          const said = { agent_id: name, state: 'closed', held: false, admits: 'all', retry_after_ms: 0, epoch: 0, mode: 'enforce', policy: 'default' };
          this.circuits.set(name, { said, at: ++this.#cursor });
        }
      }
    }
    const said = { generation: this.generation, cursor: String(this.#cursor), stale_after_ms: 30_000, policies: { default: this.policy } };
    if (reset) said.reset = true;
    said.circuits = [...this.circuits.values()].filter(({ at }) => at > since).map((each) => each.said);
    if (this.gates && this.gates.at > since) said.gates = this.gates.said;
    if (body.batch !== undefined) said.receipt = this.#take(body);
    return said;
  }

  #take(body) {
    const known = this.#batches.get(`${body.client} ${body.batch}`);
    if (body.batch === undefined) return undefined;
    if (known !== undefined) return { ...known, repeated: true };
    const receipt = { batch: body.batch, repeated: false, counted: body.outcomes.length, ...(body.entries && { loops: this.loops }) };
    this.#batches.set(`${body.client} ${body.batch}`, receipt);
    this.outcomes.push(...body.outcomes);
    return receipt;
  }
}

/** Waits until something holds; tests never wait for a time of their own choosing. */
export async function until(what, holds) {
  const end = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`It did not come to pass that ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}
