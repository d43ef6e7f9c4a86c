/** Why a call failed. `RATE_LIMITED` and similar kinds come from providers; `ERROR` is a failure that is not recognised. */
export type FailureKind =
  | 'TIMEOUT' | 'CONNECTION' | 'SERVER_ERROR' | 'OVERLOADED' | 'EMPTY_RESPONSE' | 'ERROR' | 'MALFORMED_OUTPUT' | 'RATE_LIMITED'
  | 'QUOTA_EXHAUSTED' | 'AUTHENTICATION' | 'FORBIDDEN' | 'MODEL_NOT_FOUND' | 'LOOP' | 'BUDGET' | 'TOOL_ERROR' | 'CONTEXT_LENGTH'
  | 'INVALID_REQUEST' | 'CONTENT_FILTERED' | 'CANCELLED' | 'DOWNSTREAM_OPEN';

export const FAILURE_KINDS: readonly FailureKind[];

/** The release of this client, which is that of its server. */
export const VERSION: string;

/** How a call ended. Without a kind it is a success. */
export interface Outcome {
  kind?: FailureKind;
  /** How long the failing side asks to be left alone; zero means that it does not ask. */
  retryAfterMs?: number;
  /** The circuit that a failure is attributed to: the guard's own, or one that it depends on. Otherwise its kind decides. */
  attributedTo?: string;
  /** Whether the kind was read from the status of an answer. */
  ofStatus?: boolean;
  /** How long the call took, if that is not the time since it was admitted. */
  tookMs?: number;
}

