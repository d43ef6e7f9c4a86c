/** What the types promise is there, and nothing else is. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as all from '../index.js';
import * as vercel from '../src/vercel.js';
import { Guard } from '../src/guard.js';
import { Permit } from '../src/permit.js';

const text = (name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const types = text('index.d.ts');

/** Values that a declaration file exports. */
const exported = (declared) => [...declared.matchAll(/^export (?:class|const|function) (\w+)/gm)].map(([, name]) => name);

/** Members of a class as its declaration lists them. */
function declared(name) {
  const [, body] = new RegExp(`^export class ${name} [^{]*\\{\\n(.*?)^\\}`, 'ms').exec(types);
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\s*(?:<|\(|[?:])/gm)].map(([, member]) => member).filter((each) => each !== 'constructor');
}

/** Members of a class that are not for the parts of the client alone. */
const members = (type, made) => [...Object.getOwnPropertyNames(type.prototype), ...Object.keys(made)];

test('every value that is exported has a type, and the other way round', () => {
  const values = exported(types).filter((name) => name !== 'Guard' && name !== 'Permit');
  assert.deepEqual(values.sort(), Object.keys(all).sort());
  assert.deepEqual(exported(text('vercel.d.ts')), Object.keys(vercel));
});

test('every member that the types name is there', async () => {
  const client = new all.Interlock();
  const guard = client.guard('planner');
  const permit = await guard.acquire();
  for (const [type, made] of [
    [all.Interlock, client],
    [Guard, guard],
    [Permit, permit],
    [all.ManualClock, new all.ManualClock()],
    [all.CircuitOpenError, new all.CircuitOpenError({ circuit: 'x', reason: 'open' })],
    [all.Failure, new all.Failure('ERROR')],
  ]) {
    const there = members(type, made);
    const named = declared(type.name);
    assert.ok(named.length > 0, type.name);
    assert.deepEqual(named.filter((member) => !there.includes(member)), [], type.name);
  }
});

test('kinds are those of the contract, and of the types', () => {
  const contract = readFileSync(new URL('../../../server/src/main/resources/dev/interlock/server/openapi.yaml', import.meta.url), 'utf8');
  const [, list] = /^ {4}Kind:\n.*?enum:\s*(.*?)\n {4}\w/ms.exec(contract);
  assert.deepEqual([...list.matchAll(/[A-Z]+(?:_[A-Z]+)*/g)].map(([kind]) => kind).sort(), [...all.FAILURE_KINDS].sort());
  const [, union] = /export type FailureKind =(.*?);/s.exec(types);
  assert.deepEqual([...union.matchAll(/'(\w+)'/g)].map(([, kind]) => kind), [...all.FAILURE_KINDS]);
});

test('the version is that of the package and of the server', () => {
  const { version } = JSON.parse(text('package.json'));
  const [, server] = /<artifactId>interlock-parent<\/artifactId>\s*<version>(.*?)<\/version>/.exec(text('../../pom.xml'));
  assert.deepEqual([version, all.VERSION], [server, server]);
});
