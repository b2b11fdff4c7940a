// The TypeScript SDK's first generation.
//
//   STUCK=name NPM=folder/ node sdk_v1.cjs legacy http URL
//   STUCK=name NPM=folder/ node sdk_v1.cjs legacy stdio COMMAND ARGUMENT…
//   OFFERS=cluster NPM=folder/ node sdk_v1.cjs …
'use strict';
const { createRequire } = require('node:module');
const npm = createRequire(process.env.NPM);
const { Client } = npm('@modelcontextprotocol/sdk/client/index.js');
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

async function main([, kind, target, ...args]) {
  const transport = kind === 'http'
    ? new StreamableHTTPClientTransport(new URL(target))
    : new StdioClientTransport({ command: target, args, env: process.env });
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
