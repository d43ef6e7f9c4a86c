/**
 * The driver of the conformance scenarios: one command a line in, one answer a line out. It judges nothing. The protocol is
 * described beside the scenarios.
 */
import { createInterface } from 'node:readline';
import { CircuitOpenError, classifyError, Failure, Interlock, ManualClock, VERSION } from './index.js';

const clients = new Map();
const guards = new Map();
const permits = new Map();

const OUTCOME = ['outcome', 'kind', 'retry_after_ms', 'attributed_to', 'took_ms'];
const FIELDS = {
  hello: [],
  connect: ['client', 'urls', 'key', 'on_unreachable', 'watch', 'policies', 'clock', 'timeout_ms', 'backoff_ms', 'backoff_max_ms'],
  close: ['client'],
  clock: ['client', 'at_ms', 'wall_ms'],
  guard: ['client', 'guard', 'agent', 'depends_on', 'caller', 'alternatives', 'execution'],
  log: ['client', 'repeat', 'agent', 'action', 'name', 'error', 'took_ms', 'tokens', 'depends_on', 'execution', 'guarded', 'input', 'output'],
  call: ['guard', 'repeat', 'inner', 'answer', ...OUTCOME],
  begin: ['guard', 'ref', 'parent'],
  end: ['ref', 'usage', ...OUTCOME],
  record: ['guard', 'repeat', ...OUTCOME],
  circuit: ['client', 'name'],
  status: ['client'],
  flush: ['client', 'within_ms'],
  classify: ['status', 'headers', 'body', 'code', 'name', 'text'],
  stream: ['guard', 'pieces', 'end', 'kind'],
  fork: ['guard', 'repeat', ...OUTCOME],
};

class Named {
  constructor(all, what) {
    this.all = all;
    this.what = what;
  }

  of(name) {
    const found = this.all.get(name);
    if (found === undefined) throw new Error(`there is no ${this.what} ${name}`);
    return found;
  }
}

const client = new Named(clients, 'client');
const guard = new Named(guards, 'guard');
const permit = new Named(permits, 'permit');

const COMMANDS = {
  hello: () => ({ language: 'typescript', version: VERSION, runtime: `node ${process.versions.node}` }),

  connect(each) {
    const logged = [];
    const clock = each.clock === 'manual' ? new ManualClock() : undefined;
    const made = new Interlock({
      urls: each.urls ?? [],
      key: each.key,
      onUnreachable: each.on_unreachable,
      watch: each.watch,
      policies: each.policies,
      timeoutMs: each.timeout_ms,
      backoffMs: each.backoff_ms,
      backoffMaxMs: each.backoff_max_ms,
      clock,
      log: (line) => logged.push(line),
    });
    clients.set(each.client, { made, clock, logged });
    return {};
  },

  async close(each) {
    await client.of(each.client).made.close();
    return {};
  },

  clock(each) {
    const { clock } = client.of(each.client);
    if (each.at_ms !== undefined) clock.set(each.at_ms);
    if (each.wall_ms !== undefined) shiftWall(each.wall_ms);
    return {};
  },

  guard(each) {
    guards.set(each.guard, client.of(each.client).made.guard(
      each.agent, { dependsOn: each.depends_on, caller: each.caller, alternatives: each.alternatives, execution: each.execution }));
    return {};
  },

  async call(each) {
    let last = {};
    for (let i = 0; i < (each.repeat ?? 1); i++) last = await call(each);
    return last;
  },

  async begin(each) {
    const acquire = () => guard.of(each.guard).acquire();
    return refusable(async () => {
      permits.set(each.ref, await (each.parent === undefined ? acquire() : permit.of(each.parent).run(acquire)));
      return { admitted: true };
    });
  },

  end(each) {
    if (each.usage !== undefined) {
      const { tokens_in: tokensIn, tokens_out: tokensOut, tokens_cached: tokensCached, cost_usd: costUsd } = each.usage;
      permit.of(each.ref).usage({ tokensIn, tokensOut, tokensCached, costUsd });
    }
    permit.of(each.ref).settle(outcome(each));
    return {};
  },

  record(each) {
    for (let i = 0; i < (each.repeat ?? 1); i++) guard.of(each.guard).record(outcome(each));
    return {};
  },

  log({ client: name, repeat = 1, agent, action, took_ms: tookMs, depends_on: dependsOn, ...details }) {
    for (let i = 0; i < repeat; i++) client.of(name).made.log(agent, action, { tookMs, dependsOn, ...details });
    return {};
  },

  circuit(each) {
    const look = client.of(each.client).made.look(each.name);
    return { state: look.state, held: look.held, retry_after_ms: look.retryAfterMs ?? null, openings: look.openings, decided: look.decided };
  },

  status(each) {
    const { made, logged } = client.of(each.client);
    const { mode, sinceMs, url, generation, waiting, lost, requests, lastError } = made.status;
    return {
      mode, since_ms: sinceMs, url: url ?? null, generation: generation ?? null, waiting, lost, requests,
      last_error: lastError ?? null, logged,
    };
  },

  flush: async (each) => ({ flushed: await client.of(each.client).made.flush(each.within_ms) }),

  classify(each) {
    const error = Object.assign(new Error(each.text ?? 'the call failed'), {
      ...(each.name && { name: each.name }),
      ...(each.status !== undefined && { status: each.status }),
      ...(each.headers && { headers: each.headers }),
      ...(each.body !== undefined && { body: each.body }),
      ...(each.code !== undefined && { code: each.code }),
    });
    const { kind, retryAfterMs } = classifyError(error);
    return { kind: kind ?? null, retry_after_ms: retryAfterMs ?? null };
  },

  async stream(each) {
    let received = 0;
    async function* source() {
      for (let i = 0; i < each.pieces; i++) yield `piece ${i}`;
      if (each.end === 'fail') throw new Failure(each.kind ?? 'ERROR');
      if (each.end === 'cancel') yield 'one too many';
    }
    return refusable(async () => {
      try {
        for await (const _ of guard.of(each.guard).stream(source)) {
          if (received === each.pieces) break;
          received++;
        }
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
      }
      return { admitted: true, pieces: received };
    });
  },

  fork: () => ({ unsupported: 'Node does not fork a process that runs' }),
};

