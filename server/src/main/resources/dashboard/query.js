/*
 * The words of a query: `kind:LOOP dep:model:* team=billing planner`. What they mean is documented in docs/dashboard.md, and
 * is the same wherever a query is taken.
 */

import { KNOWN_CAUSES, KNOWN_KINDS } from './words.js';

const STATES = ['open', 'half_open', 'closed', 'held'];
const HEALTHS = ['critical', 'degraded', 'well'];

/** Words before a colon, each with what a circuit has of that. */
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

/** Who did something, without the key in brackets behind the name. */
export const plain = actor => actor?.replace(/ \((key|token of) .*\)$/, '') ?? null;

/** Any run of characters but spaces; within quotes spaces, too. */
const WORD = /(?:[^\s"]|"[^"]*"?)+/g;

/** A word that names a field: what comes before the first colon or equals sign. */
const FIELD = /^([^\s":=,]+)([:=])(.*)$/s;

/** Reads a query; its words in order. */
export function read(text) {
  return (text.match(WORD) ?? []).map(written => {
    const not = written.length > 1 && written.startsWith('-');
    const word = not ? written.slice(1) : written;
    const [, field, sign, rest] = FIELD.exec(word) ?? [];
    const known = sign === ':' && Object.hasOwn(FIELDS, field.toLowerCase());
    return {
      written,
      not,
      field: known ? field.toLowerCase() : null,
      metadata: known || sign === undefined ? null : { key: field.toLowerCase(), values: patterns(rest) },
      values: known ? patterns(rest) : [],
      names: known || sign === '=' ? [] : patterns(word),
    };
  });
}

/** Values between commas that stand in no quotes, each with how it is compared. */
function patterns(text) {
  return (text.match(/(?:[^,"]|"[^"]*"?)+/g) ?? [])
    .map(value => value.replaceAll('"', ''))
    .filter(text => text !== '')
    .map(text => {
      const value = text.toLowerCase();
      const like = value.includes('*')
        ? new RegExp(`^${value.split('*').map(part => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&')).join('.*')}$`, 's') : null;
      return { text, value, is: like ? other => like.test(other) : other => other === value, like };
    });
}

const isName = (pattern, name) => (pattern.like ? pattern.is(name) : name.includes(pattern.value));

function isFound(circuit, word) {
  if (word.field) {
    return word.values.length === 0
      || FIELDS[word.field](circuit).some(has => has && word.values.some(pattern => pattern.is(has.toLowerCase())));
  }
  if (word.names.some(pattern => isName(pattern, circuit.agent_id.toLowerCase()))) {
    return true;
  }
  const metadata = word.metadata && circuit.about?.metadata;
  return Boolean(metadata) && Object.entries(metadata).some(([key, has]) => key.toLowerCase() === word.metadata.key
    && word.metadata.values.some(pattern => pattern.is(String(has).toLowerCase())));
}

/** Whether a circuit is what all words look for. */
export const isWanted = (circuit, words) => words.every(word => isFound(circuit, word) !== word.not);

/** What is wrong with words, one sentence each, with the nearest that would be right. @param circuits all there are */
export function mistakes(words, circuits) {
  return words.flatMap(word => {
    if (word.field && word.values.length === 0) {
      return [`${word.written} needs ${VALUES[word.field] ? `a ${VALUES[word.field][0]}` : 'a value'}, such as ${word.field}:${example(word.field)}.`];
    }
    if (VALUES[word.field]) {
      return word.values.filter(pattern => !pattern.like).flatMap(pattern => unknown(word, pattern, circuits));
    }
    return word.metadata ? mistaken(word, circuits) : [];
  });
}

function unknown(word, { text, value }, circuits) {
  const [what, all] = VALUES[word.field];
  const present = [...circuits].some(circuit => FIELDS[word.field](circuit).some(has => has?.toLowerCase() === value));
  if (present || all.some(each => each.toLowerCase() === value)) {
    return [];
  }
  const near = nearest(value, all);
  return [`${word.field}:${text}: there is no such ${what}${near ? `. Did you mean ${word.field}:${near}?` : `; there are ${all.join(', ')}.`}`];
}

/** A word like a field that finds nothing, and that is nearly a field. */
function mistaken(word, circuits) {
  const field = nearest(word.metadata.key, FIELD_NAMES);
  return field && ![...circuits].some(circuit => isFound(circuit, word))
    ? [`${word.written} finds nothing. Did you mean ${field}:${word.metadata.values.map(each => each.text).join(',')}?`] : [];
}

const example = field => ({ kind: 'LOOP', cause: 'failure_rate', dep: 'model:*', by: 'ada', policy: 'default', state: 'open', health: 'critical' })[field];

/** The most alike of some texts, or null if none is. */
export function nearest(text, all) {
  let found = null;
  let least = Math.max(1, Math.floor(text.length / 3)) + 1;
  for (const each of all) {
    const lower = each.toLowerCase();
    const far = lower.startsWith(text) && text.length > 1 ? 1 : distance(text, lower);
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
