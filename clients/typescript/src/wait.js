/**
 * How long a failing side asks to be left alone, in each of the forms that providers send, in milliseconds. A value that
 * cannot be read completely counts as no wait, and so does a wait of zero or until a past moment. RFC 9110, sections 5.6.7
 * and 10.2.3; the headers of the providers as their documentation describes them.
 */

/** The longest wait; longer ones are cut to it: some 31 years. */
const LONGEST = 999_999_999_000;

/** How much of a text is read. */
export const LONGEST_TEXT = 8_192;

const IN_MILLIS = ['retry-after-ms', 'x-ms-retry-after-ms'];

/** What remains of a limit, and when it is filled again; the second counts where the first is 0. */
const LIMITS = [
  ['x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
  ['x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'],
  ['anthropic-ratelimit-requests-remaining', 'anthropic-ratelimit-requests-reset'],
  ['anthropic-ratelimit-tokens-remaining', 'anthropic-ratelimit-tokens-reset'],
  ['anthropic-ratelimit-input-tokens-remaining', 'anthropic-ratelimit-input-tokens-reset'],
  ['anthropic-ratelimit-output-tokens-remaining', 'anthropic-ratelimit-output-tokens-reset'],
  ['ratelimit-remaining', 'ratelimit-reset'],
];

const PHRASES = ['try again in ', 'try again after ', 'retry in ', 'retry after '];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const IMF = /^(?:[a-z]{3}, )?(\d{1,2}) ([a-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:gmt|utc|\+0000)$/i;
const RFC_850 = /^[a-z]{6,9}, (\d\d)-([a-z]{3})-(\d\d) (\d\d):(\d\d):(\d\d) gmt$/i;
const ASCTIME = /^[a-z]{3} ([a-z]{3}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})$/i;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/i;
const SECOND = 1_000;
const UNITS = {
  ms: 1, milliseconds: 1,
  s: SECOND, sec: SECOND, secs: SECOND, second: SECOND, seconds: SECOND,
  m: 60 * SECOND, min: 60 * SECOND, mins: 60 * SECOND, minute: 60 * SECOND, minutes: 60 * SECOND,
  h: 3_600 * SECOND, hr: 3_600 * SECOND, hrs: 3_600 * SECOND, hour: 3_600 * SECOND, hours: 3_600 * SECOND,
  d: 86_400 * SECOND, day: 86_400 * SECOND, days: 86_400 * SECOND,
};

/**
 * The wait that headers ask for: milliseconds first, then Retry-After, then the longest reset of the limits that are used
 * up.
 *
 * @param {(name: string) => string | null | undefined} header a header's value by its name in lower case
 * @param {number} now the wall clock's time, against which a date is calculated
 * @returns {number | undefined} milliseconds from now on, above zero
 */
export function ofHeaders(header, now) {
  for (const name of IN_MILLIS) {
    const wait = decimal(header(name), 1);
    if (wait !== undefined) return wait;
  }
  return ofHeader(header('retry-after'), now) ?? ofLimits(header, now);
}

/** The value of a Retry-After header: seconds, with decimals or not, or a date in one of the three forms. */
export function ofHeader(value, now) {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return /^\d/.test(text) && decimalText(text) ? decimal(text, SECOND) : until(httpDate(text, now), now);
}

/** The wait in a message: "Please try again in 20.5s", "retry after 6m0s", "retry in 20 seconds". */
export function ofText(text) {
  const lower = text.slice(0, LONGEST_TEXT).toLowerCase();
  for (const phrase of PHRASES) {
    for (let at = lower.indexOf(phrase); at >= 0; at = lower.indexOf(phrase, at + 1)) {
      const [wait] = spoken(lower, at + phrase.length);
      if (wait > 0) return Math.min(wait, LONGEST);
    }
  }
  return undefined;
}

function ofLimits(header, now) {
  let longest;
  for (const [remaining, reset] of LIMITS) {
    if (header(remaining)?.trim() === '0') {
      const wait = ofReset(header(reset), now);
      if (wait !== undefined && (longest === undefined || wait > longest)) longest = wait;
    }
  }
  return longest;
}

/** A reset is a time with units, a number of seconds, or a moment by RFC 3339. */
function ofReset(value, now) {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const [wait, end] = spoken(text.toLowerCase(), 0);
  if (end === text.length && end > 0) return positive(wait);
  return decimal(text, SECOND) ?? (RFC_3339.test(text) ? until(Date.parse(text), now) : undefined);
}

/** A duration such as `1m12.5s` at a position of a text, and the position where it ends. */
function spoken(text, from) {
  const part = /(\d{1,40}(?:\.\d{1,40})?) ?([a-z]+)/y;
  let sum = 0;
  let at = from;
  for (;;) {
    part.lastIndex = at;
    const found = part.exec(text);
    if (found === null || !Object.hasOwn(UNITS, found[2])) return [sum, at];
    sum += Number(found[1]) * UNITS[found[2]];
    at = part.lastIndex;
  }
}

const decimalText = (text) => /^\d+(?:\.\d+)?$/.test(text);

function decimal(value, unit) {
  const text = value?.trim();
  return text !== undefined && decimalText(text) ? positive(Number(text) * unit) : undefined;
}

const positive = (wait) => (wait > 0 ? Math.min(wait, LONGEST) : undefined);

const until = (end, now) => (Number.isFinite(end) ? positive(end - now) : undefined);

function httpDate(text, now) {
  let found = IMF.exec(text);
  if (found) return moment(Number(found[3]), found[2], found[1], found[4], found[5], found[6]);
  found = ASCTIME.exec(text);
  if (found) return moment(Number(found[6]), found[1], found[2], found[3], found[4], found[5]);
  found = RFC_850.exec(text);
  if (!found) return NaN;
  // A year of two digits is the latest of the century that ends 50 years from now.
  const last = new Date(now).getUTCFullYear() + 50;
  const year = last - (((last - Number(found[3])) % 100) + 100) % 100;
  return moment(year, found[2], found[1], found[4], found[5], found[6]);
}

function moment(year, month, day, hour, minute, second) {
  const index = MONTHS.indexOf(month.toLowerCase());
  const inRange = Number(day) >= 1 && Number(day) <= 31 && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  return index < 0 || !inRange ? NaN : Date.UTC(year, index, Number(day), Number(hour), Number(minute), Number(second));
}
