/** What calls used: as answers say it, as their caller does, and as a server hears of it. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, afterEach, before, describe, test } from 'node:test';
import { Interlock, usageOf } from '../index.js';
import { guardModel } from '../src/vercel.js';
import { ScriptedServer, until } from './scripted.js';

const ANTHROPIC = { input_tokens: 40, output_tokens: 10, cache_read_input_tokens: 500, cache_creation_input_tokens: 100 };
const RESPONSES = { input_tokens: 70, output_tokens: 9, input_tokens_details: { cached_tokens: 60 } };
const NOTHING = [undefined, undefined, undefined, undefined];
const open = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close(50);
});

async function connected() {
  const far = await ScriptedServer.start();
  const logged = [];
  const client = new Interlock({ url: far.url, key: 'a-key', timeoutMs: 10_000, log: (line) => logged.push(line) });
  open.push(far, client);
  /** Of each outcome what it used, in order. */
  const sent = async () => {
    assert.equal(await client.flush(20_000), true);
    return far.outcomes.map((each) => [each.tokens_in, each.tokens_out, each.tokens_cached, each.cost_usd]);
  };
  return { client, logged, sent };
}

/** An answer of OpenAI's chat completions. */
const chat = (prompt, completion, cached = 0) => ({
  id: 'chatcmpl-1', usage: { prompt_tokens: prompt, completion_tokens: completion, prompt_tokens_details: { cached_tokens: cached } },
});

test('answers of the SDKs in all forms', () => {
  for (const [answer, expected] of [
    [chat(300, 50, 200), [300, 50, 200]],
    [{ usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } }, [7, 3, 0]],
    [{ usage: { prompt_tokens: 7, completion_tokens: 3, cache_read_input_tokens: 5 } }, [7, 3, 5]],
    [{ usage: ANTHROPIC }, [640, 10, 500]],
    [{ usage: RESPONSES }, [70, 9, 60]],
    [{ type: 'message_start', message: { usage: ANTHROPIC } }, [640, 10, 500]],
    [{ type: 'response.completed', response: { usage: RESPONSES } }, [70, 9, 60]],
    [{ usage: { prompt_tokens: -1, completion_tokens: 1.5, output_tokens: '9' } }, undefined],
    [{ usage: { prompt_tokens: 0 } }, undefined],
    [{ usage: null }, undefined],
    [{ usage: 'much' }, undefined],
    [{ get usage() { throw new Error('no'); } }, undefined],
    [{}, undefined],
    ['usage', undefined],
    [null, undefined],
    [undefined, undefined],
  ]) {
    const usage = usageOf(answer);
    assert.deepEqual(usage && [usage.tokensIn, usage.tokensOut, usage.tokensCached], expected);
  }
});

