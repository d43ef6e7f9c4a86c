/* How the map is put into groups: by kind, by policy, or by something in the metadata. */

import { html } from './vendor/htm-preact.js';
import { isUpstream, KINDS } from './kinds.js';
import { Glyph } from './shapes.js';
import { isolated, number } from './words.js';

/** From this size on, a group among others is folded until somebody unfolds it. */
const LARGE = 1000;

/** If there are more groups than this, the smallest are put into one. */
const MOST = 60;

/** How many keys of the metadata can be chosen. */
const MOST_KEYS = 8;

const collator = new Intl.Collator('en', { numeric: true });

/** By what a map can be grouped: `[value, name]` each; metadata that many have comes first. */
export function groupings(store) {
  const keys = new Map();
  for (const { metadata } of store.about.values()) {
    for (const key in metadata) {
      keys.set(key, (keys.get(key) ?? 0) + 1);
    }
  }
  return [
    ['kind', 'Kind'],
    ['policy', 'Policy'],
    ...[...keys].sort(([one, many], [other, more]) => more - many || collator.compare(one, other))
      .slice(0, MOST_KEYS).map(([key]) => [`=${key}`, key]),
  ];
}

/**
 * The groups of a map, each with its circuits that are not closed. Upstreams come first.
 * @param members as {@link membersOf} says
 * @param folds which groups somebody has folded or unfolded, by {@link foldKey}
 */
export const groupsOf = (store, members, by, folds) => members.map(group => ({
  ...group,
  ...counted(store, group.names),
  folded: folds.get(foldKey(by, group.key)) ?? (members.length > 1 && group.names.length > LARGE),
}));

/** Which circuit belongs to which group, in the map's order: that changes more rarely than their states. */
export const membersOf = (store, by) => (by === 'kind'
  ? store.names.filter(({ names }) => names.length).map(({ kind, names }) => ({ key: kind, name: KINDS[kind], names }))
  : few(grouped(store, by)));

export const foldKey = (by, key) => `${by} ${key}`;

function grouped(store, by) {
  const key = by.slice(1);
  const without = `Without ${isolated(key)}`;
  const groups = new Map();
  for (const { names } of store.names) {
    for (const name of names) {
      const circuit = store.circuits.get(name);
      const value = by === 'policy' ? circuit?.policy : circuit?.about?.metadata?.[key];
      const group = value === undefined ? (isUpstream(name) ? 'Models, tools and keys' : without) : String(value);
      groups.has(group) || groups.set(group, { key: group, name: isolated(group), names: [], rank: value !== undefined ? 1 : isUpstream(name) ? 0 : 2 });
      groups.get(group).names.push(name);
    }
  }
  return [...groups.values()].sort((one, other) => one.rank - other.rank
    || isUpstream(other.names[0]) - isUpstream(one.names[0]) || collator.compare(one.key, other.key));
}

function few(groups) {
  if (groups.length <= MOST) {
    return groups;
  }
  const large = new Set([...groups].sort((one, other) => other.names.length - one.names.length).slice(0, MOST - 1));
  return [...groups.filter(group => large.has(group)),
    { key: ' others', name: 'Others', names: groups.filter(group => !large.has(group)).flatMap(group => group.names) }];
}

function counted(store, names) {
  const counts = { open: 0, half_open: 0, closed: 0, held: 0 };
  for (const name of names) {
    const circuit = store.circuits.get(name);
    if (circuit) {
      counts[circuit.state]++;
      counts.held += circuit.hold ? 1 : 0;
    }
  }
  return { counts };
}

const WORDS = { open: 'open', half_open: 'half-open', held: 'held' };

/** The heading of a group; folds it. */
export const GroupHeading = ({ group, top, onFold }) => html`<button type="button" class="group-head" style=${{ top: `${top}px` }}
    aria-expanded=${group.folded ? 'false' : 'true'} onClick=${onFold}>
  <span class="group-name">${group.name}</span> <span class="group-size">${number(group.names.length)}</span>
  ${Object.entries(WORDS).filter(([state]) => group.counts[state]).map(([state, word]) => html`<span class=${`group-count ${state}`} key=${state}>
    <${Glyph} state=${state === 'held' ? 'closed' : state} held=${state === 'held'} size=${12} />${number(group.counts[state])} ${word}</span>`)}
</button>`;
