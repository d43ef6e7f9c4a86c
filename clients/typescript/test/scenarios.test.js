/** Plays the scenarios that all of Interlock shares, by the rules that a client has of its own. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CircuitOpenError, Interlock, ManualClock } from '../index.js';

/** What no client does by itself: scenarios with one of these do not apply. The others do, each of them. */
const OVERRIDES = ['open', 'close', 'reset', 'hold_open', 'hold_closed', 'release', 'probe_now'];
const WHY = 'overrides are given to a server; a client hears of them';

const folders = [
  new URL('../../../core/src/test/resources/scenarios/', import.meta.url),
  ...(process.env.MORE_SCENARIOS ? [new URL(`file://${process.env.MORE_SCENARIOS}/`)] : []),
];
const files = folders.flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, scenario: JSON.parse(readFileSync(new URL(name, folder), 'utf8')) })));

const isForAServer = ({ steps }) => steps.some((step) => OVERRIDES.includes(step.do));

test('nearly all scenarios are played', () => {
  assert.ok(files.filter(({ scenario }) => !isForAServer(scenario)).length > 20);
});

for (const { name, scenario } of files) {
  test(name, { skip: isForAServer(scenario) && WHY }, () => play(scenario));
}

async function play({ policy, steps }) {
  const clock = new ManualClock();
  const client = new Interlock({ clock, policies: { '*': policy } });
  const permits = new Map();
  const guard = (step) => client.guard('agent', { caller: step.caller ?? 'agent' });
  const ask = async (step, where) => {
    const { expect = {} } = step;
    const parent = permits.get(step.parent);
    let permit;
    let refused;
    try {
      permit = await (parent === undefined ? guard(step).acquire() : parent.run(() => guard(step).acquire()));
    } catch (error) {
      assert.ok(error instanceof CircuitOpenError, `${where}: ${error.stack}`);
      refused = error;
    }
    if ('admitted' in expect) assert.equal(permit !== undefined, expect.admitted, `admitted at ${where}`);
    if ('retry_after_ms' in expect) assert.equal(refused?.retryAfterMs, expect.retry_after_ms, `retry after at ${where}`);
    return permit;
  };
  for (const [index, step] of steps.entries()) {
    const where = `step ${index + 1} ${JSON.stringify(step)}`;
    clock.set(step.at_ms);
    for (let i = 0; i < (step.repeat ?? 1); i++) {
      if (step.do === 'call') (await ask(step, where))?.settle(outcome(step));
      else if (step.do === 'begin') permits.set(step.ref, await ask(step, where));
      else if (step.do === 'end') permits.get(step.ref).settle(outcome(step));
      else if (step.do === 'record') guard(step).record(outcome(step));
      else assert.equal(step.do, 'read', where);
    }
    const look = client.look('agent');
    if (step.expect?.state) assert.equal(look.state, step.expect.state, `state after ${where}`);
    if ('transitions' in (step.expect ?? {})) assert.equal(look.openings, step.expect.transitions, `openings after ${where}`);
  }
}

function outcome(step) {
  const kind = step.outcome === 'success' ? undefined : step.kind ?? (step.outcome === 'ignored' ? 'CANCELLED' : 'ERROR');
  return { kind, retryAfterMs: step.failure_retry_after_ms, tookMs: step.took_ms ?? 0 };
}
