// The TypeScript SDK's second generation, in all its ways to agree on a version.
//
//   STUCK=name NPM=folder/ node sdk_v2.cjs legacy|auto|modern http URL
//   STUCK=name NPM=folder/ node sdk_v2.cjs legacy|auto|modern stdio COMMAND ARGUMENT…
//   OFFERS=cluster NPM=folder/ node sdk_v2.cjs …
'use strict';
const { createRequire } = require('node:module');
const npm = createRequire(process.env.NPM);
const { Client, StreamableHTTPClientTransport } = npm('@modelcontextprotocol/client');
const { StdioClientTransport } = npm('@modelcontextprotocol/client/stdio');
const { offers } = require('./offers.cjs');
const { visit } = require('./visit.cjs');

function hear(client, legacy) {
  return async (uri) => {
    const changed = new Promise((resolve) => {
      client.setNotificationHandler('notifications/resources/updated',
        ({ params }) => resolve(params.uri));
    });
    if (legacy) {
      await client.subscribeResource({ uri });
    } else {
      await client.listen({ resourceSubscriptions: [uri] });
    }
    return [changed];
  };
}

async function main([mode, kind, target, ...args]) {
  const transport = kind === 'http'
    ? new StreamableHTTPClientTransport(new URL(target))
    : new StdioClientTransport({ command: target, args, env: process.env });
  const client = new Client({ name: 'sdk-v2', version: '1' }, {
    versionNegotiation: { mode: mode === 'modern' ? { pin: '2026-07-28' } : mode },
    capabilities: process.env.OFFERS ? { elicitation: { form: {} } } : {},
  });
  await client.connect(transport);
  const call = (params, options) => client.callTool(params, options);
  if (process.env.OFFERS) {
    return offers(client, {
      call,
      hear: hear(client, mode === 'legacy'),
      ask: (handler) => client.setRequestHandler('elicitation/create',
        ({ params }) => handler(params)),
      legacy: mode === 'legacy',
    }, process.env.OFFERS);
  }
  return visit(client, call, {
    server: client.getServerVersion()?.name,
    version: client.getNegotiatedProtocolVersion(),
  });
}

main(process.argv.slice(2)).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