describe('a call', () => {
  test('reports what its answer says', async () => {
    const { client, sent } = await connected();
    const planner = client.guard('planner', { dependsOn: ['model:m'] });
    await planner.call(async () => chat(300, 50, 200));
    await planner.call(() => ({ usage: ANTHROPIC }));
    await planner.call(() => 'a plan');
    assert.deepEqual(await sent(), [[300, 50, 200, undefined], [640, 10, 500, undefined], NOTHING]);
  });

  test('has a reader of its own in place of that, whose mistake is not the call\'s', async () => {
    const { client, logged, sent } = await connected();
    const planner = client.guard('planner', { usage: (plan) => plan && { tokensIn: plan.length, tokensOut: 2, costUsd: 0.5 } });
    await planner.call(() => 'a plan');
    await planner.call(() => ({ length: 1, usage: { prompt_tokens: 5 } }));
    await planner.call(() => undefined);
    for (let i = 0; i < 2; i++) assert.deepEqual(await planner.call(() => ({ length: -7 })), { length: -7 });
    assert.deepEqual(await sent(), [[6, 2, undefined, 0.5], [1, 2, undefined, 0.5], NOTHING, NOTHING, NOTHING]);
    assert.equal(logged.length, 1);
    assert.match(logged[0], /what calls of planner used could not be read: TypeError: tokensIn is a whole number/);
  });

  test('can be said by a permit or a record, and one that failed has cost', async () => {
    const { client, sent } = await connected();
    const planner = client.guard('planner');
    const permit = await planner.acquire();
    permit.usage({ tokensIn: 1 });
    permit.usage({ tokensIn: 1_200, tokensOut: 340, tokensCached: 800, costUsd: 0 });
    permit.succeed();
    const failed = await planner.acquire();
    failed.usage({ tokensOut: 5 });
    failed.fail('TIMEOUT');
    planner.record({}, { tokensIn: 7 });
    assert.deepEqual(await sent(), [[1_200, 340, 800, 0], [undefined, 5, undefined, undefined], [7, undefined, undefined, undefined]]);
    for (const wrong of [{ tokensIn: -1 }, { tokensOut: 1.5 }, { tokensCached: '1' }, { costUsd: NaN }, { tokensIn: 1e13 }]) {
      assert.throws(() => failed.usage(wrong), new RegExp(`^TypeError: ${Object.keys(wrong)[0]} is`));
    }
  });

  test('within a call counts once, unless the outer one says its own', async () => {
    const { client, sent } = await connected();
    const outer = client.guard('planner', { dependsOn: ['model:m'] });
    const inner = client.guard('searcher', { dependsOn: ['model:m'] });
    await outer.call(() => inner.call(() => chat(30, 5)));
    await client.guard('alone').call(() => inner.call(() => chat(20, 5)));
    for await (const _ of outer.stream(() => inner.stream([{ usage: { prompt_tokens: 9 } }]))) continue;
    const permit = await outer.acquire();
    await permit.run(() => inner.call(() => chat(3, 1)));
    permit.usage({ tokensIn: 70 });
    permit.succeed();
    assert.deepEqual(await sent(), [
      [30, 5, undefined, undefined], NOTHING, [20, 5, undefined, undefined], NOTHING,
      [9, undefined, undefined, undefined], NOTHING, [3, 1, undefined, undefined], [70, undefined, undefined, undefined],
    ]);
  });

  test('of an agent whose log says it reports nothing by itself', async () => {
    const { client, sent } = await connected();
    const [planner, writer] = [client.guard('planner'), client.guard('writer')];
    client.log('planner', 'llm_inference', { tokens: 35 });
    client.log('writer', 'tool_call', { name: 'web' });
    await planner.call(() => chat(30, 5));
    await writer.call(() => chat(30, 5));
    assert.deepEqual(await sent(), [NOTHING, [30, 5, undefined, undefined]]);
  });
});

test('a stream says it in parts, and one that is left early says what it knows', async () => {
  const { client, sent } = await connected();
  const planner = client.guard('planner');
  const events = () => [
    { type: 'message_start', message: { usage: { input_tokens: 40, cache_read_input_tokens: 60, output_tokens: 1 } } },
    { type: 'content_block_delta' },
    { type: 'message_delta', usage: { output_tokens: 12 } },
  ];
  for await (const _ of planner.stream(events())) continue;
  for await (const _ of planner.stream(events())) break;
  assert.deepEqual(await sent(), [[100, 12, 60, undefined], [100, 1, 60, undefined]]);
});

test('a middleware for models says it, in the words of versions 5 and 6', async () => {
  const { client, sent } = await connected();
  const { wrapGenerate, wrapStream } = guardModel(client.guard('planner'));
  const content = [{ type: 'text', text: 'a plan' }];
  await wrapGenerate({ doGenerate: async () => ({ content, usage: { inputTokens: 30, outputTokens: 5, cachedInputTokens: 20 } }) });
  const usage = { inputTokens: { total: 40, cacheRead: 25 }, outputTokens: { total: 6 } };
  const stream = new ReadableStream({
    start(controller) {
      for (const each of [{ type: 'text-delta', delta: 'a plan' }, { type: 'finish', usage }]) controller.enqueue(each);
      controller.close();
    },
  });
  for await (const _ of (await wrapStream({ doStream: async () => ({ stream }) })).stream) continue;
  assert.deepEqual(await sent(), [[30, 5, 20, undefined], [40, 6, 25, undefined]]);
});