/** What one call used, for budgets. */
export interface Usage {
  /** All tokens that went in, including those read from a cache. */
  tokensIn?: number;
  tokensOut?: number;
  /** How many of `tokensIn` were read from a cache. */
  tokensCached?: number;
  /** US dollars; without it the price of the call's model counts, if the server has one. */
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
  /** A server, such as `https://interlock.example:8080`. Without one the client always decides by itself. */
  url?: string;
  /** Several servers of one fleet, tried in order. */
  urls?: readonly string[];
  /** A key of role agent. */
  key?: string;
  /** Default `local`. */
  onUnreachable?: OnUnreachable;
  /** Circuits to hear of, in addition to those that guards name. */
  watch?: readonly string[];
  /** Policies by name pattern, used until a server has sent others. */
  policies?: Readonly<Record<string, PolicySettings>>;
  /** How long a call waits at most for a first answer about its circuits, or for a trial. Default 200. */
  timeoutMs?: number;
  /** The first wait after all servers have failed; it doubles each time, up to the longest. Defaults 50 and 5,000. */
  backoffMs?: number;
  backoffMaxMs?: number;
  /** The name that operators see for this process. Default host, process and language. */
  name?: string;
  /** Called with a line when the client is cut off from all servers, and when it is connected again. Default `console.warn`. */
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
  /** Those that were dropped, because more than 10,000 were waiting or a server rejected them. */
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

/** The entry point of the client. Make one per process, and keep it. */
export class Interlock {
  constructor(options?: InterlockOptions);
  readonly onUnreachable: OnUnreachable;
  readonly version: string;
  readonly status: Status;
  /** A guard for an agent. Make one for each agent, and keep it. */
  guard(agent: string, options?: GuardOptions): Guard;
  /** Adds an entry to the agent log; it goes with the next report, and nothing waits for it. Without a server it is dropped. */
  log(agent: string, action: Action, details?: LogDetails): void;
  /** One run of an agent. All its entries in the agent log have the same id, by default a random one. */
  execution(agent: string, id?: string): Execution;
  /** What a circuit looks like now, without a request. */
  look(name: string): CircuitLook;
  /** Waits until the server has taken all reports, by default at most 2 s. Returns whether it has. */
  flush(withinMs?: number): Promise<boolean>;
  /** Reports what is left, by default for at most 2 s, and says goodbye to the server. */
  close(withinMs?: number): Promise<void>;
}

/** What an entry of the agent log is about. */
export type Action = 'llm_inference' | 'tool_call' | 'decision' | 'error' | 'custom';

/** The fields of an entry of the agent log. Texts of more than 2,000 characters are cut; the server removes secrets. */
export interface LogDetails {
  /** The name of the model, tool or decision. */
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
  /** What the call depends on, as with a guard. */
  dependsOn?: readonly string[];
  caller?: string;
  metadata?: Readonly<Record<string, unknown>>;
  /** The run that the entry belongs to. */
  execution?: string;
  /** Whether its outcome is already reported: by default if this client has a guard for the agent. If not, a call counts. */
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
  /** Who makes the calls, if that is not the agent. A server accepts it only with a key that has `speaks_for`. */
  caller?: string;
  /** Circuits that a refusal names while they are closed, in place of those in the policy of the refusing circuit. */
  alternatives?: readonly string[];
  /** Judges your own errors; `undefined` leaves it to {@link classifyError}. */
  classifyError?: (error: unknown) => Outcome | undefined;
  /** Judges your own results; `undefined` leaves it to {@link classifyResult}. */
  classifyResult?: (result: unknown) => Outcome | undefined;
  /**
   * Says what a call used, in place of {@link usageOf}; `undefined` is nothing. Called with a result, with each piece of a
   * stream (the largest numbers count), and with the JSON of a whole answer of `wrapFetch`. Not called without a server.
   */
  usage?: (answer: any) => Usage | undefined;
  /**
   * The run whose calls it guards, such as `run.id`: once the server has found the run in a loop, its calls are refused until
   * that ends. The server says so when it is asked for a trial, and when entries of the run come with a report.
   */
  execution?: string;
}

export interface CallOptions<F = never> {
  /** Passed to the work. A call that its caller gave up says nothing about health; a call whose time is up is a `TIMEOUT`. */
  signal?: AbortSignal;
  /** Answers a refusal by this guard's own circuits. */
  fallback?: (refused: CircuitOpenError) => F | PromiseLike<F>;
}

/** Limits in milliseconds: for the first piece, between pieces, and in all. For the first two only waiting for a piece counts. */
export interface StreamLimits {
  firstPieceMs?: number;
  idleMs?: number;
  totalMs?: number;
}

/** The limit for the first piece is also the limit for the head of an answer. */
export interface FetchOptions extends StreamLimits {
  /** `answer` (default): a refused request is answered with 424, which SDKs do not repeat. `throw`: a {@link CircuitOpenError}. */
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
  /** Makes a call if its circuits admit it; fails with a {@link CircuitOpenError} if they do not. */
  call<T, F = never>(work: (signal?: AbortSignal) => T | PromiseLike<T>, options?: CallOptions<F>): Promise<T | F>;
  /** A permit for a call that you make and settle yourself. */
  acquire(): Promise<Permit>;
  /** An answer in pieces, guarded until it ends. The circuits are asked when your code asks for the first piece. */
  stream<T>(
    source: AsyncIterable<T> | Iterable<T> | ((signal: AbortSignal) => AsyncIterable<T> | Iterable<T> | PromiseLike<AsyncIterable<T>>),
    limits?: StreamLimits,
  ): AsyncGenerator<T, void, undefined>;
  /** A `fetch` that guards each request, for any SDK that takes one. */
  wrapFetch(fetch?: typeof globalThis.fetch, options?: FetchOptions): typeof globalThis.fetch;
  /** Reports the outcome of a call that was not guarded, and what it used. */
  record(outcome: Outcome, usage?: Usage): void;
}

/** Permission to make one call. It is settled once, with how that call ended. */
export class Permit {
  private constructor();
  readonly isSettled: boolean;
  succeed(): boolean;
  /** Settles as a failure: of a kind, or of the kind that an error means. */
  fail(error: FailureKind | unknown): boolean;
  /** Returns whether this settled the permit: later settlements change nothing. */
  settle(outcome: Outcome): boolean;
  /** What the call used. It is sent with the outcome, so set it before you settle. The last value counts. */
  usage(usage: Usage): void;
  /** Runs something within this call: guarded calls in it are calls within that one. */
  run<T>(work: () => T): T;
  /** Gives the permit back, as if there had been no call. */
  giveBack(): void;
}

/** A call was refused, and nothing was called. Its message ends with a sentence that says not to repeat the call. */
export class CircuitOpenError extends Error {
  constructor(refusal: Partial<Pick<CircuitOpenError, 'reason' | 'state' | 'retryAfterMs' | 'alternatives' | 'decided' | 'gate' | 'why'>> & { circuit: string });
  readonly code: 'circuit_open';
  /** The circuit that refused. */
  readonly circuit: string;
  readonly reason: 'open' | 'half_open' | 'held' | 'gate' | 'unreachable' | 'loop';
  readonly state: 'closed' | 'open' | 'half_open';
  /** When to retry; `undefined` if that is not known. */
  readonly retryAfterMs: number | undefined;
  /** The alternatives that are closed: the guard's, or if it has none, those in the policy of the refusing circuit. */
  readonly alternatives: readonly string[];
  readonly decided: 'server' | 'local';
  readonly gate: string | undefined;
  /** What the gate says, such as which budget is used up. */
  readonly why: string | undefined;
  /** The last sentence of the message. */
  readonly sentence: string;
}

/** A failure whose kind the code that throws it knows. */
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
 * The `usage` of an answer of OpenAI's or Anthropic's API, or of an event of a stream; `undefined` if there is none.
 * Anthropic reports tokens of caches separately from those that went in: they are added up.
 */
export function usageOf(answer: unknown): Usage | undefined;

/** What a result means: a response of `fetch` by its status, answers of models by their finish reason. */
export function classifyResult(result: unknown): Outcome;

/** What an HTTP answer means: its status, its headers by name in lower case, and as much of its body as is at hand. */
export function classifyAnswer(
  status: number, header: (name: string) => string | null | undefined, body: string | undefined, nowMs?: number): Outcome;
