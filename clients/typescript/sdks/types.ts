/** A program that uses all of the client's types, for the compiler alone. */
import { CircuitOpenError, Failure, Interlock, ManualClock, refusalOf, usageOf } from '@interlock/client';
import type { FailureKind, Guard, Outcome, Permit, Status, Usage } from '@interlock/client';
import { guardModel } from '@interlock/client/vercel';
import Anthropic from '@anthropic-ai/sdk';
import { createOpenAI } from '@ai-sdk/openai';
import { wrapLanguageModel } from 'ai';
import OpenAI from 'openai';

const interlock: Interlock = new Interlock({
  urls: ['https://interlock.example'], key: 'k', onUnreachable: 'local', clock: new ManualClock(), policies: { '*': { base: 'recommended' } },
});
const guard: Guard = interlock.guard('planner', {
  dependsOn: ['model:m'],
  classifyError: (error): Outcome | undefined => (error instanceof RangeError ? { kind: 'OVERLOADED', retryAfterMs: 1 } : undefined),
});

const text: string = await guard.call(async () => 'a plan');
const either: string | number = await guard.call(() => 'a plan', { fallback: (refused: CircuitOpenError) => refused.retryAfterMs ?? 0 });
for await (const piece of guard.stream(async function* () { yield 1; }, { idleMs: 5 })) piece.toFixed();

const permit: Permit = await guard.acquire();
const inner: number = permit.run(() => 1);
permit.usage({ tokensIn: 1, costUsd: 0.5 });
const usage: Usage | undefined = usageOf({});
interlock.guard('planner', { usage: (answer): Usage => ({ tokensOut: answer.spent }), execution: 'run-1' }).record({}, usage);
permit.fail('TIMEOUT' satisfies FailureKind);
permit.settle({ kind: 'ERROR', attributedTo: 'model:m' });

const fetch = guard.wrapFetch(globalThis.fetch, { refusal: 'throw', firstPieceMs: 1 });
new OpenAI({ apiKey: 'k', fetch });
new Anthropic({ apiKey: 'k', fetch });
wrapLanguageModel({ model: createOpenAI({ fetch }).chat('m'), middleware: guardModel(guard) });

const refused: CircuitOpenError | undefined = refusalOf(new Failure('ERROR'));
const status: Status = interlock.status;
export default [text, either, inner, refused?.alternatives[0], status.mode === 'connected', await interlock.flush()];
