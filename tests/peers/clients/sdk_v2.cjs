// The TypeScript SDK's second generation, in all its ways to agree on a version.
//
//   STUCK=name NPM=folder/ node sdk_v2.cjs legacy|auto|modern http URL
//   STUCK=name NPM=folder/ node sdk_v2.cjs legacy|auto|modern stdio COMMAND ARGUMENT…
'use strict';
const { createRequire } = require('node:module');
const npm = createRequire(process.env.NPM);
const { Client, StreamableHTTPClientTransport } = npm('@modelcontextprotocol/client');
const { StdioClientTransport } = npm('@modelcontextprotocol/client/stdio');
const { visit } = require('./visit.cjs');

async function main([mode, kind, target, ...args]) {
  const transport = kind === 'http'
    ? new StreamableHTTPClientTransport(new URL(target))
    : new StdioClientTransport({ command: target, args, env: process.env });
  const client = new Client({ name: 'sdk-v2', version: '1' }, {
    versionNegotiation: { mode: mode === 'modern' ? { pin: '2026-07-28' } : mode },
  });
  await client.connect(transport);
  await visit(client, (params, options) => client.callTool(params, options), {
    server: client.getServerVersion()?.name,
    version: client.getNegotiatedProtocolVersion(),
  });
}

main(process.argv.slice(2)).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
