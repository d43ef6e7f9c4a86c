/**
 * An MCP server and its clients, all of @modelcontextprotocol/sdk, for a test that puts a proxy between them. `serve` prints
 * its port and goes on until its input ends; `call ADDRESS KEY TOOL…` lists tools, calls each, and prints what it read.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

const [, , what, address, key, ...tools] = process.argv;

/** Answers as JSON, without events, unlike the server of the Java SDK. */
async function serve() {
  const sessions = new Map();
  const server = createServer(async (request, response) => {
    const session = sessions.get(request.headers['mcp-session-id']) ?? await begin();
    await session.handleRequest(request, response);
  });

  async function begin() {
    const files = new McpServer({ name: 'files', version: '1' });
    files.registerTool('search', {}, async () => ({ content: [{ type: 'text', text: 'found' }] }));
    files.registerTool('broken', {}, async () => ({ content: [{ type: 'text', text: 'no such page' }], isError: true }));
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID, enableJsonResponse: true, onsessioninitialized: (id) => { sessions.set(id, transport); },
    });
    await files.connect(transport);
    return transport;
  }

  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  console.log(server.address().port);
  for await (const line of process.stdin) void line;
  process.exit(0);
}

async function call() {
  const client = new Client({ name: 'planner', version: '1' });
  const headers = { Authorization: `Bearer ${key}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(address), { requestInit: { headers } }));
  const listed = await client.listTools().then(({ tools: all }) => all.map(({ name }) => name), (error) => [error.message]);
  const read = [];
  for (const name of tools) {
    const result = await client.callTool({ name, arguments: {} }).catch((error) => ({ content: [{ text: error.message }], isError: true }));
    read.push({ text: result.content[0].text, isError: result.isError === true, refusal: result._meta?.['dev.interlock/refusal']?.reason });
  }
  console.log(JSON.stringify({ listed, read }));
  process.exit(0);
}

await (what === 'serve' ? serve() : call());
