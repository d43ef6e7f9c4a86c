/**
 * Errors that a provider reports in an answer with a good status: an error in place of the JSON that was asked for, or an
 * event of a stream. JSON is an error if its `error` is an object, or is a text and the only member, or if its `type` is
 * `error`; answers of JSON-RPC are not read here. An event is an error by its name, or by such JSON.
 */

const NAMED = /^event:\s*error\s*$/;

/**
 * @param {string} text a body, or some lines of a stream
 * @returns {{text: string, status?: number} | undefined} undefined if it is not an error
 */
export function inBand(text) {
  return /^(?:data|event|id|retry|):/.test(text) ? ofEvents(text) : ofJson(text);
}

function ofEvents(text) {
  let isNamed = false;
  let found;
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === '') {
      isNamed = false;
    } else if (line.startsWith('event:')) {
      isNamed = NAMED.test(line);
    } else if (line.startsWith('data:')) {
      const data = line.slice(5).trimStart();
      found = (isNamed ? ofJson(data) ?? { text: data } : mayBeError(data) ? ofJson(data) : undefined) ?? found;
    }
  }
  return found;
}

/** Checks the first member, where errors show; other JSON is not parsed. */
const mayBeError = (json) => /^\{\s*"(?:error"|type"\s*:\s*"error")/.test(json);

function ofJson(text) {
  const begin = text.trimStart();
  if (begin[0] !== '{' && begin[0] !== '[') return undefined;
  let body;
  try {
    body = JSON.parse(begin);
  } catch {
    return undefined;
  }
  const one = Array.isArray(body) ? body[0] : body;
  if (one === null || typeof one !== 'object' || Object.hasOwn(one, 'jsonrpc')) return undefined;
  const { error } = one;
  if (error !== null && typeof error === 'object' && Object.keys(error).length > 0) return facts(error);
  if (typeof error === 'string' && error !== '' && Object.keys(one).length === 1) return { text: JSON.stringify(error) };
  return one.type === 'error' ? facts(one) : undefined;
}

function facts(error) {
  const status = [error.code, error.status, error.status_code].map(Number).find((each) => each >= 400 && each <= 599);
  return { text: JSON.stringify(error), status };
}
