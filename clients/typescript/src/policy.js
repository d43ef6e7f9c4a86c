/** Policies: settings as in files, requests and the server's answers, prepared for decisions. Times are in milliseconds. */
import { isKind, treatment } from './kinds.js';

const NAMED = {
  window_calls: 20,
  cooldown_multiplier: 2,
  cooldown_jitter: 0.1,
  cooldowns_ms: { QUOTA_EXHAUSTED: 900_000, AUTHENTICATION: 300_000 },
};
const RECOMMENDED = { ...NAMED, failure_threshold: 3, cooldown_max_ms: 240_000 };
const UPSTREAM = { ...NAMED, cooldown_max_ms: 120_000, trials_at_once: 1, min_callers: 2, upstream: true };

/** The built-in policies, without probes: a client makes no probes. */
const BUILT_IN = {
  default: {},
  recommended: RECOMMENDED,
  'recommended+probe': { ...RECOMMENDED, cooldown_ms: 30_000 },
  upstream: UPSTREAM,
  'upstream+probe': { ...UPSTREAM, cooldown_ms: 15_000 },
  attempts: { ...RECOMMENDED, failure_threshold: 8, failure_rate_threshold: 0.7 },
};

const UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const TIMES = ['window', 'cooldown', 'cooldown_max', 'retry_after_min', 'retry_after_max', 'trial_timeout', 'slow_call_duration'];
const WHOLE = {
  failure_threshold: 1_000_000,
  min_requests_for_rate: 1_000_000,
  window_calls: 1_000_000,
  half_open_max_requests: 1_000,
  trials_at_once: 1_000,
  success_threshold: 1_000,
  min_callers: 64,
};
const RATES = ['failure_rate_threshold', 'slow_call_rate_threshold'];
const OTHERS = [
  'base', 'cooldown_multiplier', 'cooldown_jitter', 'cooldowns', 'cooldowns_ms', 'failure_kinds', 'upstream', 'mode', 'probe', 'scope',
  'alternatives',
];
const MAY_BE_OFF = ['failure_threshold', 'slow_call_duration', ...RATES, 'probe'];
const SHOWN_AS_NULL = ['window', 'window_calls', 'cooldowns', 'cooldowns_ms', 'failure_kinds', 'alternatives'];
const RATE_LIMIT_JITTER = 0.2;

/** Milliseconds of `60s`, `PT1M30.5S` or a number; undefined for anything else. */
export function milliseconds(value) {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const short = /^(\d{1,12})\s*(ms|s|m|h|d)$/.exec(value.trim());
  if (short) return Number(short[1]) * UNIT[short[2]];
  const iso = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i.exec(value.trim());
  if (!iso || value.trim().length < 3) return undefined;
  const [days, hours, minutes, seconds] = iso.slice(1).map((part) => Number(part ?? 0));
  return days * UNIT.d + hours * UNIT.h + minutes * UNIT.m + seconds * UNIT.s;
}

/** A policy prepared for decisions. Immutable. */
export class Policy {
  /** @param {Record<string, any>} given checked settings, times in `…_ms` */
  constructor(given) {
    const set = { ...BUILT_IN[given.base ?? 'default'], ...given };
    if (given.window_ms != null) delete set.window_calls;
    const or = (name, otherwise) => set[name] ?? otherwise;
    const off = (name, otherwise) => (set[name] === undefined ? otherwise : set[name]);
    this.failureThreshold = off('failure_threshold', 5) ?? Infinity;
    this.failureRateThreshold = off('failure_rate_threshold', 0.5) ?? Infinity;
    this.minimum = or('min_requests_for_rate', 10);
    this.windowCalls = or('window_calls', 0);
    this.windowMs = or('window_ms', 60_000);
    this.cooldown = or('cooldown_ms', 60_000);
    this.cooldownMultiplier = or('cooldown_multiplier', 1);
    this.cooldownMax = or('cooldown_max_ms', Math.max(this.cooldown, 240_000));
    this.cooldownJitter = or('cooldown_jitter', 0);
    this.cooldowns = { ...or('cooldowns_ms', {}) };
    this.retryAfterMax = or('retry_after_max_ms', 3_600_000);
    this.retryAfterMin = or('retry_after_min_ms', Math.min(1_000, this.retryAfterMax));
    this.halfOpenMaxRequests = or('half_open_max_requests', 3);
    this.trialsAtOnce = or('trials_at_once', this.halfOpenMaxRequests);
    this.successThreshold = or('success_threshold', 2);
    this.trialTimeout = or('trial_timeout_ms', Math.max(this.cooldown, 120_000));
    this.slowCallDuration = or('slow_call_duration_ms', Infinity);
    this.slowCallRateThreshold = or('slow_call_rate_threshold', Infinity);
    this.failureKinds = { ...or('failure_kinds', {}) };
    this.minCallers = or('min_callers', 1);
    this.upstream = or('upstream', false);
    this.observes = set.mode === 'observe';
    this.alternatives = Object.freeze([...or('alternatives', [])]);
    /** Whether a good call need only be counted. */
    this.isPlain = this.minCallers === 1 && this.slowCallDuration === Infinity;
    /** Two policies can share a window if this is the same. */
    this.shape = `${this.windowCalls || `${this.windowMs}ms`}/${this.slowCallDuration !== Infinity}`;
    Object.freeze(this);
  }

