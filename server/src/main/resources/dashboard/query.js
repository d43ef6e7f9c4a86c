/*
 * The words of a query: `kind:LOOP dep:model:* team=billing planner`. What they mean is documented in docs/dashboard.md; the
 * server reads them in the same way, and examples among its tests hold both to it.
 */

import { KNOWN_CAUSES, KNOWN_KINDS } from './words.js';

const STATES = ['open', 'half_open', 'closed', 'held'];
const HEALTHS = ['critical', 'degraded', 'well'];

/** Words before a colon, each with the values that a circuit has for it. */
const FIELDS = {
  kind: circuit => [circuit.kind],
  cause: circuit => [circuit.cause],
  dep: circuit => circuit.about?.depends_on ?? [],
  by: circuit => [circuit.actor, plain(circuit.actor), circuit.hold?.actor, plain(circuit.hold?.actor)],
  policy: circuit => [circuit.policy],
  state: circuit => (circuit.hold ? [circuit.state, 'held'] : [circuit.state]),
  health: circuit => [circuit.health?.status ?? 'well'],
};

export const FIELD_NAMES = Object.keys(FIELDS);

/** What a value can be, where that is a list; a fleet of a newer version may have more kinds and causes. */
const VALUES = {
  kind: ['kind of failure', KNOWN_KINDS],
  cause: ['cause', KNOWN_CAUSES],
  state: ['state', STATES],
  health: ['health', HEALTHS],
};

/** What a word without a value could be. */
const EXAMPLES = { kind: 'LOOP', cause: 'failure_rate', dep: 'model:*', by: 'ada', policy: 'default', state: 'open', health: 'critical' };

const LONGEST = 1024;
const MOST_WORDS = 20;
const LONGEST_VALUE = 256;

/** How many mistakes are reported at once. */
const MOST_MISTAKES = 5;

/** A longer word or value is cut where it is quoted. */
const LONGEST_SHOWN = 80;

/** Who did something, without the key in brackets behind the name. */
export const plain = actor => actor?.replace(/ \((key|token of) .*\)$/s, '') ?? null;

