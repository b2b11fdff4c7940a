// The TypeScript SDK's first generation.
//
//   STUCK=name NPM=folder/ node sdk_v1.cjs legacy http URL
//   STUCK=name NPM=folder/ node sdk_v1.cjs legacy stdio COMMAND ARGUMENT…
'use strict';
const { createRequire } = require('node:module');
const npm = createRequire(process.env.NPM);
const { Client } = npm('@modelcontextprotocol/sdk/client/index.js');
const { StdioClientTransport } = npm('@modelcontextprotocol/sdk/client/stdio.js');
const { StreamableHTTPClientTransport } = npm(
  '@modelcontextprotocol/sdk/client/streamableHttp.js');
const { visit } = require('./visit.cjs');

async function main([, kind, target, ...args]) {
  const transport = kind === 'http'
    ? new StreamableHTTPClientTransport(new URL(target))
    : new StdioClientTransport({ command: target, args, env: process.env });
  const client = new Client({ name: 'sdk-v1', version: '1' });
  await client.connect(transport);
  await visit(client, (params, options) => client.callTool(params, undefined, options), {
    server: client.getServerVersion().name,
    version: transport.protocolVersion ?? null,
  });
}

main(process.argv.slice(2)).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
