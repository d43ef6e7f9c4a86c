/** Why a call failed. `RATE_LIMITED` and the like are what providers say; `ERROR` is what is not recognised. */
export type FailureKind =
  | 'TIMEOUT' | 'CONNECTION' | 'SERVER_ERROR' | 'OVERLOADED' | 'EMPTY_RESPONSE' | 'ERROR' | 'MALFORMED_OUTPUT' | 'RATE_LIMITED'
  | 'QUOTA_EXHAUSTED' | 'AUTHENTICATION' | 'FORBIDDEN' | 'MODEL_NOT_FOUND' | 'LOOP' | 'BUDGET' | 'TOOL_ERROR' | 'CONTEXT_LENGTH'
  | 'INVALID_REQUEST' | 'CONTENT_FILTERED' | 'CANCELLED' | 'DOWNSTREAM_OPEN';

export const FAILURE_KINDS: readonly FailureKind[];

/** The release of this client, which is that of its server. */
export const VERSION: string;

/** How a call ended: without a kind a success. */
export interface Outcome {
  kind?: FailureKind;
  /** How long the failing side asks to be left alone; zero is none. */
  retryAfterMs?: number;
  /** The circuit that a failure is attributed to: the guard's own, or one that it depends on. Otherwise its kind decides. */
  attributedTo?: string;
  /** Whether the status of an answer says so. */
  ofStatus?: boolean;
  /** How long the call took, where that is not the time since it was let in. */
  tookMs?: number;
}

/** What one call used, for budgets. */
export interface Usage {
  /** All tokens that went in, those of caches included. */
  tokensIn?: number;
  tokensOut?: number;
  /** How many of `tokensIn` were read from a cache. */
  tokensCached?: number;
  /** US dollars; without it the price of the call's model counts, where the server has one. */
  costUsd?: number;
}

/** What a client does while no server answers; see the page "When Interlock is away". */
export type OnUnreachable = 'local' | 'allow' | 'refuse';

/** Settings of a policy in snake_case, as files and the server write them: `{ base: 'recommended', cooldown: '30s' }`. */
export type PolicySettings = Record<string, unknown>;

/** A source of time that never goes back, in milliseconds. */
export interface Clock {
  now(): number;
}

/** A clock that is set by hand, for tests. */
export class ManualClock implements Clock {
  now(): number;
  advance(ms: number): void;
  set(ms: number): void;
}

export interface InterlockOptions {
  /** A server, such as `https://interlock.example:8080`. Without one the client decides by itself for ever. */
  url?: string;
  /** Several servers of one fleet, tried in order. */
  urls?: readonly string[];
  /** A key of role agent. */
  key?: string;
  /** Default `local`. */
  onUnreachable?: OnUnreachable;
  /** Circuits to hear of beside those that guards name. */
  watch?: readonly string[];
  /** Policies by name pattern, for as long as no server has said others. */
  policies?: Readonly<Record<string, PolicySettings>>;
  /** What a call waits for at most: a first answer about its circuits, or a trial. Default 200. */
  timeoutMs?: number;
  /** The first wait after a failed round of all servers, doubled up to the longest. Defaults 50 and 5,000. */
  backoffMs?: number;
  backoffMaxMs?: number;
  /** For people: what this process is called where operators see it. Default host, process and language. */
  name?: string;
  /** Hears a line when the client goes alone, and when it comes back. Default `console.warn`. */
  log?: (line: string) => void;
  /** For tests. */
  clock?: Clock;
  /** For tests: 0 to 1. */
  random?: () => number;
}

export interface Status {
  /** `connecting`, `connected`, the word of `onUnreachable`, `revoked` (the key is refused) or `closed`. */
  mode: 'connecting' | 'connected' | OnUnreachable | 'revoked' | 'closed';
  sinceMs: number;
  /** The server in use. */
  url: string | undefined;
  generation: number | undefined;
  /** Outcomes and entries of the log that no server has acknowledged yet. */
  waiting: number;
  /** Those that were dropped, since more than 10,000 were waiting or a server would not have them. */
  lost: number;
  /** Requests made so far. */
  requests: number;
  lastError: string | undefined;
}

export interface CircuitLook {
  name: string;
  state: 'closed' | 'open' | 'half_open';
  held: boolean;
  retryAfterMs: number | undefined;
  /** How often it opened by this process's own figures. */
  openings: number;
  decided: 'server' | 'local';
}