describe('wrapFetch', () => {
  const JSON_TYPE = { 'Content-Type': 'application/json' };
  let server;
  let url;
  let serve;

  before(async () => {
    server = createServer((_, answer) => serve(answer));
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    url = `http://127.0.0.1:${server.address().port}/`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  /** What the outcomes say once there are so many. */
  async function all(client, sent, number) {
    let found = [];
    await until(`${number} outcomes are there`, () => {
      sent().then((each) => { found = each; });
      return found.length === number;
    });
    return found;
  }

  test('reports what an answer of JSON says, which its reader finds whole', async () => {
    const { client, sent } = await connected();
    const fetch = client.guard('planner', { dependsOn: ['model:m'] }).wrapFetch();
    const body = JSON.stringify({ choices: [{ message: { content: 'say "usage": {"prompt_tokens": 9}' } }], ...chat(300, 50, 200) });
    serve = (answer) => answer.writeHead(200, JSON_TYPE).end(body);
    assert.equal(await (await fetch(url)).text(), body);
    assert.deepEqual(await all(client, sent, 1), [[300, 50, 200, undefined]]);
  });

  test('reports what the events of a stream say', async () => {
    const { client, sent } = await connected();
    const fetch = client.guard('planner', { dependsOn: ['model:m'] }).wrapFetch();
    const events = [
      { type: 'message_start', message: { usage: { ...ANTHROPIC, output_tokens: 1 } } },
      { type: 'content_block_delta', delta: { text: 'a plan' }, usage: null },
      { type: 'message_delta', usage: { output_tokens: 12 } },
    ].map((each) => `event: ${each.type}\ndata: ${JSON.stringify(each)}\n\n`).join('');
    serve = (answer) => answer.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(events);
    assert.equal(await (await fetch(url)).text(), events);
    assert.deepEqual(await all(client, sent, 1), [[640, 12, 500, undefined]]);
  });

  test('within a guarded call counts once', async () => {
    const { client, sent } = await connected();
    const planner = client.guard('planner', { dependsOn: ['model:m'] });
    const fetch = planner.wrapFetch();
    serve = (answer) => answer.writeHead(200, JSON_TYPE).end(JSON.stringify(chat(30, 5)));
    await planner.call(async () => {
      const answer = await fetch(url);
      const said = await answer.json();
      await new Promise(setImmediate); // what an SDK does with it takes longer
      return said;
    });
    const found = await all(client, sent, 2);
    assert.deepEqual(found, [[30, 5, undefined, undefined], NOTHING]);
  });

  test('leaves it to a proxy of Interlock, which has counted it', async () => {
    const { client, sent } = await connected();
    const fetch = client.guard('planner', { dependsOn: ['model:m'] }).wrapFetch(undefined, { proxies: [url] });
    serve = (answer) => answer.writeHead(200, { ...JSON_TYPE, 'interlock-counted': 'model%3Am' }).end(JSON.stringify(chat(30, 5)));
    await (await fetch(url)).json();
    assert.deepEqual(await all(client, sent, 1), [NOTHING]);
  });

  test('asks a reader of one\'s own about the JSON of whole answers', async () => {
    const { client, sent } = await connected();
    const fetch = client.guard('planner', { usage: (answer) => ({ tokensIn: answer.spent }) }).wrapFetch();
    serve = (answer) => answer.writeHead(200, JSON_TYPE).end('{"spent": 8, "usage": {"prompt_tokens": 5}}');
    await (await fetch(url)).json();
    assert.deepEqual(await all(client, sent, 1), [[8, undefined, undefined, undefined]]);
  });
});
