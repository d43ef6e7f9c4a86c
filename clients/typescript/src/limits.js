/** Time limits of a stream: for the first piece, between pieces, and in all. */
import { StreamTimeoutError } from './errors.js';

export class PieceClock {
  #limits;
  #end;
  #isFirst = true;

  /** The time left for the first piece: only waiting for it counts. */
  #firstLeft;

  /** @param {{firstPieceMs?: number, idleMs?: number, totalMs?: number}} limits */
  constructor(limits) {
    for (const name of ['firstPieceMs', 'idleMs', 'totalMs']) {
      if (limits[name] !== undefined && !(limits[name] > 0)) {
        throw new TypeError(`${name} = ${limits[name]}: a number of milliseconds above zero`);
      }
    }
    this.#limits = limits;
    this.#firstLeft = limits.firstPieceMs ?? Infinity;
    this.#end = limits.totalMs === undefined ? Infinity : performance.now() + limits.totalMs;
  }

  /** Whether the time for all pieces is over: it also passes while nobody asks for a piece. */
  get isOver() {
    return performance.now() >= this.#end;
  }

  /** Waits for the source of the pieces; this counts as waiting for the first piece. */
  begin(ask) {
    return this.#within(ask, false);
  }

  /** Waits for a piece; fails with a {@link StreamTimeoutError} if it takes too long. */
  next(ask) {
    return this.#within(ask, true);
  }

  async #within(ask, isPiece) {
    const from = performance.now();
    const limit = Math.min(this.#isFirst ? this.#firstLeft : this.#limits.idleMs ?? Infinity, this.#end - from);
    let timer;
    const late = limit === Infinity ? undefined : new Promise((_, reject) => {
      timer = setTimeout(() => reject(new StreamTimeoutError(this.#words())), Math.max(0, limit));
    });
    try {
      const given = await (late === undefined ? ask() : Promise.race([ask(), late]));
      if (isPiece) this.#isFirst = false;
      else this.#firstLeft -= performance.now() - from;
      return given;
    } finally {
      clearTimeout(timer);
    }
  }

  #words() {
    if (this.isOver) return `The stream did not end in ${this.#limits.totalMs} ms`;
    return this.#isFirst
      ? `The stream brought no piece in ${this.#limits.firstPieceMs} ms`
      : `The stream brought no further piece in ${this.#limits.idleMs} ms`;
  }
}