/** The front door. Make one for a process, and keep it. */
export class Interlock {
  constructor(options?: InterlockOptions);
  readonly onUnreachable: OnUnreachable;
  readonly version: string;
  readonly status: Status;
  /** A guard of an agent. Make one for each agent, and keep it. */
  guard(agent: string, options?: GuardOptions): Guard;
  /** An entry of the agent log, sent with the next report; waits for nobody. Without a server it goes nowhere. */
  log(agent: string, action: Action, details?: LogDetails): void;
  /** One run of an agent, whose entries in the agent log bear one id: by default a random one. */
  execution(agent: string, id?: string): Execution;
  /** What a circuit looks like now, without a request. */
  look(name: string): CircuitLook;
  /** Waits until the server has taken all that was reported, by default at most 2 s; whether it has. */
  flush(withinMs?: number): Promise<boolean>;
  /** Reports what is left, by default at most 2 s, and takes leave of the server. */
  close(withinMs?: number): Promise<void>;
}

/** What an entry of the agent log is about. */
export type Action = 'llm_inference' | 'tool_call' | 'decision' | 'error' | 'custom';

/** What an entry of the agent log says. Texts of more than 2,000 characters are cut; the server removes secrets. */
export interface LogDetails {
  /** Which model, tool or decision. */
  name?: string;
  /** What went wrong: an error, which is classified, or a text. With it the entry is a failure. */
  error?: unknown;
  errorKind?: FailureKind;
  retryAfterMs?: number;
  /** How long it took; it ended now. */
  tookMs?: number;
  input?: string;
  output?: string;
  tokens?: number;
  costUsd?: number;
  /** What the call depends on, as of a guard. */
  dependsOn?: readonly string[];
  caller?: string;
  metadata?: Readonly<Record<string, unknown>>;
  /** The run that it belongs to. */
  execution?: string;
  /** Whether its outcome is reported already: by default if this client has a guard of the agent. Else a call counts. */
  guarded?: boolean;
}

/** One run of an agent. */
export interface Execution {
  readonly agent: string;
  readonly id: string;
  log(action: Action, details?: Omit<LogDetails, 'execution'>): void;
}

export interface GuardOptions {
  /** What each call depends on: `model:…`, `tool:…`, `key:…`, or other agents. */
  dependsOn?: readonly string[];
  /** Who makes the calls, where that is not the agent; over the network for keys that bear `speaks_for`. */
  caller?: string;
  /** Circuits that a refusal names while they are closed, in place of those that the policy of the refusing circuit names. */
  alternatives?: readonly string[];
  /** Judges errors of one's own; `undefined` leaves it to {@link classifyError}. */
  classifyError?: (error: unknown) => Outcome | undefined;
  /** Judges results of one's own; `undefined` leaves it to {@link classifyResult}. */
  classifyResult?: (result: unknown) => Outcome | undefined;
  /**
   * Says what a call used, in place of {@link usageOf}; `undefined` is nothing. Asked with a result, each piece of a stream
   * (the largest numbers count), and the JSON of a whole answer of `wrapFetch`; without a server it is not asked.
   */
  usage?: (answer: any) => Usage | undefined;
  /**
   * The run whose calls it guards, such as `run.id`: once the server has found it in a loop, they are refused until that ends.
   * The server says so where it is asked for a trial, and where entries of the run come with a report.
   */
  execution?: string;
}

export interface CallOptions<F = never> {
  /** Handed to the work. A call that its caller gave up says nothing of health; one whose time was up is a `TIMEOUT`. */
  signal?: AbortSignal;
  /** Answers a refusal by this guard's own circuits. */
  fallback?: (refused: CircuitOpenError) => F | PromiseLike<F>;
}

/** Limits in milliseconds: for the first piece, between pieces, and in all. Only waiting for a piece counts for the first two. */
export interface StreamLimits {
  firstPieceMs?: number;
  idleMs?: number;
  totalMs?: number;
}

/** The limit for the first piece is one for the head of an answer as well. */
export interface FetchOptions extends StreamLimits {
  /** `answer` (default): a refused request is an answer 424, which SDKs do not repeat. `throw`: a {@link CircuitOpenError}. */
  refusal?: 'answer' | 'throw';
  /**
   * Origins of proxies of Interlock, such as `http://proxy:8080`: a call through one of them is counted there, once, and
   * names the guard's `execution`.
   */
  proxies?: readonly string[];
}

