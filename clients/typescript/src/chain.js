/** The calls that enclose what is being done: each permit knows the one around it. */
import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage();

/** Until a call is noted there is nothing to look for, and looking costs. */
let isNoted = false;

/** Runs something within a call, so that guarded calls in it are calls within that one. */
export function within(permit, work) {
  isNoted = true;
  return storage.run(permit, work);
}

/** The innermost call under way that encloses this code; undefined for none. */
export function enclosing() {
  if (!isNoted) return undefined;
  const permit = storage.getStore();
  return permit?.isSettled ? permit.parent : permit;
}
