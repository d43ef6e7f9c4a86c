/** The calls that enclose the running code: each permit knows the permit around it. */
import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage();

/** False until a first call is entered: until then a look-up would find nothing, and it costs time. */
let isNoted = false;

/** Runs something within a call, so that guarded calls in it are calls within that call. */
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
