/** What errors and answers mean. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { CircuitOpenError, classifyAnswer, classifyError, classifyResult, Failure, refusalOf } from '../index.js';

/** An error as the SDKs of OpenAI and Anthropic make it: `name` remains the one of Error. */
function sdkError(type, fields) {
  const Type = { [type]: class extends Error {} }[type];
  return Object.assign(new Type(fields.message ?? type), fields);
}

const openai = (status, code, more = {}) => sdkError('APIError', {
  status, code, type: code, error: { message: 'no', type: code, code }, headers: new Headers(more.headers), message: `${status} no`,
});
const anthropic = (status, type, message = 'no') => sdkError('APIError', {
  status, headers: new Headers(), error: { type: 'error', error: { type, message } }, message: `${status} ${message}`,
});
const vercel = (statusCode, body, responseHeaders = {}) => sdkError('AI_APICallError', {
  name: 'AI_APICallError', statusCode, responseBody: JSON.stringify(body), responseHeaders, message: 'no',
});

const ERRORS = [
  ['openai 429 with a wait', openai(429, 'rate_limit_exceeded', { headers: { 'retry-after-ms': '1500' } }), 'RATE_LIMITED', 1_500],
  ['openai 429 of a used-up quota', openai(429, 'insufficient_quota'), 'QUOTA_EXHAUSTED'],
  ['openai 401', openai(401, 'invalid_api_key'), 'AUTHENTICATION'],
  ['openai 404 of a model', openai(404, 'model_not_found'), 'MODEL_NOT_FOUND'],
  ['openai 404', openai(404, null), 'INVALID_REQUEST'],
  ['openai 400 of a long prompt', openai(400, 'context_length_exceeded'), 'CONTEXT_LENGTH'],
  ['openai 400 of a filter', openai(400, 'content_filter'), 'CONTENT_FILTERED'],
  ['openai 500', openai(500, 'server_error'), 'SERVER_ERROR'],
  ['openai 503', openai(503, null), 'OVERLOADED'],
  ['openai time-out', sdkError('APIConnectionTimeoutError', { message: 'Request timed out.' }), 'TIMEOUT'],
  ['openai connection', sdkError('APIConnectionError', { cause: Object.assign(new TypeError('fetch failed'), { cause: sdkError('Error', { code: 'ECONNREFUSED' }) }) }), 'CONNECTION'],
  ['openai connection without a cause', sdkError('APIConnectionError', {}), 'CONNECTION'],
  ['openai given up', sdkError('APIUserAbortError', {}), 'CANCELLED'],
  ['anthropic 529', anthropic(529, 'overloaded_error'), 'OVERLOADED'],
  ['anthropic overloaded within a stream', sdkError('APIError', { error: { type: 'error', error: { type: 'overloaded_error', message: 'no' } } }), 'OVERLOADED'],
  ['anthropic 429', anthropic(429, 'rate_limit_error'), 'RATE_LIMITED'],
  ['anthropic 400 of money', anthropic(400, 'invalid_request_error', 'Your credit balance is too low'), 'QUOTA_EXHAUSTED'],
  ['anthropic 400 of a long prompt', anthropic(400, 'invalid_request_error', 'prompt is too long: 9 tokens'), 'CONTEXT_LENGTH'],
  ['anthropic 403', anthropic(403, 'permission_error'), 'FORBIDDEN'],
  ['vercel 429', vercel(429, { error: { code: 'rate_limit_exceeded' } }, { 'retry-after': '3' }), 'RATE_LIMITED', 3_000],
  ['vercel 401', vercel(401, {}), 'AUTHENTICATION'],
  ['vercel gave up trying', sdkError('AI_RetryError', { name: 'AI_RetryError', lastError: vercel(503, {}) }), 'OVERLOADED'],
  ['vercel without an object', sdkError('AI_NoObjectGeneratedError', { name: 'AI_NoObjectGeneratedError' }), 'MALFORMED_OUTPUT'],
  ['vercel without a key', sdkError('AI_LoadAPIKeyError', { name: 'AI_LoadAPIKeyError' }), 'AUTHENTICATION'],
  ['axios time-out', sdkError('AxiosError', { code: 'ECONNABORTED', message: 'timeout of 10ms exceeded' }), 'TIMEOUT'],
  ['axios 402', sdkError('AxiosError', { code: 'ERR_BAD_REQUEST', response: { status: 402, headers: {}, data: {} } }), 'QUOTA_EXHAUSTED'],
  ['aws', sdkError('ThrottlingException', { name: 'ThrottlingException', $metadata: { httpStatusCode: 429 } }), 'RATE_LIMITED'],
  ['mcp without an answer', sdkError('McpError', { code: -32001 }), 'TIMEOUT'],
  ['mcp with a wrong request', sdkError('McpError', { code: -32602 }), 'INVALID_REQUEST'],
  ['a limit of AbortSignal', new DOMException('The operation was aborted due to timeout', 'TimeoutError'), 'TIMEOUT'],
  ['given up', new DOMException('This operation was aborted', 'AbortError'), 'CANCELLED'],
  ['JSON that is none', new SyntaxError('Unexpected token'), 'MALFORMED_OUTPUT'],
  ['a file that is not there', sdkError('Error', { code: 'ENOENT' }), 'ERROR'],
  ['a bug', new TypeError("Cannot read properties of undefined (reading 'x')"), 'ERROR'],
  ['a text', 'no', 'ERROR'],
  ['nothing', undefined, 'ERROR'],
  ['a status in a text', new Error('HTTP 503 - no capacity'), 'OVERLOADED'],
  ['a wait in a text', new Error('429 - Please try again in 20.5s'), 'RATE_LIMITED', 20_500],
  ['a wait of two days', openai(429, null, { headers: { 'retry-after': '172800' } }), 'QUOTA_EXHAUSTED', 172_800_000],
  ['a failure that says its kind', new Error('outside', { cause: new Failure('LOOP') }), 'LOOP'],
  ['an accessor that throws', { get status() { throw new Error('no'); }, message: 'x' }, 'ERROR'],
  ['a refusal that an SDK wrapped', sdkError('APIConnectionError', { cause: new CircuitOpenError({ circuit: 'm', reason: 'open' }) }), 'DOWNSTREAM_OPEN'],
  ['a refusal of a proxy', openai(424, 'whatever', { headers: { 'interlock-refused': 'model:m' } }), 'DOWNSTREAM_OPEN'],
  ['a refusal by its code', vercel(503, { error: { code: 'circuit_open', message: 'rate_limit_exceeded' } }), 'DOWNSTREAM_OPEN'],
];

