/** Executions that the server has found in a loop: their calls are refused, and those of others pass. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Interlock, ManualClock } from '../index.js';
import { ScriptedServer } from './scripted.js';

const open = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close(50);
});

async function connected() {
  const far = await ScriptedServer.start();
  const clock = new ManualClock();
  const client = new Interlock({ url: far.url, key: 'a-key', timeoutMs: 10_000, clock, log: () => {} });
  open.push(far, client);
  return { far, clock, client };
}

const refusal = (guard) => guard.call(() => assert.fail('the call was let in')).catch((error) => error);

test('one that a receipt names is refused until that ends, and others pass', async () => {
  const { far, clock, client } = await connected();
  const run = client.execution('planner', 'run-1');
  const guard = client.guard('planner', { execution: run.id });
  assert.equal(await guard.call(() => 1), 1);
  far.loops = [{ agent_id: 'planner', execution: 'run-1', retry_after_ms: 60_000 }];
  run.log('tool_call', { name: 'search' });
  assert.equal(await client.flush(20_000), true);
  const refused = await refusal(guard);
  assert.deepEqual([refused.circuit, refused.reason, refused.state, refused.decided], ['planner', 'loop', 'closed', 'server']);
  assert.equal(refused.message, 'planner repeats itself: the same call had the same result several times in this execution; its further'
    + ' calls are refused for 60 s. Do not repeat this call.');
  assert.equal(await guard.call(() => 1, { fallback: ({ reason }) => reason }), 'loop');
  await assert.rejects(guard.acquire(), refused.constructor);
  assert.equal(await client.guard('planner', { execution: 'run-2' }).call(() => 2), 2);
  assert.equal(await client.guard('planner').call(() => 3), 3);
  clock.advance(60_000);
  assert.equal(await guard.call(() => 4), 4);
});

test('a trial names its execution, and its refusal is remembered', async () => {
  const { far, client } = await connected();
  far.set('planner', 'trial');
  far.permit = () => [503, { type: 'gate-closed', reason: 'loop', agent_id: 'planner', gate: 'loop:1', retry_after_ms: 60_000 }];
  const guard = client.guard('planner', { execution: 'run-1' });
  for (let i = 0; i < 2; i++) {
    const refused = await refusal(guard);
    assert.deepEqual([refused.reason, refused.gate], ['loop', 'loop:1']);
  }
  assert.deepEqual(far.permits.map(({ execution }) => execution), ['run-1']);
});
