/** What calls used, for budgets: from the answers of OpenAI's and Anthropic's APIs, or from the caller. */
import { read } from './errors.js';

const MOST_TOKENS = 1e12;
const MOST_USD = 1e6;

/** A `usage` object in a text of JSON is read up to this size. */
const LONGEST = 4_096;

const isTokens = (value) => Number.isInteger(value) && value >= 0 && value <= MOST_TOKENS;

/**
 * The usage in an answer, or in an event of a stream.
 *
 * @param {unknown} answer
 * @returns {import('../index.js').Usage | undefined} undefined if there is none
 */
export function usageOf(answer) {
  const spending = new Spending();
  return spending.add(answer) ? spending.usage : undefined;
}

/** A call's usage so far. A stream reports it in parts, and repeats it as it grows, so the largest number counts. */
export class Spending {
  #in = 0;
  #out = 0;
  #cached = 0;
  #written = 0;
  #costUsd = undefined;

  /** Whether tokens of caches are included in those that went in; Anthropic counts them separately. */
  #isWithin = false;

  /** Adds the usage of an answer; false if there is none. */
  add(answer) {
    const said = read(answer, 'usage') ?? read(read(answer, 'message'), 'usage') ?? read(read(answer, 'response'), 'usage');
    return said !== undefined && typeof said === 'object' && this.#addFigures(said);
  }

  /** Adds each `usage` in a text of JSON, or in lines of a stream; false if there is none. */
  addText(text) {
    let isKnown = false;
    for (const { index, 0: { length } } of text.matchAll(/"usage"\s*:\s*\{/g)) {
      const said = objectAt(text, index + length - 1);
      if (said !== undefined && this.#addFigures(said)) isKnown = true;
    }
    return isKnown;
  }

  /** Sets the usage that a caller gives; throws a TypeError if it is impossible. */
  say(usage) {
    for (const name of ['tokensIn', 'tokensOut', 'tokensCached']) {
      if (!isTokens(usage[name] ?? 0)) {
        throw new TypeError(`${name} is a whole number of tokens, 0 to ${MOST_TOKENS}, but this was ${usage[name]}`);
      }
    }
    const { tokensIn, tokensOut, tokensCached, costUsd } = usage;
    if (costUsd != null && !(typeof costUsd === 'number' && costUsd >= 0 && costUsd <= MOST_USD)) {
      throw new TypeError(`costUsd is a number of US dollars, 0 to ${MOST_USD}, but this was ${costUsd}`);
    }
    this.#isWithin = true;
    this.#grow(tokensIn ?? 0, tokensOut ?? 0, tokensCached ?? 0, 0);
    if (costUsd != null) this.#costUsd = Math.max(this.#costUsd ?? 0, costUsd);
    return this;
  }

  get usage() {
    const beside = this.#isWithin ? 0 : this.#cached + this.#written;
    return {
      tokensIn: Math.min(this.#in + beside, MOST_TOKENS),
      tokensOut: this.#out,
      tokensCached: this.#cached,
      ...(this.#costUsd !== undefined && { costUsd: this.#costUsd }),
    };
  }

  /** As the server reads it. */
  get wire() {
    const { tokensIn, tokensOut, tokensCached, costUsd } = this.usage;
    return {
      ...(tokensIn > 0 && { tokens_in: tokensIn }),
      ...(tokensOut > 0 && { tokens_out: tokensOut }),
      ...(tokensCached > 0 && { tokens_cached: tokensCached }),
      ...(costUsd !== undefined && { cost_usd: costUsd }),
    };
  }

  #addFigures(said) {
    const tokens = (holder, name) => {
      const value = read(holder, name);
      return isTokens(value) ? value : 0;
    };
    const prompt = tokens(said, 'prompt_tokens');
    const details = Math.max(...['prompt_tokens_details', 'input_tokens_details'].map((each) => tokens(read(said, each), 'cached_tokens')));
    if (prompt > 0 || details > 0) this.#isWithin = true;
    this.#grow(
      Math.max(prompt, tokens(said, 'input_tokens')),
      Math.max(tokens(said, 'completion_tokens'), tokens(said, 'output_tokens')),
      Math.max(details, tokens(said, 'cache_read_input_tokens')),
      tokens(said, 'cache_creation_input_tokens'),
    );
    return this.#in + this.#out + this.#cached + this.#written > 0;
  }

  #grow(tokensIn, tokensOut, cached, written) {
    this.#in = Math.max(this.#in, tokensIn);
    this.#out = Math.max(this.#out, tokensOut);
    this.#cached = Math.max(this.#cached, cached);
    this.#written = Math.max(this.#written, written);
  }
}

/** The object that begins at a brace of a text, whose members are numbers and such objects; undefined if it is not such an object. */
function objectAt(text, from) {
  let depth = 0;
  const most = Math.min(text.length, from + LONGEST);
  for (let at = from; at < most; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) {
      try {
        return JSON.parse(text.slice(from, at + 1));
      } catch {
        return undefined;
      }
    }
  }
  return undefined;
}
