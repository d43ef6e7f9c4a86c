/* What circuits do, in words. */

import { serverNow } from './api.js';

/** Keeps a number and its unit on one line. */
const TIED = '\u00a0';

export const STATES = { open: 'Open', half_open: 'Half-open', closed: 'Closed' };

const KINDS = {
  TIMEOUT: 'timed out',
  CONNECTION: 'connection failed',
  SERVER_ERROR: 'server error',
  OVERLOADED: 'overloaded',
  EMPTY_RESPONSE: 'empty response',
  ERROR: 'error',
  MALFORMED_OUTPUT: 'malformed output',
  RATE_LIMITED: 'rate limited',
  QUOTA_EXHAUSTED: 'quota exhausted',
  AUTHENTICATION: 'authentication failed',
  FORBIDDEN: 'forbidden',
  MODEL_NOT_FOUND: 'model not found',
  LOOP: 'caught in a loop',
  BUDGET: 'over its budget',
  TOOL_ERROR: 'a tool failed',
  CONTEXT_LENGTH: 'the prompt is too long',
  INVALID_REQUEST: 'invalid request',
  CONTENT_FILTERED: 'content filtered',
  CANCELLED: 'cancelled',
  DOWNSTREAM_OPEN: 'refused by another circuit',
};

export const HEALTH = { healthy: 'Healthy', degraded: 'Degraded', critical: 'Critical', unknown: 'No calls lately' };

const HEALTH_CHANGES = {
  degrading: 'Became degraded',
  critical_from_healthy: 'Became critical',
  critical_from_degraded: 'From degraded to critical',
  recovering: 'From critical to degraded',
  recovered: 'Healthy again',
  recovered_from_critical: 'Healthy again, from critical',
};

export const healthChange = transition => HEALTH_CHANGES[transition] ?? transition.replaceAll('_', ' ');

const ACTION_TYPES = { llm_inference: 'Model', tool_call: 'Tool', decision: 'Decision', error: 'Error', custom: 'Note' };

export const actionType = type => ACTION_TYPES[type] ?? type;

const CAUSES = {
  failure_streak: 'failures in a row',
  failure_rate: 'failure rate',
  slow_call_rate: 'slow calls',
  failure_kind: 'a failure that opens at once',
  caller_alone: 'it fails alone',
  probes_failed: 'probes failed',
  cooldown_over: 'cooldown over',
  real_trial: 'a real trial',
  trial_failed: 'a trial failed',
  trials_succeeded: 'trials succeeded',
  override: 'action',
  health: 'health',
  hold_ended: 'hold ended',
};

export const ACTIONS = {
  open: 'Open',
  close: 'Close',
  reset: 'Reset',
  hold_open: 'Hold open',
  hold_closed: 'Hold closed',
  release: 'Release',
  probe_now: 'Probe now',
};

/** All kinds of failures and all causes that this page has words for, by name. */
export const KNOWN_KINDS = Object.keys(KINDS);
export const KNOWN_CAUSES = Object.keys(CAUSES);

export const stateText = circuit =>
  circuit.hold ? `Held ${STATES[circuit.state].toLowerCase()}` : STATES[circuit.state];

export const kindText = kind => KINDS[kind] ?? (kind ?? '').toLowerCase().replaceAll('_', ' ');

export const causeText = cause => CAUSES[cause] ?? (cause ?? '').replaceAll('_', ' ');

const whole = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const number = value => whole.format(value);

/** A large number in a few characters: 120K, 1.2M. */
export const shortNumber = value => short.format(value);

export const percent = fraction =>
  `${fraction > 0 && fraction < 0.1 ? (fraction * 100).toFixed(1) : Math.round(fraction * 100)}${TIED}%`;

export const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** What happens in each minute, hour or day happens a minute, an hour, a day. */
export const aPeriod = unit => (unit === 'hour' ? 'an hour' : `a ${unit}`);

/** A duration that may be short: 40 ms, 1.2 s, 14 s. */
export const latency = millis => (millis < 1000 ? `${Math.round(millis)}${TIED}ms`
  : millis < 10_000 ? `${(millis / 1000).toFixed(1)}${TIED}s` : span(millis));

/** A time span, with its two largest units. */
export function span(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  if (seconds < 60) {
    return `${seconds}${TIED}s`;
  }
  if (seconds < 3600) {
    return two(seconds, 60, 'min', 1, 's');
  }
  return seconds < 86_400 ? two(seconds, 3600, 'h', 60, 'min') : two(seconds, 86_400, 'd', 3600, 'h');
}

