import type { Guard, StreamLimits } from './index.js';

/** A middleware of the Vercel AI SDK, for its versions 5 and 6. */
export interface GuardedModelMiddleware {
  specificationVersion: 'v3';
  wrapGenerate: (call: any) => Promise<any>;
  wrapStream: (call: any) => Promise<any>;
}

/** Guards each call of a model: `wrapLanguageModel({ model, middleware: guardModel(guard) })`. */
export function guardModel(guard: Guard, limits?: StreamLimits): GuardedModelMiddleware;
