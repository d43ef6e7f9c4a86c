/** `wrapFetch` and the middleware for models, against a server that behaves badly. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import { CircuitOpenError, Interlock, refusalOf, StreamTimeoutError } from '../index.js';
import { guardModel } from '../src/vercel.js';
import { until } from './scripted.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const EVENTS = { 'Content-Type': 'text/event-stream' };
let server;
let url;
let serve;
let requests;

before(async () => {
  server = createServer((request, answer) => {
    requests++;
    serve(request, answer);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  url = `http://127.0.0.1:${server.address().port}/`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => { requests = 0; });

function guarded(options) {
  const client = new Interlock({ policies: { '*': { failure_threshold: 1, failure_rate_threshold: null } } });
  const guard = client.guard('planner', { dependsOn: ['model:m', 'key:k'] });
  const open = () => ['planner', 'model:m', 'key:k'].filter((name) => client.look(name).state === 'open');
  return { client, guard, open, fetch: guard.wrapFetch(undefined, options) };
}

describe('an answer', () => {
  for (const [name, status, headers, body, open] of [
    ['of 200', 200, JSON_TYPE, '{"id":"x"}', []],
    ['of 500', 500, {}, 'no', ['model:m']],
    ['of 429 with a wait', 429, { 'Retry-After': '5' }, '', ['key:k']],
    ['of 400 that is a used-up quota', 400, JSON_TYPE, '{"error":{"code":"insufficient_quota"}}', ['key:k']],
    ['of 400', 400, JSON_TYPE, '{"error":{"code":"invalid_request_error"}}', []],
    ['of 424 of a proxy', 424, { 'interlock-refused': 'model:z' }, '', []],
    ['of 200 that is an error', 200, JSON_TYPE, '{"error":{"code":"overloaded_error"}}', ['model:m']],
  ]) {
    test(`${name} opens ${open.join() || 'nothing'}, and is read whole by its reader`, async () => {
      const { fetch, open: opened } = guarded();
      serve = (_, answer) => answer.writeHead(status, headers).end(body);
      const answer = await fetch(url);
      assert.equal(answer.status, status);
      assert.equal(await answer.text(), body);
      await until('it is settled', () => opened().join() === open.join());
      assert.deepEqual(opened(), open);
    });
  }

  test('of JSON that is cut off is a failure of the connection', async () => {
    const { fetch, open } = guarded();
    serve = (request, answer) => {
      answer.writeHead(200, { ...JSON_TYPE, 'Content-Length': '100' }).write('{"id":');
      setImmediate(() => request.socket.destroy());
    };
    await assert.rejects((await fetch(url)).text());
    await until('it is settled', () => open().join() === 'model:m');
  });

  test('of an error whose body never ends holds nobody up', async () => {
    const { fetch, open } = guarded();
    serve = (_, answer) => { answer.writeHead(503, JSON_TYPE).write('{"error":'); };
    const answer = await fetch(url);
    assert.deepEqual([answer.status, open()], [503, ['model:m']]);
    await answer.body.cancel();
  });
});

describe('a refused request', () => {
  test('is an answer that SDKs do not repeat, and says why', async () => {
    const { fetch } = guarded();
    serve = (_, answer) => answer.writeHead(500).end();
    await fetch(url);
    const answer = await fetch(url);
    const { headers } = answer;
    assert.deepEqual([answer.status, headers.get('interlock-refused'), headers.get('x-should-retry'), requests], [424, 'model:m', 'false', 1]);
    const body = await answer.json();
    assert.deepEqual([body.type, body.error.code, body.error.reason], ['error', 'circuit_open', 'open']);
    assert.match(body.error.message, /Do not repeat this call\.$/);
    assert.equal(refusalOf({ status: 424, headers, error: body.error }).circuit, 'model:m');
  });

  test('is thrown where that is wanted', async () => {
    const { fetch } = guarded({ refusal: 'throw' });
    serve = (_, answer) => answer.writeHead(500).end();
    await fetch(url);
    await assert.rejects(fetch(url), CircuitOpenError);
  });
});

describe('a request to a proxy of Interlock', () => {
  test('is counted there and not here', async () => {
    const { fetch, open } = guarded({ proxies: [url] });
    serve = (_, answer) => answer.writeHead(500, { 'interlock-counted': 'planner, model%3Am, key:k' }).end();
    await fetch(url);
    assert.deepEqual(open(), []);
  });

  test('is counted here in circuits that the proxy does not name', async () => {
    const { fetch, open } = guarded({ proxies: [url] });
    serve = (_, answer) => answer.writeHead(500, { 'interlock-counted': 'planner, key:k' }).end();
    await fetch(url);
    assert.deepEqual(open(), ['model:m']);
  });

  test('is what another host cannot pretend', async () => {
    const { fetch, open } = guarded({ proxies: ['http://127.0.0.1:1'] });
    serve = (_, answer) => answer.writeHead(500, { 'interlock-counted': 'model:m' }).end();
    await fetch(url);
    assert.deepEqual(open(), ['model:m']);
  });

  test('names the run that it is made in, which no other host sees', async () => {
    const client = new Interlock();
    const said = async (execution, options, init) => {
      let header;
      serve = (request, answer) => {
        header = request.headers['interlock-execution'];
        answer.end();
      };
      await client.guard('planner', { execution }).wrapFetch(undefined, options)(url, init);
      return header;
    };
    const proxied = { proxies: [url] };
    assert.equal(await said('run 17', proxied), 'run 17');
    assert.equal(await said('run-17', proxied, { headers: { 'Interlock-Execution': 'my own' } }), 'my own');
    assert.equal(await said('run-17', {}), undefined);
    assert.equal(await said(undefined, proxied), undefined);
    for (const noHeader of ['läuft', 'x'.repeat(257), ' ', 'a\nb']) assert.equal(await said(noHeader, proxied), undefined);
  });

  test('counts where the proxy itself is away', async () => {
    const gone = createServer();
    await new Promise((resolve) => { gone.listen(0, '127.0.0.1', resolve); });
    const away = `http://127.0.0.1:${gone.address().port}/`;
    await new Promise((resolve) => { gone.close(resolve); });
    const { fetch, open } = guarded({ proxies: [away] });
    await assert.rejects(fetch(away));
    assert.deepEqual(open(), ['model:m']);
  });
});

describe('a stream', () => {
  const read = async (answer) => {
    let all = '';
    for await (const piece of answer.body) all += Buffer.from(piece).toString();
    return all;
  };
  const streams = (...pieces) => (request, answer) => {
    answer.writeHead(200, EVENTS);
    for (const piece of pieces) if (piece !== 'cut') answer.write(piece);
    if (pieces.includes('cut')) setImmediate(() => request.socket.destroy());
    else answer.end();
  };

  test('is a success at its end, byte for byte', async () => {
    const { client, fetch, open } = guarded();
    serve = streams('data: {"a":1}\n\n', 'data: [DONE]\n\n');
    const answer = await fetch(url);
    assert.equal(answer.url, url);
    assert.equal(await read(answer), 'data: {"a":1}\n\ndata: [DONE]\n\n');
    assert.deepEqual([open(), client.look('model:m').state], [[], 'closed']);
  });

  for (const [name, pieces] of [
    ['that is cut off', ['data: {"a":1}\n\n', 'cut']],
    ['that reports an error', ['data: {"a":1}\n\n', 'event: error\ndata: {"type":"error",', '"error":{"type":"overloaded_error"}}\n\n']],
    ['without a piece', []],
  ]) {
    test(`${name} opens the model`, async () => {
      const { fetch, open } = guarded();
      serve = streams(...pieces);
      await read(await fetch(url)).catch(() => {});
      assert.deepEqual(open(), ['model:m']);
    });
  }

  test('whose text mentions an error opens nothing', async () => {
    const { fetch, open } = guarded();
    serve = streams('data: {"choices":[{"delta":{"content":"an \\"error\\": rate_limit_exceeded"}}]}\n\n');
    await read(await fetch(url));
    assert.deepEqual(open(), []);
  });

  test('that its reader leaves opens nothing', async () => {
    const { fetch, open } = guarded();
    serve = (_, answer) => answer.writeHead(200, EVENTS).write('data: {"a":1}\n\n');
    const answer = await fetch(url);
    for await (const _ of answer.body) break;
    assert.deepEqual(open(), []);
  });

  test('that stalls, or an answer that does not come, is a TIMEOUT', async () => {
    const stalled = guarded({ idleMs: 20 });
    serve = (_, answer) => answer.writeHead(200, EVENTS).write('data: {"a":1}\n\n');
    await assert.rejects(read(await stalled.fetch(url)), StreamTimeoutError);
    assert.deepEqual(stalled.open(), ['model:m']);
    const hanging = guarded({ firstPieceMs: 20 });
    serve = () => {};
    await assert.rejects(hanging.fetch(url), StreamTimeoutError);
    assert.deepEqual(hanging.open(), ['model:m']);
  });
});

test('an SDK that aborts when its time is up, and says so in a header, has a TIMEOUT; a caller that gives up has none', async () => {
  serve = () => {};
  for (const [seconds, wait, expected] of [['1', 1_000, ['model:m']], ['600', 20, []]]) {
    const { fetch, open } = guarded();
    const given = new AbortController();
    setTimeout(() => given.abort(), wait + 20);
    await assert.rejects(fetch(url, { signal: given.signal, headers: { 'X-Stainless-Timeout': seconds } }));
    assert.deepEqual(open(), expected);
  }
});

describe('the middleware of a model', () => {
  const whole = (guard, doGenerate) => guardModel(guard).wrapGenerate({ doGenerate });
  const parts = (...all) => new ReadableStream({ start(controller) { for (const each of all) controller.enqueue(each); controller.close(); } });
  const streamed = async (guard, stream, limits) => {
    const result = await guardModel(guard, limits).wrapStream({ doStream: async () => ({ stream, request: 1 }) });
    const seen = [];
    for await (const part of result.stream) seen.push(part.type);
    return seen;
  };
  const text = { type: 'text-delta', delta: 'x' };

  test('counts what a model answers', async () => {
    for (const [result, open] of [
      [{ content: [{ type: 'text' }], finishReason: 'stop' }, []],
      [{ content: [], finishReason: 'stop' }, ['model:m']],
      [{ content: [], finishReason: { unified: 'content-filter' } }, []],
    ]) {
      const { guard, open: opened } = guarded();
      assert.equal(await whole(guard, async () => result), result);
      assert.deepEqual(opened(), open);
    }
    const { guard, open } = guarded();
    const thrown = Object.assign(new Error('no'), { name: 'AI_APICallError', statusCode: 402 });
    await assert.rejects(whole(guard, async () => { throw thrown; }), thrown);
    assert.deepEqual(open(), ['key:k']);
    await assert.rejects(whole(guard, async () => 1), CircuitOpenError);
  });

  test('follows a stream to its end', async () => {
    for (const [stream, open] of [
      [parts(text, { type: 'finish', finishReason: 'stop' }), []],
      [parts({ type: 'finish', finishReason: 'stop' }), ['model:m']],
      [parts(text, { type: 'error', error: { type: 'overloaded_error' } }), ['model:m']],
    ]) {
      const { guard, open: opened } = guarded();
      assert.ok((await streamed(guard, stream)).length > 0);
      assert.deepEqual(opened(), open);
    }
    const { guard, open } = guarded();
    await assert.rejects(streamed(guard, new ReadableStream({ start() {} }), { firstPieceMs: 10 }), StreamTimeoutError);
    assert.deepEqual(open(), ['model:m']);
  });
});