function two(seconds, large, largeName, small, smallName) {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${TIED}${largeName}${rest ? `${TIED}${rest}${TIED}${smallName}` : ''}`;
}

export const since = time => (time ? span(serverNow() - Date.parse(time)) : null);

export const remaining = time => {
  const left = Date.parse(time) - serverNow();
  return left > 0 ? `in ${span(left)}` : 'due';
};

const ZONE_SLOT = 'interlock.zone';

let formats = formatsOf(sessionStorage.getItem(ZONE_SLOT) ?? undefined);

/** All ways to write a time, in one zone; without one in the browser's own. */
function formatsOf(zone) {
  const format = options => new Intl.DateTimeFormat(undefined, { timeZone: zone, ...options });
  return {
    utc: zone === 'UTC',
    clock: format({ hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }),
    minutes: format({ hour: '2-digit', minute: '2-digit', hour12: false }),
    day: format({ day: 'numeric', month: 'short' }),
    dayOfYear: format({ day: 'numeric', month: 'short', year: 'numeric' }),
    offset: new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' }),
  };
}

/** Whether times are written in UTC, in place of the browser's zone. */
export const isUtc = () => formats.utc;

/** Writes times in UTC, or in the browser's zone. */
export function showUtc(utc) {
  utc ? sessionStorage.setItem(ZONE_SLOT, 'UTC') : sessionStorage.removeItem(ZONE_SLOT);
  formats = formatsOf(utc ? 'UTC' : undefined);
  window.dispatchEvent(new Event('interlock-zone'));
}

/** In which zone times are written: `Europe/Berlin, UTC+1`. */
export function zoneText() {
  if (formats.utc) {
    return 'UTC';
  }
  const offset = formats.offset.formatToParts(new Date(serverNow())).find(part => part.type === 'timeZoneName').value;
  const name = formats.clock.resolvedOptions().timeZone;
  return name === 'UTC' ? name : `${name}, ${offset.replace('GMT', 'UTC')}`;
}

const dayText = date => formats.dayOfYear.format(date);

const isToday = date => dayText(new Date(serverNow())) === dayText(date);

/** A point in time as short as it can be said. */
export function time(text, withSeconds = true) {
  const date = new Date(text);
  const hours = (withSeconds ? formats.clock : formats.minutes).format(date);
  return isToday(date) ? hours : `${formats.day.format(date)}, ${hours}`;
}

/** A time on an axis, in milliseconds: the day if it is another day than before, else the hour and minute. */
export function shortTime(at, before) {
  const hours = formats.minutes.format(new Date(at));
  const midnight = hours === '00:00' || hours === '24:00';
  return midnight || (before !== null && at - before >= 86_400_000) ? formats.day.format(new Date(at)) : hours;
}

export const date = text => dayText(new Date(text));

const CARRIED_OVER = { restart: 'since before the restart', process: 'decided by another process' };

/** Where a cause is from, if not from this server's own life: in brackets behind the cause. */
export const carriedOver = circuit => (CARRIED_OVER[circuit.carried_over] ? ` (${CARRIED_OVER[circuit.carried_over]})` : '');

/** What is said of an agent that is known from before. */
export const IDLE = 'Not called since the start';

/** Why the circuit is as it is, in a sentence; null if it never changed. */
export function why(circuit) {
  const calls = circuit.failure_count + circuit.success_count;
  const kind = circuit.kind ? kindText(circuit.kind) : null;
  switch (circuit.cause) {
    case 'failure_streak':
      return `${plural(circuit.consecutive_failures, 'failure')} in a row${kind ? `; the last: ${kind}` : ''}.`;
    case 'failure_rate':
      return `${number(circuit.failure_count)} of the last ${plural(calls, 'call')} failed`
        + ` (${percent(circuit.failure_rate)})${kind ? `; the last: ${kind}` : ''}.`;
    case 'slow_call_rate':
      return circuit.slow_count === 0 ? 'Too many of its calls were slow.' : `${number(circuit.slow_count)} of the last ${plural(calls, 'call')} were slow.`;
    case 'failure_kind':
      return `One failure of a kind that opens at once: ${kind}.`;
    case 'caller_alone':
      return `Its calls fail while the upstream answers other callers${kind ? `; the last: ${kind}` : ''}.`;
    case 'probes_failed':
      return 'A call failed, and all probes that were asked at once failed as well.';
    case 'trial_failed':
      return `A trial failed${kind ? `: ${kind}` : ''}.`;
    case 'trials_succeeded':
      return 'Its trials succeeded.';
    case 'cooldown_over':
      return 'The cooldown has passed, and trials are let through.';
    case 'real_trial':
      return 'A real call is let through, since probes alone decide nothing.';
    case 'health':
      return 'Its health was critical.';
    case 'hold_ended':
      return 'A hold ended.';
    case 'override':
      return 'Somebody took this action.';
    default:
      return null;
  }
}

/** What happens next by itself. */
export function outlook(circuit, wait) {
  if (circuit.hold) {
    const end = circuit.hold.until ? `until ${time(circuit.hold.until, false)}` : 'until somebody releases it';
    return circuit.state === 'open'
      ? `Every call is refused ${end}.`
      : `Every call is let through ${end}, whatever fails.`;
  }
  switch (circuit.state) {
    case 'open':
      if (circuit.probe?.trusted) {
        return wait > 0 ? `Probes say when calls are tried again: in ${span(wait)} at the soonest.` : 'Probes say when calls are tried again.';
      }
      return wait > 0 ? `The first trial may come in ${span(wait)}.` : 'The cooldown is over: the next call is a trial.';
    case 'half_open':
      return `${plural(circuit.trials_out, 'trial')} running, ${number(circuit.trials_succeeded)} succeeded.`;
    default:
      return 'Calls are let through.';
  }
}

/** Who took the action; a key's id is in the longer form. */
// A text that is written from right to left, or turns the direction, must not turn the text around it.
const TURNS = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A text of others for the middle of a sentence that is one text, such as a title or a message. */
export const isolated = text => (TURNS.test(text ?? '') ? `\u2068${text}\u2069` : text ?? '');

export const shortActor = actor => isolated((actor ?? '').replace(/ \((key|token of) .*\)$/, ''));