/** Any run of characters but blanks and signs that separate; within quotes blanks, too. */
const WORD = /(?:[^\s\x1c-\x1f"]|"[^"]*"?)+/g;

/** A word that names a field: what comes before the first colon or equals sign. */
const FIELD = /^([^":=,]+)([:=])(.*)$/s;

const VALUE = /(?:[^,"]|"[^"]*"?)+/g;

const BLANK = /^[\s\x1c-\x1f]*$/;

/** Reads a query; its words in order. */
export function read(text) {
  return [...text.matchAll(WORD)].map(({ 0: written, index }) => {
    const not = written.length > 1 && written.startsWith('-');
    const word = not ? written.slice(1) : written;
    const at = index + (not ? 1 : 0);
    const [, field, sign, rest] = FIELD.exec(word) ?? [];
    const known = sign === ':' && Object.hasOwn(FIELDS, field.toLowerCase());
    const values = sign === undefined ? [] : valuesOf(rest, at + field.length + 1);
    const names = known || sign === '=' ? [] : valuesOf(word, at);
    return {
      written,
      index,
      not,
      field: known ? field.toLowerCase() : null,
      metadata: known || sign === undefined ? null : field.toLowerCase(),
      values,
      names,
      isEmpty: values.length === 0 && names.length === 0, // it narrows nothing down until it has a value
    };
  });
}

/** Values between commas that are not in quotes, each with how it is compared. */
function valuesOf(text, start) {
  return [...text.matchAll(VALUE)]
    .map(({ 0: written, index }) => ({ text: written.replaceAll('"', ''), index: start + index }))
    .filter(({ text }) => !BLANK.test(text))
    .map(({ text, index }) => {
      const value = text.toLowerCase();
      const parts = value.includes('*') ? value.split('*') : null;
      return { text, value, index, like: parts !== null, is: parts ? other => isLike(parts, other) : other => other === value };
    });
}

/** Whether a text has all parts, in order, with anything between them. In time that grows as the text does, whatever the parts are. */
export function isLike(parts, text) {
  const last = parts.length - 1;
  const end = text.length - parts[last].length;
  let at = parts[0].length;
  if (at > end || !text.startsWith(parts[0]) || !text.endsWith(parts[last])) {
    return false;
  }
  for (let i = 1; i < last; i++) {
    const found = text.indexOf(parts[i], at);
    at = found + parts[i].length;
    if (found < 0 || at > end) {
      return false;
    }
  }
  return true;
}

const isName = (value, name) => (value.like ? value.is(name) : name.includes(value.value));

function isFound(circuit, word) {
  if (word.field) {
    return FIELDS[word.field](circuit).some(has => has && word.values.some(value => value.is(has.toLowerCase())));
  }
  if (word.names.some(value => isName(value, circuit.agent_id.toLowerCase()))) {
    return true;
  }
  const metadata = word.metadata !== null && circuit.about?.metadata;
  return Boolean(metadata) && Object.entries(metadata).some(([key, has]) => key.toLowerCase() === word.metadata
    && word.values.some(value => value.is(String(has).toLowerCase())));
}

/** Whether a circuit is what all words look for. */
export const isWanted = (circuit, words) => words.every(word => word.isEmpty || isFound(circuit, word) !== word.not);

/**
 * What is wrong with a query: `{ column, text }` each, in order, the text a sentence with the nearest that would be right.
 *
 * @param circuits all there are: a fleet of a newer version may have more kinds and causes than this page knows
 */
export function mistakes(query, circuits) {
  const at = (index, text) => ({ column: [...query.slice(0, index)].length + 1, text });
  if (query.length > LONGEST) {
    return [at(LONGEST, `A query may have at most ${LONGEST} characters, but this one has ${query.length}.`)];
  }
  const words = read(query);
  const wrong = words.slice(0, MOST_WORDS).flatMap(word => {
    if (word.isEmpty) {
      return [at(word.index, `${shown(word.written)} ${needed(word)}`)];
    }
    const of = values => values.map(value => [value, tooLong(value) ?? (VALUES[word.field] && unknown(word, value, circuits))])
      .flatMap(([{ index }, text]) => (text ? [at(index, text)] : []));
    const found = of(word.values);
    return found.length ? found : of(word.names);
  });
  if (words.length > MOST_WORDS) {
    wrong.push(at(words[MOST_WORDS].index, `A query may have at most ${MOST_WORDS} words, but this one has ${words.length}.`));
  }
  return wrong.slice(0, MOST_MISTAKES);
}

function needed({ field, metadata }) {
  if (field) {
    return `needs a ${VALUES[field]?.[0] ?? 'value'}, such as ${field}:${EXAMPLES[field]}.`;
  }
  return metadata === null ? 'needs a value.' : 'needs a value; * means any.';
}

const tooLong = ({ value }) => (value.length > LONGEST_VALUE
  ? `A value may have at most ${LONGEST_VALUE} characters, but this one has ${value.length}.` : null);

function unknown({ field }, { text, value, like }, circuits) {
  const [what, all] = VALUES[field];
  const isKnown = like || all.some(each => each.toLowerCase() === value)
    || [...circuits].some(circuit => FIELDS[field](circuit).some(has => has?.toLowerCase() === value));
  if (isKnown) {
    return null;
  }
  const near = nearest(value, all);
  return `${field}:${shown(text)}: there is no such ${what}${near ? `. Did you mean ${field}:${near}?` : `; there are ${all.join(', ')}.`}`;
}

const shown = text => (text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);

/** What may be meant by words that look almost like a field and find nothing. These are no mistakes, since names may look so. */
export const guesses = (words, circuits) => words.flatMap(word => {
  const field = word.metadata === null || word.isEmpty ? null : nearest(word.metadata, FIELD_NAMES);
  return field && ![...circuits].some(circuit => isFound(circuit, word))
    ? [`${word.written} finds nothing. Did you mean ${field}:${word.values.map(each => each.text).join(',')}?`] : [];
});

/** The most alike of some texts, or null if none is. */
export function nearest(text, all) {
  let found = null;
  let least = Math.max(1, Math.floor(text.length / 3)) + 1;
  for (const each of all) {
    const lower = each.toLowerCase();
    const far = lower.startsWith(text) && text.length > 1 ? 1
      : Math.abs(lower.length - text.length) >= least ? least : distance(text, lower);
    if (far < least) {
      least = far;
      found = each;
    }
  }
  return found;
}

/** How many letters are to be changed, added, removed or swapped with their neighbours. */
function distance(one, other) {
  let before = [];
  let row = [...other, ''].map((_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + same);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        next[j] = Math.min(next[j], before[j - 2] + 1);
      }
    }
    before = row;
    row = next;
  }
  return row[other.length];
}

/** A value as a word has it. */
const quoted = value => (/[\s,"]/.test(value) ? `"${value.replaceAll('"', '*')}"` : value);

/** The word that finds what has a value; that of a field, or of metadata. */
export const wordOf = (field, value) => `${field}${Object.hasOwn(FIELDS, field) ? ':' : '='}${quoted(value)}`;

const words = text => text.match(WORD) ?? [];

export const hasWord = (text, word) => words(text).includes(word);

/** A query with a word more, or without it if it is there. */
export const withWord = (text, word) => (hasWord(text, word)
  ? words(text).filter(each => each !== word) : [...words(text), word]).join(' ');
