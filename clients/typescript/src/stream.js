/** An answer in pieces, guarded until it ends: exactly one end counts, the first. */
import { classifyPiece } from './classify.js';
import { PieceClock } from './limits.js';

/** Whether a text may contain an error that a provider reports within a stream. */
const mayReport = (piece) => typeof piece === 'string' && /^(?:data|event|\{)/.test(piece);

/**
 * @param {import('./guard.js').Guard} guard
 * @param {((signal: AbortSignal) => any) | AsyncIterable<any>} source
 * @param {{firstPieceMs?: number, idleMs?: number, totalMs?: number}} limits
 */
export async function* guardedStream(guard, source, limits) {
  const clock = new PieceClock(limits);
  const permit = await guard.acquire();
  const ended = new AbortController();
  let iterator;
  try {
    iterator = await clock.begin(async () => iteratorOf(
      typeof source === 'function' ? await permit.run(() => source(ended.signal)) : await source));
    let isEmpty = true;
    for (;;) {
      if (clock.isOver) permit.settle({ kind: 'TIMEOUT', attributedTo: guard.agent }); // its reader used up the time
      const { done, value } = await clock.next(() => permit.run(() => iterator.next()));
      if (done) {
        permit.settle(isEmpty ? { kind: 'EMPTY_RESPONSE' } : {});
        return value;
      }
      isEmpty = false;
      guard.hearUsage(permit, value);
      const failure = mayReport(value) ? classifyPiece(value) : undefined;
      if (failure !== undefined) permit.settle(failure);
      yield value;
    }
  } catch (error) {
    permit.settle(guard.outcomeOf(error));
    throw error;
  } finally {
    // The reader stopped, or the stream has failed: a good end would have settled the call already.
    if (permit.settle({ kind: 'CANCELLED' }) || iterator !== undefined) letGo(iterator);
    ended.abort();
  }
}

function iteratorOf(source) {
  const iterator = source?.[Symbol.asyncIterator]?.() ?? source?.[Symbol.iterator]?.();
  if (iterator === undefined) throw new TypeError('A stream is an iterable or an async iterable, or a function that returns one');
  return iterator;
}

/** Ends a source without waiting for it: a source that hangs must not block its reader. */
function letGo(iterator) {
  try {
    Promise.resolve(iterator?.return?.()).catch(() => {});
  } catch {
    // it has ended
  }
}