describe('an error', () => {
  for (const [name, error, kind, wait] of ERRORS) {
    test(`${name} is ${kind}`, () => {
      const outcome = classifyError(error);
      assert.equal(outcome.kind, kind);
      assert.equal(outcome.retryAfterMs, wait);
    });
  }

  test('that a time limit made by giving up is a TIMEOUT', () => {
    const signal = AbortSignal.abort(new DOMException('late', 'TimeoutError'));
    assert.equal(classifyError(sdkError('APIUserAbortError', {}), signal).kind, 'TIMEOUT');
    assert.equal(classifyError(sdkError('APIUserAbortError', {}), AbortSignal.abort()).kind, 'CANCELLED');
  });

  test('whose causes are a circle ends', () => {
    const error = new Error('x');
    error.cause = error;
    assert.equal(classifyError(error).kind, 'ERROR');
  });
});

describe('an answer', () => {
  const answer = (status, headers, body) => classifyAnswer(status, (name) => new Headers(headers).get(name), body, Date.UTC(2026, 0, 1));
  const CASES = [
    [200, {}, '{"id":"x"}', undefined],
    [200, {}, '{"error":{"code":"rate_limit_exceeded"}}', 'RATE_LIMITED'],
    [200, {}, '{"error":{"code":503}}', 'OVERLOADED'],
    [200, {}, '{"type":"error","error":{"type":"overloaded_error"}}', 'OVERLOADED'],
    [200, {}, '{"jsonrpc":"2.0","error":{"code":-32603}}', undefined],
    [200, {}, 'event: error\ndata: {"type":"error","error":{"type":"api_error"}}\n', 'SERVER_ERROR'],
    [200, {}, 'data: {"choices":[]}\n', undefined],
    [429, { 'Retry-After': '7' }, '', 'RATE_LIMITED', 7_000],
    [429, { 'Retry-After': 'Thu, 01 Jan 2026 00:01:00 GMT' }, '', 'RATE_LIMITED', 60_000],
    [429, { 'Retry-After': 'Thursday, 01-Jan-26 00:01:00 GMT' }, '', 'RATE_LIMITED', 60_000],
    [429, { 'Retry-After': 'Thu Jan  1 00:01:00 2026' }, '', 'RATE_LIMITED', 60_000],
    [429, { 'Retry-After': 'Thu, 01 Jan 2015 00:01:00 GMT' }, '', 'RATE_LIMITED'],
    [429, { 'Retry-After': '0' }, '', 'RATE_LIMITED'],
    [429, { 'Retry-After': '1e3' }, '', 'RATE_LIMITED'],
    [429, { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' }, '', 'RATE_LIMITED', 360_000],
    [429, { 'x-ratelimit-remaining-tokens': '5', 'x-ratelimit-reset-tokens': '6m0s' }, '', 'RATE_LIMITED'],
    [429, { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:30Z' }, '', 'RATE_LIMITED', 30_000],
    [429, {}, '{"error":{"message":"You exceeded your current quota"}}', 'QUOTA_EXHAUSTED'],
    [429, {}, '{"error":{"message":"You exceeded your current quota, retry in 20 seconds"}}', 'RATE_LIMITED', 20_000],
    [424, { 'interlock-refused': 'model:m' }, '', 'DOWNSTREAM_OPEN'],
    [504, {}, '', 'TIMEOUT'],
    [418, {}, '', 'INVALID_REQUEST'],
  ];
  for (const [status, headers, body, kind, wait] of CASES) {
    test(`${status} ${JSON.stringify(headers)} ${body.slice(0, 40).trim()} is ${kind ?? 'a success'}`, () => {
      const outcome = answer(status, headers, body);
      assert.equal(outcome.kind, kind);
      assert.equal(outcome.retryAfterMs, wait);
    });
  }

  test('of a model that is empty or filtered is a failure', () => {
    const chat = (message, finish_reason = 'stop') => classifyResult({ object: 'chat.completion', choices: [{ message, finish_reason }] }).kind;
    assert.equal(chat({ content: 'a plan' }), undefined);
    assert.equal(chat({ content: null, tool_calls: [{}] }), undefined);
    assert.equal(chat({ content: '' }), 'EMPTY_RESPONSE');
    assert.equal(chat({ content: null }, 'content_filter'), 'CONTENT_FILTERED');
    const message = (content, stop_reason = 'end_turn') => classifyResult({ type: 'message', content, stop_reason }).kind;
    assert.equal(message([{ type: 'text' }]), undefined);
    assert.equal(message([]), 'EMPTY_RESPONSE');
    assert.equal(message([], 'refusal'), 'CONTENT_FILTERED');
    assert.equal(classifyResult(new Response('', { status: 503 })).kind, 'OVERLOADED');
    assert.equal(classifyResult('').kind, undefined);
  });
});

describe('what fetch throws', () => {
  let server;
  let url;
  before(async () => {
    server = createServer((request, answer) => {
      if (request.url === '/hang') return;
      if (request.url === '/hang-up') request.socket.destroy();
      else {
        answer.writeHead(200, { 'Content-Length': '100' });
        answer.write('half');
        setImmediate(() => request.socket.destroy());
      }
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    url = `http://127.0.0.1:${server.address().port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const thrownBy = (work) => work().then(() => assert.fail('nothing was thrown'), (error) => classifyError(error).kind);

  test('where nobody listens is CONNECTION', async () => {
    const closed = createServer();
    await new Promise((resolve) => { closed.listen(0, '127.0.0.1', resolve); });
    const { port } = closed.address();
    await new Promise((resolve) => { closed.close(resolve); });
    assert.equal(await thrownBy(() => fetch(`http://127.0.0.1:${port}/`)), 'CONNECTION');
  });
  test('where there is no such name is CONNECTION', async () => {
    assert.equal(await thrownBy(() => fetch('http://no-such-name.invalid/')), 'CONNECTION');
  });
  test('when the other side hangs up is CONNECTION', async () => {
    assert.equal(await thrownBy(() => fetch(`${url}/hang-up`)), 'CONNECTION');
  });
  test('when an answer is cut off is CONNECTION', async () => {
    assert.equal(await thrownBy(async () => (await fetch(`${url}/cut`)).text()), 'CONNECTION');
  });
  test('at a time limit is TIMEOUT', async () => {
    assert.equal(await thrownBy(() => fetch(`${url}/hang`, { signal: AbortSignal.timeout(20) })), 'TIMEOUT');
  });
  test('when it is given up is CANCELLED', async () => {
    const given = new AbortController();
    setImmediate(() => given.abort());
    assert.equal(await thrownBy(() => fetch(`${url}/hang`, { signal: given.signal })), 'CANCELLED');
  });
});

test('a refusal is found wherever an SDK put it', () => {
  const own = new CircuitOpenError({ circuit: 'model:m', reason: 'open', state: 'open', retryAfterMs: 41_200, alternatives: ['model:n'] });
  assert.equal(refusalOf(new Error('x', { cause: own })), own);
  assert.equal(own.message, 'model:m is open; retry in 42 s. Instead: model:n. Do not repeat this call.');
  const proxy = sdkError('APIError', {
    status: 424,
    headers: new Headers({ 'interlock-refused': 'model:m', 'Retry-After': '9' }),
    error: { reason: 'held', alternatives: ['model:n'] },
  });
  const found = refusalOf(proxy);
  assert.deepEqual([found.circuit, found.reason, found.retryAfterMs, found.alternatives], ['model:m', 'held', 9_000, ['model:n']]);
  assert.equal(refusalOf(new Error('x')), undefined);
});
