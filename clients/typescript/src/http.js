/** Requests to an Interlock server, by Node's own client, because its sockets need not keep a script running. */
import http from 'node:http';
import https from 'node:https';

/** The largest answer that is read; a server sends at most 400 KiB. */
const LARGEST = 4 * 1024 * 1024;

/** Two sets of connections: those that do not keep the process alive, and those that a call waits for. */
export class Connections {
  #agents = new Map();

  /**
   * @param {string} url
   * @param {{method?: string, headers?: Record<string, string>, body?: unknown, timeoutMs: number, keepsAlive: boolean,
   *     signal?: AbortSignal}} request
   * @returns {Promise<{status: number, body: any, retryAfterMs: number | undefined}>} fails if there is no answer in time
   */
  send(url, request, isAgain = false) {
    return new Promise((resolve, reject) => {
      const isSecure = url.startsWith('https:');
      const text = JSON.stringify(request.body);
      const sent = (isSecure ? https : http).request(url, {
        method: 'POST',
        agent: this.#agent(isSecure, request.keepsAlive),
        headers: { ...request.headers, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
        signal: request.signal,
      });
      const timer = setTimeout(() => sent.destroy(new Error(`no answer in ${request.timeoutMs} ms`)), request.timeoutMs);
      if (!request.keepsAlive) timer.unref();
      sent.on('socket', (socket) => (request.keepsAlive ? socket.ref() : socket.unref()));
      sent.on('error', (error) => {
        clearTimeout(timer);
        // The other side may close an idle connection just when it is used again.
        const wasIdle = sent.reusedSocket && error.code === 'ECONNRESET' && !isAgain;
        if (wasIdle) this.send(url, request, true).then(resolve, reject);
        else reject(error);
      });
      sent.on('response', (answer) => {
        collect(answer)
          .then((body) => resolve({ status: answer.statusCode, body: parsed(body), retryAfterMs: seconds(answer.headers['retry-after']) }))
          .catch(reject)
          .finally(() => clearTimeout(timer));
      });
      sent.end(text);
    });
  }

  close() {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #agent(isSecure, keepsAlive) {
    const name = `${isSecure} ${keepsAlive}`;
    let agent = this.#agents.get(name);
    if (agent === undefined) {
      agent = new (isSecure ? https : http).Agent({ keepAlive: true });
      this.#agents.set(name, agent);
    }
    return agent;
  }
}

async function collect(answer) {
  const pieces = [];
  let size = 0;
  for await (const piece of answer) {
    size += piece.length;
    if (size > LARGEST) throw new Error('an answer of more than 4 MiB');
    pieces.push(piece);
  }
  if (!answer.complete) throw new Error('an answer that was cut off');
  return Buffer.concat(pieces).toString('utf8');
}

/** The JSON of a body; undefined if it is not JSON. */
function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function seconds(value) {
  const number = Number(value);
  return value !== undefined && number >= 0 ? number * 1_000 : undefined;
}