async function call(each) {
  let inner;
  const began = performance.now();
  let worked = 0;
  const result = await refusable(async () => {
    try {
      await guard.of(each.guard).call(async () => {
        const from = performance.now();
        if (each.inner !== undefined) inner = await COMMANDS.call(each.inner);
        worked = performance.now() - from;
        if (each.outcome !== 'success') throw failure(each);
        return each.answer;
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
    return { admitted: true };
  });
  const micros = Math.round((performance.now() - began - worked) * 1_000);
  return { ...result, ...(inner !== undefined && { inner }), micros };
}

/** What a call that may be refused comes to. */
async function refusable(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CircuitOpenError)) throw error;
    const { circuit, reason, state, retryAfterMs, alternatives, decided, gate, message } = error;
    const refusal = { circuit, reason, state, retry_after_ms: retryAfterMs ?? null, alternatives, decided, message };
    return { admitted: false, refusal: gate === undefined ? refusal : { ...refusal, gate } };
  }
}

const failure = ({ outcome: end, kind, retry_after_ms: retryAfterMs, attributed_to: attributedTo }) =>
  new Failure(kind ?? (end === 'ignored' ? 'CANCELLED' : 'ERROR'), { retryAfterMs, attributedTo });

function outcome(each) {
  const { kind, retryAfterMs, attributedTo } = failure(each);
  return { ...(each.outcome !== 'success' && { kind, retryAfterMs, attributedTo }), tookMs: each.took_ms ?? 0 };
}

/** Steps the wall clock, as an operator or a time server does. */
function shiftWall(ms) {
  const real = shiftWall.real ??= Date.now;
  Date.now = () => real() + ms;
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  let id = null;
  try {
    const { do: verb, id: number, ...given } = JSON.parse(line);
    id = number;
    if (!Object.hasOwn(COMMANDS, verb)) throw new Error(`there is no command ${verb}`);
    const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
    const unknown = Object.keys(fields).filter((name) => !FIELDS[verb].includes(name));
    if (unknown.length > 0) throw new Error(`${verb} has no ${unknown.join(', ')}`);
    answer = await COMMANDS[verb](fields);
  } catch (error) {
    answer = { error: error.stack };
  }
  process.stdout.write(`${JSON.stringify({ id, ...answer })}\n`);
}
await Promise.all([...clients.values()].map(({ made }) => made.close()));
process.exit(0);
