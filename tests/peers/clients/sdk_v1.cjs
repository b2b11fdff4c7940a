// The TypeScript SDK's first generation.
//
//   STUCK=name NPM=folder/ node sdk_v1.cjs legacy http URL
//   STUCK=name NPM=folder/ node sdk_v1.cjs legacy sse URL      revision 2024-11-05's way
//   STUCK=name NPM=folder/ node sdk_v1.cjs legacy stdio COMMAND ARGUMENT…
//   OFFERS=cluster NPM=folder/ node sdk_v1.cjs …
'use strict';
const { createRequire } = require('node:module');
const npm = createRequire(process.env.NPM);
const { Client } = npm('@modelcontextprotocol/sdk/client/index.js');
const { SSEClientTransport } = npm('@modelcontextprotocol/sdk/client/sse.js');
const { StdioClientTransport } = npm('@modelcontextprotocol/sdk/client/stdio.js');
const { StreamableHTTPClientTransport } = npm(
  '@modelcontextprotocol/sdk/client/streamableHttp.js');
const { ElicitRequestSchema, ResourceUpdatedNotificationSchema } = npm(
  '@modelcontextprotocol/sdk/types.js');
const { offers } = require('./offers.cjs');
const { visit } = require('./visit.cjs');

function hear(client) {
  return async (uri) => {
    const changed = new Promise((resolve) => {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema,
        ({ params }) => resolve(params.uri));
    });
    await client.subscribeResource({ uri });
    return [changed];
  };
}

function transportOf(kind, target, args) {
  switch (kind) {
    case 'http': return new StreamableHTTPClientTransport(new URL(target));
    case 'sse': return new SSEClientTransport(new URL(target));
    default: return new StdioClientTransport({ command: target, args, env: process.env });
  }
}

async function main([, kind, target, ...args]) {
  const transport = transportOf(kind, target, args);
  const client = new Client({ name: 'sdk-v1', version: '1' },
    { capabilities: process.env.OFFERS ? { elicitation: {} } : {} });
  await client.connect(transport);
  const call = (params, options) => client.callTool(params, undefined, options);
  if (process.env.OFFERS) {
    return offers(client, {
      call,
      hear: hear(client),
      ask: (handler) => client.setRequestHandler(ElicitRequestSchema,
        ({ params }) => handler(params)),
      legacy: true,
    }, process.env.OFFERS);
  }
  return visit(client, call, {
    server: client.getServerVersion().name,
    version: transport.protocolVersion ?? null,
  });
}

main(process.argv.slice(2)).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
