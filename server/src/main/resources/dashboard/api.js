/* Calls of the server's API with the key of the person who is signed in, or, without a key, with the cookie of a session. The key is only in this tab's session storage. */

/** Where the server is: below a path of its host, if a reverse proxy shows it there. */
const ROOT = new URL('..', import.meta.url);

/** Of two servers on one host, each keeps its own key. */
const SLOT = `interlock.key${ROOT.pathname === '/' ? '' : ROOT.pathname}`;

/** The channel between tabs of this server; tabs of other servers on its host do not share it. */
export const TABS = `interlock${ROOT.pathname}`;

let onSignedOut = () => {};
let clockOffset = 0;

/** What the server refused, in its own words. */
export class Refusal extends Error {
  constructor(status, detail, problem = null) {
    super(detail);
    this.status = status;
    this.problem = problem;
  }
}

export const storedKey = () => sessionStorage.getItem(SLOT);

export function keepKey(key) {
  sessionStorage.setItem(SLOT, key);
}

export function forgetKey() {
  sessionStorage.removeItem(SLOT);
}

/** The address of a path of the server, which may be a link that it gave. */
export const address = path => new URL(path.startsWith(ROOT.pathname) ? path.slice(ROOT.pathname.length) : path.slice(1), ROOT);

/** Calls back when the server no longer takes the key. */
export function whenSignedOut(callback) {
  onSignedOut = callback;
}

/** The wall clock as the server has it; the browser's may be wrong. */
export const serverNow = () => Date.now() + clockOffset;

export const circuitPath = agent => `/api/v1/circuits/${encodeURIComponent(agent)}`;

/**
 * Makes a call; answers its JSON, its status, the link to its next page, and the tag of what was answered. Who gives that
 * tag the next time is answered 304, without JSON, while nothing has changed.
 * Throws a Refusal; its status is 0 if the server cannot be reached.
 */
export async function call(method, path, body, key = storedKey(), tag = null) {
  let response;
  try {
    response = await fetch(address(path), {
      method,
      headers: {
        ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(tag === null ? {} : { 'If-None-Match': tag }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      credentials: key === null ? 'same-origin' : 'omit',
      redirect: 'error',
    });
  } catch {
    throw new Refusal(0, 'The server cannot be reached.');
  }
  readClock(response);
  const json = response.status === 204 || response.status === 304 ? null : await response.json().catch(() => null);
  if (!response.ok && response.status !== 304) {
    if (response.status === 401 && key === storedKey()) {
      onSignedOut(json?.detail ?? 'The key is no longer valid.');
    }
    throw new Refusal(response.status, json?.detail ?? `The server answered ${response.status}.`, json);
  }
  return { json, status: response.status, next: nextPage(response), tag: response.headers.get('ETag') };
}

export const get = async path => (await call('GET', path)).json;

function nextPage(response) {
  return /<([^>]+)>; *rel="next"/.exec(response.headers.get('Link') ?? '')?.[1] ?? null;
}

function readClock(response) {
  const date = Date.parse(response.headers.get('Date') ?? '');
  if (!Number.isNaN(date)) {
    const offset = date - Date.now();
    clockOffset = Math.abs(offset) > 2000 ? offset : 0; // the header has whole seconds only
  }
}
