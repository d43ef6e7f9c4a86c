/** Guards without a server: calls, calls within calls, streams, fallbacks, policies. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CircuitOpenError, Failure, Interlock, ManualClock, StreamTimeoutError } from '../index.js';

const POLICY = { failure_threshold: 2, failure_rate_threshold: null, cooldown: '60s', half_open_max_requests: 1, success_threshold: 1 };

function alone(policy = POLICY, more = {}) {
  const clock = new ManualClock();
  return { clock, client: new Interlock({ clock, policies: { '*': policy }, random: () => 0, ...more }) };
}

const fails = (guard, kind = 'ERROR', more) => guard.call(() => { throw new Failure(kind, more); }).catch((error) => error);
const states = (client, ...names) => names.map((name) => client.look(name).state);

describe('a call', () => {
  test('returns what its work returned, and throws what it threw', async () => {
    const guard = alone().client.guard('planner');
    assert.equal(await guard.call(() => 7), 7);
    assert.equal(await guard.call(async () => 'a plan'), 'a plan');
    const thrown = new Error('x');
    await assert.rejects(guard.call(() => { throw thrown; }), thrown);
    await assert.rejects(guard.call(async () => { throw thrown; }), thrown);
  });

  test('is refused while its circuit is open, and let in once the cooldown is over', async () => {
    const { clock, client } = alone();
    const guard = client.guard('planner');
    await fails(guard);
    await fails(guard);
    let calls = 0;
    const refused = await guard.call(() => { calls++; }).catch((error) => error);
    assert.ok(refused instanceof CircuitOpenError);
    assert.deepEqual([calls, refused.circuit, refused.reason, refused.retryAfterMs, refused.decided], [0, 'planner', 'open', 60_000, 'local']);
    clock.advance(60_000);
    assert.equal(await guard.call(() => 'back'), 'back');
    assert.deepEqual(states(client, 'planner'), ['closed']);
  });

  test('has a fallback for a refusal, and for nothing else', async () => {
    const guard = alone().client.guard('planner');
    const options = { fallback: (refused) => `instead of ${refused.circuit}` };
    await fails(guard);
    await assert.rejects(guard.call(() => { throw new Failure('ERROR'); }, options), Failure);
    assert.equal(await guard.call(() => 'a plan', options), 'instead of planner');
  });

  test('names alternatives that are well', async () => {
    const { client } = alone();
    const guard = client.guard('planner', { alternatives: ['model:a', 'model:b'] });
    await fails(client.guard('model:a'));
    await fails(client.guard('model:a'));
    await fails(guard);
    await fails(guard);
    const refused = await guard.call(() => 1).catch((error) => error);
    assert.deepEqual(refused.alternatives, ['model:b']);
  });

  test('names alternatives of the refusing policy where it has none of its own', async () => {
    const named = { failure_threshold: 1, alternatives: ['model:a', 'model:b', 'planner', 'model:c'] };
    const client = new Interlock({ policies: { 'model:*': named } });
    await fails(client.guard('model:a'));
    await fails(client.guard('model:b'));
    const names = async (alternatives) =>
      (await client.guard('planner', { dependsOn: ['model:a'], alternatives }).call(() => 1).catch((error) => error)).alternatives;
    assert.deepEqual(await names(), ['model:c']);
    assert.deepEqual(await names(['tool:x']), ['tool:x']);
    assert.deepEqual(await names(['model:b']), []);
    for (const wrong of ['model:a', [1], [''], ['x'.repeat(257)]]) {
      assert.throws(() => new Interlock({ policies: { m: { alternatives: wrong } } }), /alternatives = .*: a list of names of circuits/);
    }
  });

  test('that is given up says nothing of health, one that runs into a limit does', async () => {
    const { client } = alone();
    const guard = client.guard('planner');
    const hang = (signal) => new Promise((_, reject) => {
      const alive = setInterval(() => {}, 1_000);
      signal.addEventListener('abort', () => {
        clearInterval(alive);
        reject(signal.reason);
      });
    });
    for (let i = 0; i < 3; i++) {
      const given = new AbortController();
      const call = guard.call(hang, { signal: given.signal });
      given.abort();
      await assert.rejects(call);
    }
    assert.deepEqual(states(client, 'planner'), ['closed']);
    for (let i = 0; i < 2; i++) await assert.rejects(guard.call(hang, { signal: AbortSignal.timeout(1) }));
    assert.deepEqual(states(client, 'planner'), ['open']);
  });

  test('has results and errors that its owner judges', async () => {
    const { client } = alone();
    const guard = client.guard('planner', {
      classifyResult: (result) => (result === '' ? { kind: 'EMPTY_RESPONSE' } : undefined),
      classifyError: () => { throw new Error('broken'); },
    });
    await guard.call(() => '');
    assert.equal((await fails(guard, 'CANCELLED')).kind, 'CANCELLED'); // a judge that throws makes an ERROR
    assert.deepEqual(states(client, 'planner'), ['open']);
  });
});

test('a permit is settled once', async () => {
  const { client } = alone();
  const permit = await client.guard('planner').acquire();
  assert.equal(permit.fail('ERROR'), true);
  assert.equal(permit.fail('ERROR'), false);
  assert.deepEqual([permit.isSettled, client.look('planner').state], [true, 'closed']);
});

test('an outcome without a permit that began before its circuit closed is late', async () => {
  const { clock, client } = alone();
  const guard = client.guard('planner');
  await fails(guard);
  await fails(guard);
  clock.advance(60_000);
  await guard.call(() => 'a good trial');
  for (let i = 0; i < 3; i++) guard.record({ kind: 'ERROR', tookMs: 10 });
  assert.deepEqual(states(client, 'planner'), ['closed']);
  clock.advance(20);
  for (let i = 0; i < 2; i++) guard.record({ kind: 'ERROR', tookMs: 10 });
  assert.deepEqual(states(client, 'planner'), ['open']);
});

test('of many callers a quarter must be failing before what they share opens', async () => {
  const { client } = alone({ failure_threshold: 2, failure_rate_threshold: null, min_callers: 2, upstream: true });
  const of = (caller) => client.guard('model:m', { caller });
  for (let i = 0; i < 12; i++) await of(`caller ${i}`).call(() => 1);
  for (const caller of ['caller 0', 'caller 1']) for (let i = 0; i < 3; i++) await fails(of(caller));
  assert.deepEqual(states(client, 'model:m'), ['closed']);
  await fails(of('caller 2'));
  assert.deepEqual(states(client, 'model:m'), ['open']);
});

describe('a failure', () => {
  const guarded = () => {
    const { client } = alone();
    return { client, guard: client.guard('planner', { dependsOn: ['model:m', 'key:k'] }) };
  };
  for (const [kind, open] of [
    ['TIMEOUT', 'model:m'], ['ERROR', 'planner'], ['RATE_LIMITED', 'key:k'], ['QUOTA_EXHAUSTED', 'key:k'], ['MODEL_NOT_FOUND', 'model:m'],
    ['LOOP', 'planner'], ['TOOL_ERROR', 'planner'],
  ]) {
    test(`of kind ${kind} opens ${open} alone`, async () => {
      const { client, guard } = guarded();
      await fails(guard, kind);
      await fails(guard, kind);
      for (const name of ['planner', 'model:m', 'key:k']) {
        assert.equal(client.look(name).state, name === open ? 'open' : 'closed', name);
      }
    });
  }

  test('may name whose it is', async () => {
    const { client } = alone();
    const guard = client.guard('planner', { dependsOn: ['model:a', 'model:b'] });
    for (let i = 0; i < 2; i++) await fails(guard, 'TIMEOUT', { attributedTo: 'model:b' });
    assert.deepEqual(states(client, 'planner', 'model:a', 'model:b'), ['closed', 'closed', 'open']);
  });
});

describe('calls within calls', () => {
  const chained = () => {
    const { clock, client } = alone();
    const model = { dependsOn: ['model:m'] };
    return { clock, client, planner: client.guard('planner', model), searcher: client.guard('searcher', model) };
  };
  const nested = (outer, inner, work) => outer.call(() => inner.call(work)).catch((error) => error);

  test('count once, at the innermost guard', async () => {
    const { client, planner, searcher } = chained();
    await nested(planner, searcher, () => { throw new Failure('TIMEOUT'); });
    assert.deepEqual(states(client, 'model:m'), ['closed']);
    await nested(planner, searcher, () => { throw new Failure('TIMEOUT'); });
    assert.deepEqual(states(client, 'model:m', 'planner', 'searcher'), ['open', 'closed', 'closed']);
  });

  test('that are refused are no failure of the call around them', async () => {
    const { client, planner, searcher } = chained();
    const model = client.guard('x', { dependsOn: ['model:m'] });
    await fails(model, 'TIMEOUT');
    await fails(model, 'TIMEOUT');
    const tool = client.guard('planner');
    for (let i = 0; i < 3; i++) await tool.call(() => searcher.call(() => 1)).catch(() => {});
    assert.deepEqual(states(client, 'planner'), ['closed']);
    assert.ok((await planner.call(() => 1).catch((error) => error)) instanceof CircuitOpenError);
  });

  test('run in the place of the trial around them, also after an await', async () => {
    const { clock, client, planner, searcher } = chained();
    await fails(planner, 'TIMEOUT');
    await fails(planner, 'TIMEOUT');
    clock.advance(60_000);
    const answer = await planner.call(async () => {
      await new Promise(setImmediate);
      return searcher.call(() => 'found');
    });
    assert.equal(answer, 'found');
    assert.deepEqual(states(client, 'model:m'), ['closed']);
  });

  test('that come after the call around has ended are within none', async () => {
    const { clock, client, planner, searcher } = chained();
    await fails(planner, 'TIMEOUT');
    await fails(planner, 'TIMEOUT');
    clock.advance(60_000);
    let later;
    await planner.call(() => { later = new Promise(setImmediate).then(() => searcher.call(() => { throw new Failure('TIMEOUT'); })); });
    await later.catch(() => {});
    assert.deepEqual(states(client, 'model:m'), ['closed']); // the trial of planner was good; this failure is the first after it
    await fails(searcher, 'TIMEOUT');
    assert.deepEqual(states(client, 'model:m'), ['open']);
  });
});

describe('a stream', () => {
  async function* pieces(count, then) {
    for (let i = 0; i < count; i++) yield i;
    if (then) throw then;
  }
  const read = async (stream, most = Infinity) => {
    const seen = [];
    for await (const piece of stream) {
      seen.push(piece);
      if (seen.length >= most) break;
    }
    return seen;
  };

  test('is a success when its last piece has come', async () => {
    const { clock, client } = alone();
    const guard = client.guard('planner');
    await fails(guard);
    await fails(guard);
    clock.advance(60_000);
    const stream = guard.stream(() => pieces(2));
    assert.deepEqual(states(client, 'planner'), ['open']); // nothing is asked before the first piece is wanted
    assert.deepEqual((await stream.next()).value, 0);
    assert.deepEqual(states(client, 'planner'), ['half_open']);
    assert.deepEqual(await read(stream), [1]);
    assert.deepEqual(states(client, 'planner'), ['closed']);
  });

  test('fails once, as its source does', async () => {
    const { client } = alone();
    const guard = client.guard('planner', { dependsOn: ['model:m'] });
    for (let i = 0; i < 2; i++) await assert.rejects(read(guard.stream(pieces(3, new Failure('CONNECTION')))), Failure);
    assert.deepEqual(states(client, 'planner', 'model:m'), ['closed', 'open']);
    await assert.rejects(read(guard.stream(() => pieces(1))), CircuitOpenError);
  });

  test('that its reader leaves is cancelled, and its source ended', async () => {
    const { client } = alone({ ...POLICY, failure_threshold: 1 });
    let ended = false;
    let signal;
    const guard = client.guard('planner');
    async function* source() {
      try {
        yield* pieces(9);
      } finally {
        ended = true;
      }
    }
    assert.deepEqual(await read(guard.stream((given) => { signal = given; return source(); }), 2), [0, 1]);
    await new Promise(setImmediate);
    assert.deepEqual([ended, signal.aborted], [true, true]);
    assert.deepEqual(states(client, 'planner'), ['closed']);
  });

  test('that stalls is a TIMEOUT, before and after its first piece', async () => {
    const { client } = alone();
    const guard = client.guard('planner', { dependsOn: ['model:m'] });
    async function* stalls(count) {
      yield* pieces(count);
      await new Promise((resolve) => { setTimeout(resolve, 60_000).unref(); });
    }
    await assert.rejects(read(guard.stream(() => stalls(0), { firstPieceMs: 5 })), StreamTimeoutError);
    await assert.rejects(read(guard.stream(() => stalls(2), { firstPieceMs: 5_000, idleMs: 5 })), StreamTimeoutError);
    assert.deepEqual(states(client, 'planner', 'model:m'), ['closed', 'open']);
  });

  test('without a piece is an EMPTY_RESPONSE, one that reports an error is that error', async () => {
    const { client } = alone();
    const guard = client.guard('planner', { dependsOn: ['model:m', 'key:k'] });
    await read(guard.stream(() => pieces(0)));
    await read(guard.stream(() => pieces(0)));
    assert.deepEqual(states(client, 'model:m', 'key:k'), ['open', 'closed']);
    const other = alone().client.guard('planner', { dependsOn: ['model:m', 'key:k'] });
    await read(other.stream(() => ['data: {"error":{"code":"insufficient_quota"}}']));
    assert.equal(other.client.look('key:k').state, 'open');
  });
});

describe('settings', () => {
  const problem = (options) => {
    try {
      new Interlock(options);
    } catch (error) {
      return error.message;
    }
    return assert.fail('nothing was thrown');
  };

  test('of a policy that cannot be are all named, with what would be right', () => {
    assert.match(problem({ policies: { '*': { failure_treshold: 3, cooldown: 'long', window_calls: 5, upstream: 'yes' } } }),
      /failure_treshold = 3: there is no such setting; cooldown = "long": a time above zero.*; upstream = "yes": true or false/);
    assert.match(problem({ policies: { '*': { success_threshold: 4 } } }), /success_threshold = 4: at most half_open_max_requests, 3/);
    assert.match(problem({ policies: { '*': { window_calls: 5 } } }), /min_requests_for_rate = 10: at most window_calls, 5/);
    assert.match(problem({ policies: { '*': { cooldown: null } } }), /cannot be turned off/);
  });

  test('of a client as well', () => {
    assert.match(problem({ url: 'ftp://x', onUnreachable: 'hope' }), /onUnreachable = hope: one of local, allow, refuse; key: .*; url = ftp:\/\/x/);
    assert.throws(() => new Interlock().guard(''), /a text of 1 to 256 characters/);
  });

  test('with a URL that is undefined are those of a client that decides alone, and it says so', () => {
    const said = [];
    const log = (line) => said.push(line);
    assert.equal(new Interlock({ log, url: undefined }).status.mode, new Interlock({ log }).status.mode);
    assert.deepEqual(said, ['interlock: no URL: `url` is undefined; this process decides alone']);
  });

  test('are found by the most specific pattern', async () => {
    const client = new Interlock({
      policies: { '*': { failure_threshold: 9 }, 'model:*': { failure_threshold: 1 }, 'model:kimi*': { base: 'upstream', min_callers: 1 } },
    });
    const after = async (name, count) => {
      for (let i = 0; i < count; i++) await fails(client.guard(name));
      return client.look(name).state;
    };
    assert.equal(await after('model:a', 1), 'open');
    assert.equal(await after('model:kimi-k2', 4), 'closed');
    assert.equal(await after('model:kimi-k2', 1), 'open');
    assert.equal(await after('planner', 8), 'closed');
  });

  test('of mode observe refuse nothing', async () => {
    const { client } = alone({ ...POLICY, mode: 'observe' });
    const guard = client.guard('planner');
    for (let i = 0; i < 3; i++) await fails(guard);
    assert.equal(await guard.call(() => 'passes'), 'passes');
    assert.deepEqual(states(client, 'planner'), ['open']);
  });
});
