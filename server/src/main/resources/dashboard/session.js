/* One session over all tabs: with an issuer, in a cookie that no script sees; with a key, which the tabs pass on. */

import { call, forgetKey, keepKey, Refusal, storedKey, TABS } from './api.js';

/** A part of a session's time after which it is renewed; some later, so that one tab does it for all. */
const RENEW_AT = 0.7;
const RETRY_AFTER = 30_000;

const tabs = 'BroadcastChannel' in window ? new BroadcastChannel(TABS) : null;
let timer;

/** How people can sign in here, and the session of this browser; neither, and the problem, if the server cannot be reached. */
export async function findSession() {
  try {
    const { json } = await call('GET', '/api/v1/session', undefined, null);
    return { signIns: json.sign_ins ?? [], session: json.session ?? null };
  } catch (problem) {
    return { signIns: [], session: null, problem };
  }
}

/**
 * Listens to other tabs: the key that one of them is signed in with, and that one signed out. A tab without a key asks for one.
 * Nothing of it is written down; it ends with the last tab.
 */
export function hearTabs({ key, out }) {
  if (!tabs) {
    return;
  }
  tabs.onmessage = ({ data }) => {
    if (data.asks && storedKey()) {
      tabs.postMessage({ key: storedKey() });
    } else if (data.key && !storedKey()) {
      keepKey(data.key);
      key();
    } else if (data.out) {
      out();
    }
  };
  if (!storedKey()) {
    tabs.postMessage({ asks: true });
  }
}

/** Other tabs that wait for a key have one now. */
export const shareKey = () => tabs?.postMessage({ key: storedKey() });

/** Signs out, in all tabs. */
export async function signOut(session) {
  stopRenewing();
  forgetKey();
  if (session) {
    await call('DELETE', '/api/v1/session', undefined, null).catch(() => {});
  }
  tabs?.postMessage({ out: true });
}

/** Renews a session before it ends, for as long as the issuer agrees. */
export function renew(session) {
  stopRenewing();
  if (session?.renewable) {
    const left = Date.parse(session.ends_at) - Date.now();
    timer = setTimeout(() => renewNow(session), Math.max(1_000, left * (RENEW_AT + 0.1 * Math.random())));
  }
}

export function stopRenewing() {
  clearTimeout(timer);
}

async function renewNow(before) {
  const alone = work => (navigator.locks ? navigator.locks.request(TABS, work) : work());
  await alone(async () => {
    const { session } = await findSession();
    if (session && session.ends_at !== before.ends_at) {
      renew(session); // another tab was first
      return;
    }
    try {
      renew((await call('POST', '/api/v1/session/refresh', undefined, null)).json);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 401) {
        timer = setTimeout(() => renewNow(before), RETRY_AFTER);
      }
    }
  });
}
