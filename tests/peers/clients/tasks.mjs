// The client of the tasks extension, on a connection of the SDK's second generation.
//
//   NPM=folder/ node tasks.mjs URL CLUSTER
//
// Creates the cluster, which becomes a task, and waits for its end; prints one line
// of JSON.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const npm = createRequire(process.env.NPM);
const load = (name) => import(pathToFileURL(npm.resolve(name)));
const { Client, StreamableHTTPClientTransport } = await load('@modelcontextprotocol/client');
// Only as a module of its own kind.
const { createTaskSessionFromClient, resultFromTaskOutcome } = await import(
  `${pathToFileURL(process.env.NPM)}node_modules/@modelcontextprotocol/ext-tasks/dist/client/index.js`);

const [url, cluster] = process.argv.slice(2);
const version = '2026-07-28';
const clientInfo = { name: 'tasks', version: '1' };
const seen = { methods: [], statuses: [] };

// The SDK's own codec knows no tasks, so the host sends these itself.
let nextId = 0;
async function rawDispatch(request) {
  nextId += 1;
  const { method, params } = request;
  const name = params.taskId ?? params.name;
  seen.methods.push(method);
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': version,
      'mcp-method': method,
      ...(name ? { 'mcp-name': name } : {}),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: nextId, method, params }),
  });
  const text = await response.text();
  const message = JSON.parse(text.startsWith('{') ? text
    : text.split('\n').filter((line) => line.startsWith('data:')).at(-1).slice(5));
  if (message.result?.status) {
    seen.statuses.push([message.result.status, message.result.statusMessage]);
  }
  return message;
}

const client = new Client(clientInfo, { versionNegotiation: { mode: { pin: version } } });
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
const session = createTaskSessionFromClient(client, {
  endpointId: 'howdah',
  rawDispatch,
  v2RequestFraming: { protocolVersion: version, clientInfo, clientCapabilities: {} },
});
const execution = await session.callTool('create_postgres_cluster', {
  name: cluster, instances: 1, storage_size: '1Gi', wait: true,
});
const { outcome } = await execution.settle();
seen.result = resultFromTaskOutcome(outcome);
await session.close();
await client.close();
console.log(JSON.stringify(seen));
process.exit(0);
