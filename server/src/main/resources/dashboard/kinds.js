/* What a name says of its kind: what agents depend on has a word and a colon before its name. */

/** In the order in which they are shown: what others depend on comes first. */
export const KINDS = { model: 'Models', tool: 'Tools', key: 'Keys', mcp: 'MCP servers', agent: 'Agents' };

export function kindOf(name) {
  const prefix = name.slice(0, Math.max(0, name.indexOf(':')));
  return Object.hasOwn(KINDS, prefix) ? prefix : 'agent';
}

/** Whether others depend on it, by its name. */
export const isUpstream = name => kindOf(name) !== 'agent';
