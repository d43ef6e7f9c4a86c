/* What is known of an agent in addition to its circuit; read while somebody looks at the page. */

import { useEffect, useState } from './vendor/htm-preact.js';
import { call } from './api.js';

const READ_EVERY = 5000;
const SOON = 300;

export const agentPath = agent => `/api/v1/agents/${encodeURIComponent(agent)}`;

/**
 * Reads something again and again, and soon after each change of the agent. Returns `[value, error, at]`; `at` is when
 * the value was read. A 404 is null, and no error. A null path reads nothing.
 */
export function usePolled(path, agent, store, bump = 0) {
  const [read, setRead] = useState({ value: null, error: null, at: null });
  useEffect(() => {
    if (path === null) {
      return undefined;
    }
    let timer;
    let gone = false;
    const look = async () => {
      clearTimeout(timer);
      if (!document.hidden) {
        await call('GET', path).then(
          ({ json }) => gone || setRead({ value: json, error: null, at: Date.now() }),
          error => gone || setRead(before => (error.status === 404 ? { value: null, error: null, at: null } : { ...before, error })),
        );
      }
      if (!gone) {
        clearTimeout(timer);
        timer = setTimeout(look, READ_EVERY);
      }
    };
    look();
    const off = store.onChange(change => {
      if (change.agent_id === agent) {
        clearTimeout(timer);
        timer = setTimeout(look, SOON);
      }
    });
    return () => {
      gone = true;
      off();
      clearTimeout(timer);
    };
  }, [path, agent, bump]);
  return [read.value, read.error, read.at];
}

/** Whether the registry knows the agent; asked until it does. Reading an agent that it does not know would be an error. */
export function useIsKnown(agent, store) {
  const [known, setKnown] = useState(false);
  const path = `/api/v1/agents?prefix=${encodeURIComponent(agent)}&limit=1`;
  const [found] = usePolled(known ? null : path, agent, store);
  useEffect(() => {
    found?.agents[0]?.agent_id === agent && setKnown(true);
  }, [found]);
  return known;
}
