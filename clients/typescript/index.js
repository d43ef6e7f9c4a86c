/** Interlock's client: circuit breakers that decide in this process, by what an Interlock server knows. */
export { Interlock } from './src/client.js';
export { ManualClock } from './src/clock.js';
export { CircuitOpenError, Failure, refusalOf, StreamTimeoutError } from './src/errors.js';
export { classifyAnswer, classifyError, classifyResult } from './src/classify.js';
export { usageOf } from './src/usage.js';
export { FAILURE_KINDS } from './src/kinds.js';
export { VERSION } from './src/version.js';
