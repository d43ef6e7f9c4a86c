/**
 * What a guarded call costs beside a bare one: `node bench/cost.mjs` prints a table, and with `--write` puts it, with a
 * picture, into the project's documents.
 */
import { execFileSync, fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Interlock } from '../index.js';

const CALLS = 100_000;
const ROUNDS = 21;

/** After so many parts of a round all is reported: no more is kept than 10,000 outcomes. */
const PIECES = 20;

if (process.argv[2] === 'server') {
  serve();
} else {
  await measure();
}

/** Answers as a server does: everything is closed, and all outcomes are counted. */
function serve() {
  let cursor = 0;
  const server = createServer(async (request, answer) => {
    let text = '';
    for await (const piece of request) text += piece;
    const body = JSON.parse(text);
    const said = { generation: 1, cursor: String(++cursor), stale_after_ms: 30_000 };
    if (body.watch) {
      said.reset = true;
      said.policies = { default: {} };
      said.circuits = body.watch.map((agent_id) => ({
        agent_id, state: 'closed', held: false, admits: 'all', retry_after_ms: 0, epoch: 1, mode: 'enforce', policy: 'default',
      }));
    }
    if (body.batch) said.receipt = { batch: body.batch, counted: body.outcomes.length };
    setTimeout(() => answer.end(JSON.stringify(said)), body.wait_ms ?? 0);
  });
  process.once('disconnect', () => process.exit(0));
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
}

async function measure() {
  const child = fork(fileURLToPath(import.meta.url), ['server']);
  const port = await new Promise((resolve) => { child.once('message', resolve); });
  const local = new Interlock();
  const connected = new Interlock({ url: `http://127.0.0.1:${port}`, key: 'key' });
  const work = async () => 1;
  const alone = local.guard('planner');
  const several = local.guard('planner', { dependsOn: ['model:m', 'key:k'] });
  const heard = connected.guard('planner', { dependsOn: ['model:m', 'key:k'] });
  await heard.call(work);
  const cases = [
    ['a bare call', () => work()],
    ['a guard of one circuit', () => alone.call(work)],
    ['a guard of three circuits', () => several.call(work)],
    ['… that hears a server', () => heard.call(work)],
  ];
  const times = cases.map(() => []);
  const reports = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, [, call]] of cases.entries()) {
      let spent = 0;
      let reporting = 0;
      for (let piece = 0; piece < PIECES; piece++) {
        const before = process.cpuUsage();
        for (let i = 0; i < CALLS / PIECES; i++) await call();
        spent += since(before);
        const after = process.cpuUsage();
        await connected.flush(2_000);
        reporting += since(after);
      }
      times[index].push(spent / CALLS);
      if (call === cases.at(-1)[1]) reports.push(reporting / CALLS);
    }
  }
  const requestsBefore = connected.status.requests;
  await heard.call(work);
  const requests = connected.status.requests - requestsBefore;
  const rows = cases.map(([name], index) => ({ name, cpu: median(times[index]) }));
  await connected.close();
  child.kill();
  print(rows, requests, median(reports));
}

function since(before) {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function median(values) {
  return values.toSorted((one, other) => one - other)[values.length >> 1];
}

function print(rows, requests, report) {
  const bare = rows[0];
  const table = rows.map(({ name, cpu }) => `| ${name} | ${cpu.toFixed(2)} | ${(cpu - bare.cpu).toFixed(2)} |`);
  const machine = `${cpus()[0].model}, ${cpus().length} processors; Node ${process.versions.node}; ${process.platform}`;
  const text = [
    '# What guarding costs in Node',
    '',
    'A call of an async function that returns at once, alone and guarded by closed circuits: medians of '
      + `${ROUNDS} rounds of ${CALLS.toLocaleString('en')} calls, each awaited, in processor time. The target is at most 1 µs a call more than the bare one, `
      + 'and no request. Written by `node clients/typescript/bench/cost.mjs --write`; do not edit. Compare differences: '
      + 'the figures are this machine\'s.',
    '',
    '![The cost of a guarded call and of a bare one](images/typescript-cost.svg)',
    '',
    '| call | µs | µs more |',
    '|---|---:|---:|',
    ...table,
    '',
    `No call waits for a request: ${requests} were made in one. Connected, each outcome is reported to the server in a batch, later; `
      + `writing and sending it took ${report.toFixed(1)} µs of CPU more an outcome, between the calls.`,
    '',
    'Calls of a guard of several circuits are noted for [calls within calls](calls-within-calls.md), by `AsyncLocalStorage`; '
      + 'those of a guard of one closed circuit are not.',
    '',
    `${machine}; ${new Date().toISOString().slice(0, 10)}, commit ${commit()}.`,
    '',
  ].join('\n');
  console.log(text);
  if (process.argv[2] === '--write') {
    const docs = new URL('../../../docs/', import.meta.url);
    writeFileSync(new URL('typescript-cost.md', docs), text);
    writeFileSync(new URL('images/typescript-cost.svg', docs), picture(rows));
  }
}

function commit() {
  return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: new URL('.', import.meta.url) }).toString().trim();
}

function picture(rows) {
  const longest = Math.max(...rows.map(({ cpu }) => cpu), rows[0].cpu + 1);
  const width = (value) => Math.round((value / longest) * 400);
  const bars = rows.map(({ name, cpu }, index) => {
    const y = 20 + index * 34;
    return `  <text x="236" y="${y + 15}" text-anchor="end">${name}</text>\n`
      + `  <rect class="${index === 0 ? 'bare' : 'guarded'}" x="244" y="${y}" width="${width(cpu)}" height="22"/>\n`
      + `  <text x="${250 + width(cpu)}" y="${y + 15}">${cpu.toFixed(2)} µs</text>`;
  });
  const target = 244 + width(rows[0].cpu + 1);
  const bottom = 20 + rows.length * 34;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 ${bottom + 26}" role="img" aria-label="The cost of a guarded call and of a bare one">
  <style>
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .bare { fill: #8c959f } .guarded { fill: #2f6feb } .target { stroke: #bf3989; stroke-dasharray: 4 3 }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bare { fill: #6e7681 } .guarded { fill: #58a6ff } .target { stroke: #f778ba } }
  </style>
${bars.join('\n')}
  <line class="target" x1="${target}" x2="${target}" y1="${bottom - 6}" y2="${bottom + 4}"/>
  <text x="${target}" y="${bottom + 16}" text-anchor="middle">target: 1 µs more</text>
</svg>
`;
}
