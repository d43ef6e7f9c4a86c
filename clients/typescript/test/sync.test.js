/** The conversation with a server: what is heard, what is reported, and what happens while there is none. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { afterEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CircuitOpenError, Failure, Interlock } from '../index.js';
import { ScriptedServer, until } from './scripted.js';

const TRIPS_AT_2 = { '*': { failure_threshold: 2, failure_rate_threshold: null } };
const open = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close(50);
});

async function server(port) {
  const started = await ScriptedServer.start(port);
  open.push(started);
  return started;
}

function connect(urls, more = {}) {
  const logged = [];
  const client = new Interlock({
    urls, key: 'a-key', backoffMs: 20, backoffMaxMs: 100, timeoutMs: 2_000, log: (line) => logged.push(line), ...more,
  });
  open.push(client);
  return { client, logged };
}

const refusal = (call) => call.then(() => assert.fail('the call was let in'), (error) => {
  assert.ok(error instanceof CircuitOpenError, error.stack);
  return error;
});
const fails = (guard, kind = 'ERROR') => guard.call(() => { throw new Failure(kind); }).catch((error) => error);

describe('closing', () => {
  test('an answer that comes while it closes does not connect it again', async () => {
    const far = await server();
    const { client, logged } = connect([far.url]);
    await client.guard('planner').call(() => 1);
    client.guard('late'); // is announced by itself, and answered during the goodbye
    await client.close();
    assert.equal(client.status.mode, 'closed');
    assert.ok(far.syncs.some((each) => each.leaving));
    assert.deepEqual(logged, []);
  });
});

describe('a path before the address, as behind a reverse proxy', () => {
  for (const end of ['', '/']) {
    test(`it is that of all requests, with '${end}' at the end of the URL`, async () => {
      const far = await server();
      far.prefix = '/tools/interlock';
      far.set('planner', 'trial');
      const { client, logged } = connect([`${far.url}/tools/interlock${end}`]);
      assert.equal(await client.guard('planner').call(() => 7), 7);
      await until('the outcome is reported', () => far.outcomes.length === 1);
      assert.equal(client.status.mode, 'connected');
      assert.deepEqual(new Set(far.permits.map((each) => each.path)), new Set(['/tools/interlock/api/v1/circuits/planner/permits']));
      assert.deepEqual(new Set(far.syncs.map((each) => each.path)), new Set(['/tools/interlock/api/v1/sync']));
      assert.deepEqual(logged, []);
    });
  }
});

describe('hearing', () => {
  test('a first call waits until its circuits were heard of', async () => {
    const far = await server();
    far.set('model:m', 'none', { retry_after_ms: 41_000 });
    const { client } = connect([far.url]);
    const refused = await refusal(client.guard('planner', { dependsOn: ['model:m'] }).call(() => 1));
    assert.deepEqual([refused.circuit, refused.reason, refused.decided], ['model:m', 'open', 'server']);
    assert.ok(refused.retryAfterMs > 40_000 && refused.retryAfterMs <= 41_000);
    assert.equal(far.syncs[0].authorization, 'Bearer a-key');
    assert.deepEqual(far.syncs[0].watch, ['planner', 'model:m']);
  });

  test('a list of what is watched has a number, and a longer one a higher number', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    for (const name of ['planner', 'writer', 'reader']) await client.guard(name).call(() => 1);
    const lists = far.syncs.filter((each) => each.watch !== undefined).sort((a, b) => a.watch.length - b.watch.length);
    assert.deepEqual(lists.at(-1).watch, ['planner', 'writer', 'reader']);
    for (const [i, { watch, watch_number: number }] of lists.entries()) {
      assert.ok(Number.isInteger(number) && number > 0, `${number}`);
      if (i > 0 && watch.length > lists[i - 1].watch.length) assert.ok(number > lists[i - 1].watch_number);
    }
    assert.ok(far.syncs.every((each) => (each.watch === undefined) === (each.watch_number === undefined)));
  });

  test('a circuit that opens while nobody calls refuses the next call, and one that closes lets it in', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    const guard = client.guard('planner');
    assert.equal(await guard.call(() => 1), 1);
    far.set('planner', 'none', { retry_after_ms: 60_000 });
    await until('it is open here', () => client.look('planner').state === 'open');
    await refusal(guard.call(() => 1));
    far.set('planner', 'all');
    await until('it is closed here', () => client.look('planner').state === 'closed');
    assert.equal(await guard.call(() => 2), 2);
  });

  test('an answer that says all, and was written before news that came first, is not heard: all is asked once more', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    const guard = client.guard('planner');
    await guard.call(() => 1);
    const closed = far.circuits.get('planner').said;
    let release;
    const released = new Promise((resolve) => { release = resolve; });
    far.answer = (body) => body.batch === undefined ? undefined : released.then(() => [200, {
      generation: 1, cursor: '1', stale_after_ms: 30_000, reset: true, circuits: [closed],
      receipt: { batch: body.batch, repeated: false, counted: body.outcomes.length },
    }]);
    await guard.call(() => 1);
    const flushed = client.flush();
    far.set('planner', 'none', { held: true, retry_after_ms: null });
    await until('it is open here', () => client.look('planner').state === 'open');
    const polls = far.syncs.length;
    release();
    await flushed;
    assert.equal(client.look('planner').state, 'open');
    await until('all is asked once more', () => far.syncs.slice(polls).some((each) => each.cursor === undefined));
    assert.equal(client.look('planner').state, 'open');
  });

  test('a closed call makes no request', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    const guard = client.guard('planner', { dependsOn: ['model:m'] });
    await guard.call(() => 1);
    await until('a request is parked', () => far.syncs.some((each) => each.wait_ms === 25_000));
    await client.flush();
    const before = client.status.requests;
    for (let i = 0; i < 50; i++) await guard.call(() => i);
    assert.equal(client.status.requests, before);
  });

  test('a hold says so, and lasts until an answer says otherwise', async () => {
    const far = await server();
    far.set('planner', 'none', { held: true, retry_after_ms: null });
    const { client } = connect([far.url]);
    const refused = await refusal(client.guard('planner').call(() => 1));
    assert.deepEqual([refused.reason, refused.retryAfterMs], ['held', 60_000]);
    far.set('planner', 'all', { held: true });
    await until('it is held closed', () => client.look('planner').state === 'closed');
    for (let i = 0; i < 20; i++) await fails(client.guard('planner'));
    assert.equal(client.look('planner').state, 'closed');
  });

  test('a gate of a budget says which, to a call and to a trial', async () => {
    const why = 'The budget small is used up: 1,050 of 1,000 tokens used in an hour';
    const said = `planner is over a budget; retry in 60 s. ${why}. Do not repeat this call.`;
    const far = await server();
    const { client } = connect([far.url]);
    const planner = client.guard('planner');
    await planner.call(() => 1);
    far.set('planner', 'trial');
    await until('a trial is needed', () => far.syncs.at(-1).cursor === String(far.circuits.get('planner').at));
    const gate = { type: 'gate-closed', reason: 'gate', agent_id: 'planner', gate: 'budget:small:planner', retry_after_ms: 60_000, why };
    far.permit = () => [503, gate];
    assert.equal((await refusal(planner.call(() => 1))).message, said);
    far.setGates([{ id: 'budget:small:planner', covers: 'agents', pattern: 'planner', retry_after_ms: null, why }]);
    await until('the gate is confirmed', () => far.syncs.at(-1).cursor === String(far.gates.at));
    const refused = await refusal(planner.call(() => 1));
    assert.deepEqual([refused.message, refused.gate, refused.why], [said, 'budget:small:planner', why]);
  });

  test('a gate refuses what it covers, and is confirmed by the next request', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    const planner = client.guard('planner-1', { dependsOn: ['model:m'] });
    const other = client.guard('searcher', { dependsOn: ['model:n'] });
    await planner.call(() => 1);
    await other.call(() => 1);
    far.setGates([{ id: 'stop', covers: 'agents', pattern: 'planner-*', retry_after_ms: 3_600_000 }]);
    await until('the gate is confirmed', () => far.syncs.at(-1).cursor === String(far.gates.at));
    const refused = await refusal(planner.call(() => 1));
    assert.deepEqual([refused.reason, refused.gate], ['gate', 'stop']);
    assert.match(refused.message, /planner-1 is behind a closed gate 'stop'; retry in 3600 s\. Do not repeat this call\.$/);
    assert.equal(refused.why, undefined);
    assert.equal(await other.call(() => 1), 1);
    far.setGates([{ id: 'no model', covers: 'upstream', pattern: 'model:n', retry_after_ms: null }]);
    await until('the other is refused', () => far.syncs.at(-1).cursor === String(far.gates.at));
    await refusal(other.call(() => 1));
    assert.equal(await planner.call(() => 1), 1);
    far.setGates([]);
    await until('there is none', () => far.syncs.at(-1).cursor === String(far.gates.at));
    assert.equal(await other.call(() => 1), 1);
  });

  test('another generation means that all is forgotten', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    const guard = client.guard('planner');
    await guard.call(() => 1);
    far.set('planner', 'none', { retry_after_ms: 60_000, epoch: 99 });
    await until('it is open here', () => client.look('planner').state === 'open');
    far.generation = 2;
    far.set('planner', 'all', { epoch: 3 });
    await until('the other generation is heard', () => client.status.generation === 2);
    assert.equal(await guard.call(() => 2), 2);
  });

  test('names that the key may not watch go by their own figures', async () => {
    const far = await server();
    far.answer = (body) => (body.watch === undefined ? undefined : [200, {
      generation: 1, cursor: '5', reset: true, stale_after_ms: 30_000, policies: {}, circuits: [],
      unwatched: [{ agent_id: 'planner', detail: 'not yours' }],
    }]);
    const { client } = connect([far.url], { policies: TRIPS_AT_2 });
    const guard = client.guard('planner');
    await fails(guard);
    await fails(guard);
    assert.equal((await refusal(guard.call(() => 1))).decided, 'local');
    assert.equal(client.look('planner').decided, 'local');
  });
});

describe('reporting', () => {
  test('outcomes are sent with their circuits, epochs and ages', async () => {
    const far = await server();
    far.set('planner', 'all', { epoch: 7 });
    const { client } = connect([far.url]);
    const guard = client.guard('planner', { dependsOn: ['model:m'] });
    await guard.call(() => 1);
    await fails(guard, 'QUOTA_EXHAUSTED');
    guard.record({ kind: 'LOOP', tookMs: 5 });
    assert.equal(await client.flush(), true);
    const [good, bad, recorded] = far.outcomes;
    assert.deepEqual([good.agent_id, good.outcome, good.depends_on, good.epochs], ['planner', 'success', ['model:m'], { planner: 7, 'model:m': 0 }]);
    assert.deepEqual([bad.outcome, bad.kind], ['failure', 'QUOTA_EXHAUSTED']);
    assert.deepEqual([recorded.kind, recorded.duration_ms, recorded.epochs], ['LOOP', 5, undefined]);
    assert.ok(good.age_ms >= 0 && good.duration_ms >= 0);
  });

  test('what became of calls within a call is sent with it', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    const planner = client.guard('planner', { dependsOn: ['model:m'] });
    const searcher = client.guard('searcher', { dependsOn: ['model:m'] });
    await planner.call(() => searcher.call(() => 1));
    await client.flush();
    const [inner, outer] = far.outcomes;
    assert.deepEqual([inner.agent_id, inner.inner], ['searcher', undefined]);
    assert.deepEqual([outer.agent_id, outer.inner], ['planner', { admitted: ['model:m'], refused: [], failed: [] }]);
  });

  test('a batch whose answer was lost is sent again under its number, and counts once', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    const guard = client.guard('planner');
    await guard.call(() => 1);
    await client.flush();
    let cuts = 1;
    far.answer = (body) => (body.batch !== undefined && cuts-- > 0 ? 'cut' : undefined);
    await guard.call(() => 2);
    await guard.call(() => 3);
    assert.equal(await client.flush(10_000), true);
    const numbers = far.syncs.filter((each) => each.batch !== undefined).map((each) => each.batch);
    assert.deepEqual(numbers, [1, 2, 2]);
    assert.equal(far.outcomes.length, 3);
    assert.deepEqual([client.status.lost, client.status.waiting], [0, 0]);
  });

  test('entries of the log go with reports; those that the server takes later go in a new one', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    const guard = client.guard('planner');
    await guard.call(() => 1);
    await client.flush();
    let full = 1;
    far.answer = (body) => (body.entries !== undefined && full-- > 0 ? [200, {
      generation: far.generation, cursor: '90', stale_after_ms: 30_000,
      receipt: { batch: body.batch, repeated: false, counted: 0, refused: 0, errors: [], entries: 0, entries_again_ms: 60 },
    }] : undefined);
    const run = client.execution('planner', 'run-7');
    run.log('llm_inference', { name: 'kimi-k2', tookMs: 1_000, error: new TypeError('no plan'), metadata: { tries: 2 } });
    client.log('searcher', 'decision', { input: 'x'.repeat(3_000) });
    assert.equal(await client.flush(10_000), true);
    const sent = far.syncs.filter((each) => each.entries !== undefined);
    assert.deepEqual(sent.map((each) => each.entries.length), [2, 2]);
    assert.ok(sent[1].batch > sent[0].batch);
    const [plan, search] = sent[1].entries;
    assert.deepEqual(
      [plan.agent_id, plan.action_type, plan.action_name, plan.execution_id, plan.status, plan.error_message, plan.error_kind,
        plan.latency_ms, plan.guarded, plan.metadata.tries],
      ['planner', 'llm_inference', 'kimi-k2', 'run-7', 'failure', 'no plan', 'ERROR', 1_000, true, 2]);
    assert.ok(Date.parse(sent[1].sent_at) - Date.parse(plan.timestamp) >= 1_000);
    assert.deepEqual([search.guarded, search.input_summary.length, search.status], [false, 2_000, 'success']);
    assert.notEqual(plan.entry_id, search.entry_id);
    assert.deepEqual([client.status.lost, client.status.waiting], [0, 0]);
    assert.throws(() => client.log('planner', 'dance'), /one of llm_inference/);
    assert.throws(() => client.log('planner', 'error', { errorKind: 'BAD' }), /no kind/);
  });

  test('a batch that is too large goes in halves, entries as well', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    far.answer = (body) => ((body.entries?.length ?? 0) + (body.outcomes?.length ?? 0) > 1 ? [413, { type: 'too-large' }] : undefined);
    const guard = client.guard('planner');
    for (let i = 0; i < 3; i++) {
      guard.record({});
      client.log('planner', 'custom');
    }
    assert.equal(await client.flush(10_000), true);
    const taken = far.syncs.filter((each) => (each.entries?.length ?? 0) + (each.outcomes?.length ?? 0) === 1);
    assert.equal(taken.length, 6);
    assert.equal(client.status.lost, 0);
  });

  test('429 means later, and what was heard stays', async () => {
    const far = await server();
    const { client, logged } = connect([far.url]);
    const guard = client.guard('planner');
    await guard.call(() => 1);
    await client.flush();
    far.set('planner', 'none', { retry_after_ms: 60_000 });
    await until('it is open here', () => client.look('planner').state === 'open');
    let busy = 2;
    far.answer = (body) => (body.batch !== undefined && busy-- > 0 ? [429, { type: 'too-many-requests' }, { 'Retry-After': '0' }] : undefined);
    guard.record({});
    assert.equal(await client.flush(10_000), true);
    assert.equal(far.outcomes.length, 2);
    assert.equal(client.status.mode, 'connected');
    await refusal(guard.call(() => 1));
    assert.deepEqual(logged, []);
  });

  test('a server that forgot the client hears again what is watched', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    const guard = client.guard('planner');
    await guard.call(() => 1);
    await client.flush();
    far.answer = (body) => (body.watch === undefined ? [409, { type: 'sync-unknown' }] : undefined);
    await guard.call(() => 2);
    assert.equal(await client.flush(10_000), true);
    assert.equal(far.outcomes.length, 2);
  });

  test('what is too large goes in halves', async () => {
    const far = await server();
    far.answer = (body) => (body.outcomes?.length > 3 ? [413, {}] : undefined);
    const { client } = connect([far.url]);
    const guard = client.guard('planner');
    for (let i = 0; i < 10; i++) await guard.call(() => i);
    assert.equal(await client.flush(10_000), true);
    assert.equal(far.outcomes.length, 10);
  });

  test('refused calls are counted', async () => {
    const far = await server();
    far.set('planner', 'none', { retry_after_ms: 60_000 });
    const { client } = connect([far.url]);
    const guard = client.guard('planner');
    for (let i = 0; i < 3; i++) await refusal(guard.call(() => 1));
    await client.flush();
    assert.deepEqual(far.syncs.flatMap((each) => each.refusals ?? []), [{ agent_id: 'planner', circuit: 'planner', count: 3 }]);
  });

  test('of more than 10,000 outcomes the oldest are lost, and counted', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    const guard = client.guard('planner');
    await guard.call(() => 0);
    await client.flush();
    far.answer = (body) => (body.batch !== undefined ? [503, {}] : undefined);
    for (let i = 0; i < 10_050; i++) guard.record({});
    assert.deepEqual([client.status.waiting, client.status.lost], [10_000, 50]);
  });
});

describe('a trial', () => {
  test('is asked for at the server, and settled by its permit', async () => {
    const far = await server();
    far.set('model:m', 'trial', { state: 'half_open' });
    const { client } = connect([far.url]);
    const guard = client.guard('planner', { dependsOn: ['model:m'] });
    assert.equal(await guard.call(() => 'good'), 'good');
    assert.deepEqual([far.permits[0].path, far.permits[0].depends_on], ['/api/v1/circuits/planner/permits', ['model:m']]);
    await client.flush();
    assert.deepEqual([far.outcomes[0].permit, far.outcomes[0].agent_id], ['token-1', undefined]);
  });

  test('that is refused there is not asked for again until its time is over', async () => {
    const far = await server();
    far.set('planner', 'trial');
    far.permit = () => [503, { type: 'circuit-open', agent_id: 'planner', state: 'half_open', retry_after_ms: 9_000 }];
    const { client } = connect([far.url]);
    const guard = client.guard('planner');
    const refused = await refusal(guard.call(() => 1));
    assert.deepEqual([refused.retryAfterMs, refused.decided], [9_000, 'server']);
    await refusal(guard.call(() => 1));
    assert.equal(far.permits.length, 1);
  });

  test('has its calls within it asked for there as well', async () => {
    const far = await server();
    far.set('model:m', 'trial');
    let number = 0;
    far.permit = () => [200, { permit: `token-${++number}` }];
    const { client } = connect([far.url]);
    const planner = client.guard('planner', { dependsOn: ['model:m'] });
    const searcher = client.guard('searcher', { dependsOn: ['model:m'] });
    await planner.call(() => searcher.call(() => 1));
    assert.deepEqual(far.permits.map((each) => [each.path, each.parent]), [
      ['/api/v1/circuits/planner/permits', undefined],
      ['/api/v1/circuits/searcher/permits', 'token-1'],
    ]);
    await client.flush();
    assert.deepEqual(far.outcomes.map((each) => each.permit), ['token-2', 'token-1']);
  });

  for (const [way, expected] of [['local', 'let in'], ['allow', 'let in'], ['refuse', 'unreachable']]) {
    test(`that nobody answers is up to on_unreachable: ${way}`, async () => {
      const far = await server();
      far.set('planner', 'trial');
      far.permit = () => 'nothing';
      const { client } = connect([far.url], { onUnreachable: way, timeoutMs: 50 });
      const guard = client.guard('planner');
      await until('it is heard', () => client.look('planner').state === 'half_open');
      const end = await guard.call(() => 'let in').catch((error) => error.reason);
      assert.equal(end, expected);
    });
  }
});

describe('a server that is away', () => {
  for (const [way, opens] of [['local', 'open'], ['allow', 'closed'], ['refuse', 'closed']]) {
    test(`is said so in status and log, and ${way} decides until it is back`, async () => {
      const far = await server();
      far.policy = TRIPS_AT_2['*'];
      const { client, logged } = connect([far.url], { onUnreachable: way });
      const guard = client.guard('planner');
      assert.equal(await guard.call(() => 1), 1);
      const { port } = far;
      await open.splice(open.indexOf(far), 1)[0].close();
      await until('it goes alone', () => client.status.mode === way);
      assert.equal(client.status.url, undefined);
      assert.match(logged[0], new RegExp(`interlock: no server answers \\(.*ECONN.*\\); .* \\(on_unreachable: ${way}\\)`));
      await fails(guard);
      await fails(guard);
      assert.equal(client.look('planner').state, opens);
      assert.ok(client.status.waiting > 0);
      const back = await server(port);
      back.generation = way === 'local' ? 1 : 2; // what was decided here is over in any case
      await until('it is back', () => client.status.mode === 'connected');
      assert.match(logged[1], /interlock: http:.* answers again after \d+ s; it decides/);
      assert.equal(await client.flush(10_000), true); // until then what it opened alone stays open
      await until('the server decides', () => client.look('planner').state === 'closed');
      assert.equal(await guard.call(() => 'by the server'), 'by the server');
      const failures = back.outcomes.filter((each) => each.outcome === 'failure'); // those of the time alone
      assert.equal(failures.length, 2);
      if (way === 'local') assert.deepEqual(failures.map((each) => each.epochs), [undefined, undefined]);
    });
  }

  test('from the beginning holds a call up no longer than its time', async () => {
    const { client } = connect(['http://127.0.0.1:9'], { timeoutMs: 100 });
    assert.equal(await client.guard('planner').call(() => 'by itself'), 'by itself');
    const { client: refusing } = connect(['http://127.0.0.1:9'], { timeoutMs: 100, onUnreachable: 'refuse' });
    assert.equal((await refusal(refusing.guard('planner').call(() => 1))).reason, 'unreachable');
  });

  test('has another one in its place', async () => {
    const second = await server();
    const { client, logged } = connect(['http://127.0.0.1:9', second.url]);
    await client.guard('planner').call(() => 1);
    await until('the second answers', () => client.status.url === second.url);
    assert.deepEqual(logged, []);
  });

  test('has another one in its place while it reports and polls, and nobody goes alone', async () => {
    const first = await server();
    const { port } = first;
    const second = await server();
    const { client, logged } = connect([first.url, second.url]);
    const guard = client.guard('planner');
    const isHeardBy = async (far) => {
      await guard.call(() => 1);
      assert.equal(await client.flush(20_000), true);
      assert.equal(client.status.url, far.url);
    };
    const dies = async (far) => {
      await guard.call(() => 1); // its report is under way beside a poll
      await open.splice(open.indexOf(far), 1)[0].close();
    };
    await isHeardBy(first);
    await dies(first);
    await isHeardBy(second);
    const again = await server(port);
    await dies(second);
    await isHeardBy(again);
    assert.deepEqual(logged, []);
  });

  test('because the key is refused is said so', async () => {
    const far = await server();
    far.policy = TRIPS_AT_2['*'];
    const { client, logged } = connect([far.url]);
    const guard = client.guard('planner');
    await guard.call(() => 1);
    far.answer = () => [401, { type: 'unauthorized', detail: 'The key was revoked' }];
    far.wake();
    far.set('planner', 'all');
    await until('it is revoked', () => client.status.mode === 'revoked');
    assert.match(logged[0], /the key is refused \(the server answered 401: The key was revoked\)/);
    await fails(guard);
    await fails(guard);
    await refusal(guard.call(() => 1));
  });

  test('that knows no such call, or refuses it, is none: it is asked again with waits, and nothing is lost', async () => {
    for (const status of [404, 400]) {
      const far = await server();
      far.answer = (body) => (body.batch === undefined ? [status, { detail: 'There is nothing here' }] : [503, {}]);
      const { client, logged } = connect([far.url], { backoffMs: 10_000, backoffMaxMs: 10_000 });
      await client.guard('planner').call(() => 1);
      await until('it goes alone', () => client.status.mode === 'local');
      assert.match(logged[0], new RegExp(`the server answered ${status}: There is nothing here`));
      const { requests } = client.status;
      assert.ok(requests <= 3, `${requests} requests`);
      await client.flush(50);
      assert.deepEqual([client.status.waiting, client.status.lost], [1, 0]);
    }
  });

  test('that refuses one report loses that one', async () => {
    const far = await server();
    const { client, logged } = connect([far.url]);
    const guard = client.guard('planner');
    await guard.call(() => 1);
    await client.flush();
    far.answer = (body) => (body.batch === 2 ? [400, { detail: 'no' }] : undefined);
    await guard.call(() => 2);
    assert.equal(await client.flush(10_000), true);
    assert.deepEqual([client.status.lost, client.status.mode, logged.length], [1, 'connected', 1]);
  });

  test('that answers something else is none', async () => {
    const far = await server();
    far.answer = () => [200, { hello: 'I am a balancer' }];
    const { client } = connect([far.url]);
    await client.guard('planner').call(() => 1);
    await until('it goes alone', () => client.status.mode === 'local');
    assert.match(client.status.lastError, /not from an Interlock server/);
  });
});

test('a step of the wall clock changes no decision', async () => {
  const far = await server();
  far.set('planner', 'none', { retry_after_ms: 60_000 });
  const { client } = connect([far.url]);
  const guard = client.guard('planner');
  await refusal(guard.call(() => 1));
  const real = Date.now;
  try {
    Date.now = () => real() + 86_400_000;
    await refusal(guard.call(() => 1));
    Date.now = () => real() - 86_400_000;
    const refused = await refusal(guard.call(() => 1));
    assert.ok(refused.retryAfterMs <= 60_000);
  } finally {
    Date.now = real;
  }
});

test('a script ends by itself, and has reported before it does', async () => {
  const far = await server();
  const script = `
    import { Interlock } from ${JSON.stringify(new URL('../index.js', import.meta.url).href)};
    const interlock = new Interlock({ url: ${JSON.stringify(far.url)}, key: 'a-key' });
    console.log(await interlock.guard('planner').call(() => 'a plan'));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: fileURLToPath(new URL('.', import.meta.url)) });
  let said = '';
  child.stdout.on('data', (piece) => { said += piece; });
  child.stderr.on('data', (piece) => { said += piece; });
  const code = await new Promise((resolve) => { child.on('exit', resolve); });
  assert.deepEqual([code, said], [0, 'a plan\n']);
  assert.equal(far.outcomes.length, 1);
  assert.equal(far.syncs.at(-1).leaving, true);
});

describe('leaving', () => {
  test('a client that is closed says so, alone and after its last report', async () => {
    const far = await server();
    const { client } = connect([far.url]);
    await client.guard('planner').call(() => 1);
    await client.close();
    const { path, authorization, ...said } = far.syncs.at(-1);
    assert.deepEqual(said, { client: far.syncs[0].client, leaving: true });
    assert.equal(far.outcomes.length, 1);
    await client.close();
    assert.equal(far.syncs.filter((each) => each.leaving).length, 1);
  });

  test('a server that does not answer, or knows of no goodbye, keeps nobody waiting', async () => {
    for (const answer of ['nothing', 'cut', [400, { type: 'invalid' }]]) {
      const far = await server();
      far.answer = (body) => (body.leaving ? answer : undefined);
      const { client, logged } = connect([far.url]);
      await client.guard('planner').call(() => 1);
      await client.close();
      assert.equal(client.status.mode, 'closed');
      assert.ok(far.syncs.at(-1).leaving);
      assert.deepEqual(logged, []);
    }
  });

  test('a client that is alone waits for no server to say goodbye to', async () => {
    const far = await server();
    far.answer = () => [500, {}];
    const { client } = connect([far.url]);
    await until('it is alone', () => client.status.mode === 'local');
    await client.close();
    assert.ok(!far.syncs.some((each) => each.leaving));
  });
});