/** Asks the circuits around a call, makes it, and reports how it ended. */
export class Guard {
  private constructor();
  readonly agent: string;
  readonly execution: string | undefined;
  readonly dependsOn: readonly string[];
  readonly caller: string;
  readonly alternatives: readonly string[];
  /** Makes a call, if its circuits let it in; fails with a {@link CircuitOpenError} if they do not. */
  call<T, F = never>(work: (signal?: AbortSignal) => T | PromiseLike<T>, options?: CallOptions<F>): Promise<T | F>;
  /** A permit for a call that its holder makes, and settles. */
  acquire(): Promise<Permit>;
  /** An answer in pieces, guarded until it ends. Circuits are asked when the first piece is wanted. */
  stream<T>(
    source: AsyncIterable<T> | Iterable<T> | ((signal: AbortSignal) => AsyncIterable<T> | Iterable<T> | PromiseLike<AsyncIterable<T>>),
    limits?: StreamLimits,
  ): AsyncGenerator<T, void, undefined>;
  /** A `fetch` that guards each request, for any SDK that takes one. */
  wrapFetch(fetch?: typeof globalThis.fetch, options?: FetchOptions): typeof globalThis.fetch;
  /** Reports an outcome of a call that nobody guarded, and what it used. */
  record(outcome: Outcome, usage?: Usage): void;
}

/** Permission to make one call; settled once, by how that call ended. */
export class Permit {
  private constructor();
  readonly isSettled: boolean;
  succeed(): boolean;
  /** Settles as a failure: of a kind, or of the kind that an error means. */
  fail(error: FailureKind | unknown): boolean;
  /** Whether it was this that settled it: later settlements change nothing. */
  settle(outcome: Outcome): boolean;
  /** What the call used; goes with its outcome, so say it before. What is said last counts. */
  usage(usage: Usage): void;
  /** Runs something within this call: guarded calls in it are calls within that one. */
  run<T>(work: () => T): T;
  /** Makes as if there had been no call. */
  giveBack(): void;
}

/** A call was refused, and nothing was called. Its message ends with a sentence that says not to repeat the call. */
export class CircuitOpenError extends Error {
  constructor(refusal: Partial<Pick<CircuitOpenError, 'reason' | 'state' | 'retryAfterMs' | 'alternatives' | 'decided' | 'gate'>> & { circuit: string });
  readonly code: 'circuit_open';
  /** Who refused. */
  readonly circuit: string;
  readonly reason: 'open' | 'half_open' | 'held' | 'gate' | 'unreachable' | 'loop';
  readonly state: 'closed' | 'open' | 'half_open';
  /** When to retry; `undefined` where nobody knows. */
  readonly retryAfterMs: number | undefined;
  /** Circuits that are closed, of those that the guard, else the policy of the refusing circuit, names as alternatives. */
  readonly alternatives: readonly string[];
  readonly decided: 'server' | 'local';
  readonly gate: string | undefined;
  /** The last sentence of the message. */
  readonly sentence: string;
}

/** A failure whose kind its thrower knows. */
export class Failure extends Error {
  constructor(kind: FailureKind, more?: { message?: string; retryAfterMs?: number; attributedTo?: string; cause?: unknown });
  readonly kind: FailureKind;
  readonly retryAfterMs: number | undefined;
  readonly attributedTo: string | undefined;
}

/** A stream brought nothing for too long. */
export class StreamTimeoutError extends Error {}

/** The refusal in an error, wherever an SDK has wrapped it; `undefined` if no circuit refused. */
export function refusalOf(error: unknown): CircuitOpenError | undefined;

/** What a thrown error means; `signal` is that of the call. */
export function classifyError(error: unknown, signal?: AbortSignal): Outcome;

/**
 * What an answer of OpenAI's or Anthropic's API, or an event of a stream, says in its `usage`; `undefined` if that is nothing.
 * Anthropic counts tokens of caches beside those that went in: they are added up.
 */
export function usageOf(answer: unknown): Usage | undefined;

/** What a result means: an answer of `fetch` by its status, answers of models by their reason to finish. */
export function classifyResult(result: unknown): Outcome;

/** What an HTTP answer means: its status, its headers by name in lower case, and as much of its body as is at hand. */
export function classifyAnswer(
  status: number, header: (name: string) => string | null | undefined, body: string | undefined, nowMs?: number): Outcome;
