// Reads queries as the dashboard does. Standard input: { fleet, queries }; standard output: of each query its mistakes,
// or the names that it finds. The folder of the dashboard's modules is the argument.

import { readFileSync } from 'node:fs';

globalThis.sessionStorage = { getItem: () => null };
const { isWanted, mistakes, read } = await import(`${process.argv[2]}/query.js`);

const { fleet, queries } = JSON.parse(readFileSync(0, 'utf8'));
const circuits = fleet.map(each => ({ ...each, health: each.health === 'healthy' ? null : { status: each.health } }));

console.log(JSON.stringify(queries.map(query => {
  const wrong = mistakes(query, []);
  return wrong.length ? { mistakes: wrong } : { finds: circuits.filter(each => isWanted(each, read(query))).map(each => each.agent_id) };
})));
