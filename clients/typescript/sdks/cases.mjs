/**
 * Calls of real SDKs through guards, for a test that scripts the provider: one case a line in, what came of it a line out.
 * A case is `{sdk, answer: "whole" | "stream", url, again?, timeout_ms?}`; each has circuits of its own that open at one failure.
 */
import { createInterface } from 'node:readline';
import Anthropic from '@anthropic-ai/sdk';
import { createOpenAI } from '@ai-sdk/openai';
import { CircuitOpenError, classifyError, Interlock, refusalOf } from '@interlock/client';
import { guardModel } from '@interlock/client/vercel';
import { generateText, streamText, wrapLanguageModel } from 'ai';
import OpenAI from 'openai';

const POLICY = { failure_threshold: 1, failure_rate_threshold: null, cooldown: '60s' };
const NAMES = ['planner', 'model:m', 'key:k'];
const MESSAGES = [{ role: 'user', content: 'Plan a trip.' }];

async function joined(pieces, text) {
  let all = '';
  for await (const piece of pieces) all += text(piece) ?? '';
  return all;
}

const openAiText = (piece) => piece.choices[0]?.delta?.content;
const anthropicText = (piece) => piece.delta?.text;
const openAiBody = { model: 'm', messages: MESSAGES };
const anthropicBody = { model: 'm', max_tokens: 50, messages: MESSAGES };

/** By SDK: how one asks with it. `…-fetch` guards each attempt, `…-call` the call as a whole. */
const SDKS = {
  'openai-fetch': ({ url, timeout_ms: firstPieceMs }, guard) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'k', maxRetries: 0, fetch: guard.wrapFetch(fetch, { firstPieceMs }) });
    return {
      whole: async () => (await client.chat.completions.create(openAiBody)).choices[0].message.content,
      stream: async () => joined(await client.chat.completions.create({ ...openAiBody, stream: true }), openAiText),
    };
  },
  'openai-call': ({ url, timeout_ms: timeout }, guard) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'k', maxRetries: 0, timeout });
    return {
      whole: async () => (await guard.call(() => client.chat.completions.create(openAiBody))).choices[0].message.content,
      stream: () => joined(guard.stream((signal) => client.chat.completions.create({ ...openAiBody, stream: true }, { signal })), openAiText),
    };
  },
  'anthropic-fetch': ({ url, timeout_ms: timeout }, guard) => {
    const client = new Anthropic({ baseURL: url, apiKey: 'k', maxRetries: 0, timeout, fetch: guard.wrapFetch() });
    return {
      whole: async () => (await client.messages.create(anthropicBody)).content[0]?.text,
      stream: async () => joined(await client.messages.create({ ...anthropicBody, stream: true }), anthropicText),
    };
  },
  'anthropic-call': ({ url, timeout_ms: timeout }, guard) => {
    const client = new Anthropic({ baseURL: url, apiKey: 'k', maxRetries: 0, timeout });
    return {
      whole: async () => (await guard.call(() => client.messages.create(anthropicBody))).content[0]?.text,
      stream: () => joined(guard.stream((signal) => client.messages.create({ ...anthropicBody, stream: true }, { signal })), anthropicText),
    };
  },
  'vercel-fetch': ({ url }, guard) => vercel(createOpenAI({ baseURL: `${url}/v1`, apiKey: 'k', fetch: guard.wrapFetch() }).chat('m')),
  'vercel-middleware': ({ url }, guard) => vercel(wrapLanguageModel({
    model: createOpenAI({ baseURL: `${url}/v1`, apiKey: 'k' }).chat('m'), middleware: guardModel(guard),
  })),
};

const vercel = (model) => ({
  whole: async () => (await generateText({ model, messages: MESSAGES, maxRetries: 0 })).text,
  stream: async () => {
    let failure;
    const { textStream } = streamText({ model, messages: MESSAGES, maxRetries: 0, onError: ({ error }) => { failure = error; } });
    const text = await joined(textStream, (piece) => piece);
    if (failure !== undefined) throw failure;
    return text;
  },
});

async function play(each) {
  const interlock = new Interlock({ policies: { '*': POLICY } });
  const guard = interlock.guard('planner', { dependsOn: ['model:m', 'key:k'] });
  const ask = SDKS[each.sdk](each, guard)[each.answer];
  const first = await ended(ask);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  const second = each.again ? await ended(ask) : undefined;
  const open = NAMES.filter((name) => interlock.look(name).state === 'open');
  return { first, second, open, waits: open.map((name) => interlock.look(name).retryAfterMs) };
}

async function ended(ask) {
  try {
    return { text: await ask() };
  } catch (error) {
    const refused = refusalOf(error);
    const isOurs = error instanceof CircuitOpenError;
    return { error: error.name === 'Error' ? error.constructor.name : error.name, kind: classifyError(error).kind, isOurs, refused: refused?.message };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await play(JSON.parse(line));
  } catch (error) {
    answer = { failed: error.stack };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
