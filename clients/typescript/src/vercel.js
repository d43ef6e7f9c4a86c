/** A middleware for language models of the Vercel AI SDK: `wrapLanguageModel({ model, middleware: guardModel(guard) })`. */
import { PieceClock } from './limits.js';

/** `content-filter` in all versions: a text, or an object with the unified reason. */
const reasonOf = (finish) => (typeof finish === 'string' ? finish : finish?.unified);

const isNumber = (value) => typeof value === 'number';

/** What a call used, in the fields of version 5, or of version 6, which has parts. */
function used({ inputTokens, outputTokens, cachedInputTokens }) {
  return {
    usage: {
      prompt_tokens: isNumber(inputTokens) ? inputTokens : inputTokens?.total,
      completion_tokens: isNumber(outputTokens) ? outputTokens : outputTokens?.total,
      prompt_tokens_details: { cached_tokens: cachedInputTokens ?? inputTokens?.cacheRead },
    },
  };
}

const isFiltered = (finish) => reasonOf(finish) === 'content-filter';

/**
 * @param {import('./guard.js').Guard} guard
 * @param {{firstPieceMs?: number, idleMs?: number, totalMs?: number}} [limits] of answers that stream
 */
export function guardModel(guard, limits = {}) {
  return {
    specificationVersion: 'v3',
    async wrapGenerate({ doGenerate }) {
      const permit = await guard.acquire();
      try {
        const result = await permit.run(doGenerate);
        if (result.usage) guard.hearUsage(permit, result, used(result.usage));
        const isEmpty = Array.isArray(result.content) && result.content.length === 0;
        permit.settle(isFiltered(result.finishReason) ? { kind: 'CONTENT_FILTERED' } : isEmpty ? { kind: 'EMPTY_RESPONSE' } : {});
        return result;
      } catch (error) {
        permit.settle(guard.outcomeOf(error));
        throw error;
      }
    },
    async wrapStream({ doStream }) {
      const permit = await guard.acquire();
      try {
        const clock = new PieceClock(limits);
        const { stream, ...rest } = await clock.begin(() => permit.run(doStream));
        return { ...rest, stream: followed(guard, permit, stream, clock) };
      } catch (error) {
        permit.settle(guard.outcomeOf(error));
        throw error;
      }
    },
  };
}

function followed(guard, permit, stream, clock) {
  const reader = stream.getReader();
  let says = false;
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await clock.next(() => reader.read());
        if (done) {
          permit.settle(says ? {} : { kind: 'EMPTY_RESPONSE' });
          controller.close();
          return;
        }
        says ||= /^(?:text|reasoning|tool|file|source)/.test(value.type);
        if (value.type === 'finish' && value.usage) guard.hearUsage(permit, value, used(value.usage));
        if (value.type === 'error') permit.settle(guard.outcomeOf(value.error));
        if (value.type === 'finish' && isFiltered(value.finishReason)) permit.settle({ kind: 'CONTENT_FILTERED' });
        controller.enqueue(value);
      } catch (error) {
        permit.settle(guard.outcomeOf(error));
        controller.error(error);
        reader.cancel(error).catch(() => {});
      }
    },
    cancel(reason) {
      permit.settle({ kind: 'CANCELLED' });
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