  treatment(kind, hasRetryAfter) {
    return this.failureKinds[kind] ?? treatment(kind, hasRetryAfter);
  }

  /** How long a failure asks to wait, as this policy counts it; 0 if it asks for none. */
  wait(outcome, random) {
    const asked = outcome.retryAfterMs ?? 0;
    if (!(asked > 0)) return 0;
    const wait = Math.min(Math.max(asked, this.retryAfterMin), this.retryAfterMax);
    return outcome.kind === 'RATE_LIMITED'
      ? Math.min(wait * (1 + RATE_LIMIT_JITTER * random()), this.retryAfterMax)
      : wait;
  }

  /**
   * The cooldown of an opening.
   *
   * @param {number} failedTrials since the trip
   * @param {string | undefined} kind of the failure that opens
   * @param {number} wait how long that failure asks to wait; 0 for none
   * @param {number} longest the longest wait of its streak that is still left, including its own; 0 for none
   * @param {() => number} random
   */
  cooldownOf(failedTrials, kind, wait, longest, random) {
    const asked = this.minCallers > 1 ? wait : longest;
    if (kind === 'RATE_LIMITED' && wait > 0) return asked;
    const base = (kind !== undefined ? this.cooldowns[kind] : undefined) ?? this.cooldown;
    const grown = Math.min(base * this.cooldownMultiplier ** failedTrials, Math.max(this.cooldownMax, base));
    return Math.max(grown * (1 + this.cooldownJitter * random()), asked);
  }
}

/**
 * Checks settings that a person wrote, and makes a policy of them.
 *
 * @param {Record<string, unknown>} settings in snake_case; times as `cooldown: '60s'` or `cooldown_ms: 60000`
 * @returns {Policy}
 * @throws {TypeError} naming every setting that is unknown or out of its range
 */
export function policyOf(settings) {
  const problems = [];
  const read = {};
  for (const [name, value] of Object.entries(settings)) {
    const problem = take(read, name, value);
    if (problem) problems.push(`${name} = ${JSON.stringify(value)}: ${problem}`);
  }
  if (problems.length === 0) {
    const policy = new Policy(read);
    problems.push(...together(policy));
    if (problems.length === 0) return policy;
  }
  throw new TypeError(`A policy cannot be used. ${problems.join('; ')}`);
}

/** A policy that the server sent. Settings that this release does not know are left out: the server may be newer. */
export function policyHeard(settings) {
  const read = {};
  for (const [name, value] of Object.entries(settings ?? {})) take(read, name, value);
  return new Policy(read);
}

function take(read, name, value) {
  if (value === null) {
    const plain = name.replace(/_ms$/, '');
    if (!MAY_BE_OFF.includes(plain) && !SHOWN_AS_NULL.includes(plain)) return 'a value, since this rule cannot be turned off';
    if (MAY_BE_OFF.includes(plain)) read[TIMES.includes(plain) ? `${plain}_ms` : plain] = null;
    return undefined;
  }
  const time = name.replace(/_ms$/, '');
  if (TIMES.includes(time)) {
    const wait = name === time || typeof value === 'number' ? milliseconds(value) : undefined;
    if (wait === undefined || wait < 1 || (name === time && typeof value === 'number')) {
      return `a time above zero, such as ${time}: '60s' or ${time}_ms: 60000`;
    }
    read[`${time}_ms`] = wait;
  } else if (Object.hasOwn(WHOLE, name)) {
    if (!Number.isInteger(value) || value < 1 || value > WHOLE[name]) return `a whole number from 1 to ${WHOLE[name]}`;
    read[name] = value;
  } else if (RATES.includes(name)) {
    if (!(typeof value === 'number' && value > 0 && value <= 1)) return 'a fraction above 0, at most 1';
    read[name] = value;
  } else {
    return takeOther(read, name, value);
  }
  return undefined;
}

