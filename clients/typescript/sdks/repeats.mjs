/** Asks once with an SDK at its default retries: `repeats.mjs SDK ADDRESS KEY`. What comes of it is not looked at. */
const [, , sdk, address, key] = process.argv;
const messages = [{ role: 'user', content: 'Plan a trip.' }];

/** Each loads its own SDK alone: many of these programs run at once. */
const SDKS = {
  async openai() {
    const { default: OpenAI } = await import('openai');
    await new OpenAI({ baseURL: `${address}/v1`, apiKey: key }).chat.completions.create({ model: 'm', messages });
  },
  async anthropic() {
    const { default: Anthropic } = await import('@anthropic-ai/sdk');
    await new Anthropic({ baseURL: address, apiKey: key }).messages.create({ model: 'm', max_tokens: 50, messages });
  },
  async mcp() {
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    const requestInit = { headers: { Authorization: `Bearer ${key}` } };
    await new Client({ name: 'planner', version: '1' })
      .connect(new StreamableHTTPClientTransport(new URL(`${address}/mcp`), { requestInit }));
  },
};

await SDKS[sdk]().catch(() => {});
process.exit(0);