function takeOther(read, name, value) {
  if (!OTHERS.includes(name)) return 'there is no such setting';
  switch (name) {
    case 'base':
      if (!Object.hasOwn(BUILT_IN, value)) return `one of ${Object.keys(BUILT_IN).join(', ')}`;
      break;
    case 'cooldown_multiplier':
      if (!(value >= 1 && value <= 100)) return 'a number from 1 to 100';
      break;
    case 'cooldown_jitter':
      if (!(value >= 0 && value <= 1)) return 'a number from 0 to 1';
      break;
    case 'cooldowns':
    case 'cooldowns_ms': {
      const times = Object.entries(value).map(([kind, time]) => [kind, milliseconds(time)]);
      if (times.some(([kind, time]) => !isKind(kind) || !(time >= 1))) return 'times above zero by kind of failure';
      read.cooldowns_ms = Object.fromEntries(times);
      return undefined;
    }
    case 'failure_kinds':
      for (const [kind, treated] of Object.entries(value)) {
        if (!isKind(kind) || !['COUNT', 'TRIP', 'ANSWERED', 'IGNORE'].includes(treated)) {
          return 'COUNT, TRIP, ANSWERED or IGNORE by kind of failure';
        }
      }
      break;
    case 'upstream':
      if (typeof value !== 'boolean') return 'true or false';
      break;
    case 'mode':
      if (value !== 'enforce' && value !== 'observe') return 'enforce or observe';
      break;
    case 'alternatives':
      if (!Array.isArray(value) || !value.every((each) => typeof each === 'string' && each !== '' && each.length <= 256)) {
        return 'a list of names of circuits, such as ["model:small"]';
      }
      break;
    default: // probe and scope are the server's
      return undefined;
  }
  read[name] = value;
  return undefined;
}

function together(policy) {
  const problems = [];
  if (policy.successThreshold > policy.halfOpenMaxRequests) {
    problems.push(`success_threshold = ${policy.successThreshold}: at most half_open_max_requests, ${policy.halfOpenMaxRequests}`);
  }
  if (policy.trialsAtOnce > policy.halfOpenMaxRequests) {
    problems.push(`trials_at_once = ${policy.trialsAtOnce}: at most half_open_max_requests, ${policy.halfOpenMaxRequests}`);
  }
  const rate = policy.failureRateThreshold !== Infinity || policy.slowCallRateThreshold !== Infinity;
  if (rate && policy.windowCalls > 0 && policy.minimum > policy.windowCalls) {
    problems.push(`min_requests_for_rate = ${policy.minimum}: at most window_calls, ${policy.windowCalls}`);
  }
  if ((policy.slowCallDuration === Infinity) !== (policy.slowCallRateThreshold === Infinity)) {
    problems.push('slow_call_duration and slow_call_rate_threshold: both or none');
  }
  if (policy.cooldownMax < policy.cooldown) {
    problems.push(`cooldown_max = ${policy.cooldownMax} ms: at least the cooldown, ${policy.cooldown} ms`);
  }
  return problems;
}

/** A table of policies by name pattern; the most specific pattern that fits decides. */
export class Policies {
  #patterns = [];
  #otherwise = new Policy({});

  /** @param {Record<string, Record<string, unknown>>} table settings by pattern */
  constructor(table = {}) {
    for (const [pattern, settings] of Object.entries(table)) {
      const policy = policyOf(settings);
      if (pattern === 'default' || pattern === '*') this.#otherwise = policy;
      else this.#patterns.push([pattern, policy]);
    }
    const stars = (pattern) => pattern.split('*').length - 1;
    const literals = (pattern) => pattern.length - stars(pattern);
    this.#patterns.sort(([one], [other]) =>
      Number(stars(one) > 0) - Number(stars(other) > 0) || literals(other) - literals(one) || stars(one) - stars(other));
  }

  of(name) {
    return this.#patterns.find(([pattern]) => matches(pattern, name))?.[1] ?? this.#otherwise;
  }
}

/** Whether all of a name fits a pattern, in which `*` stands for any characters; in time linear in both, but for parts. */
export function matches(pattern, name) {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === name;
  const first = parts[0];
  const last = parts[parts.length - 1];
  const end = name.length - last.length;
  if (end < first.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
