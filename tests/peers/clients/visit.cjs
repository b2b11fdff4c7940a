// What every SDK's client does in test_sdk_clients.py; it prints one JSON line.
//
//   const { visit } = require('./visit.cjs');
//   await visit(client, (params, options) => client.callTool(params, options), facts);
'use strict';

// A cluster of this version never becomes ready, so that waiting for it gives
// progress and lasts until somebody ends it.
const STUCK = { instances: 1, storage_size: '1Gi', postgres_version: '13', wait: true };

async function visit(client, call, facts) {
  const seen = { ...facts };
  seen.tools = (await client.listTools()).tools.map((tool) => tool.name);

  const listed = await call({ name: 'list_postgres_clusters', arguments: {} });
  seen.listed = listed.structuredContent;

  const missing = await call({ name: 'get_cluster_status', arguments: { name: 'never-made' } });
  seen.missing = { isError: missing.isError, text: missing.content[0].text };

  try {
    await call({ name: 'no_such_tool', arguments: {} });
  } catch (error) {
    seen.unknownTool = error.code;
  }

  if (process.env.STUCK) Object.assign(seen, await giveUp(call, process.env.STUCK));
  await client.close();
  console.log(JSON.stringify(seen));
}

// Begins to wait, and gives up at the first progress.
async function giveUp(call, name) {
  const patience = new AbortController();
  const seen = { progress: [] };
  try {
    await call({ name: 'create_postgres_cluster', arguments: { name, ...STUCK } }, {
      signal: patience.signal,
      timeout: 60000,
      onprogress: (progress) => {
        seen.progress.push(progress.progress);
        patience.abort('the test has seen enough');
      },
    });
  } catch (error) {
    seen.cancelled = patience.signal.aborted;
  }
  const after = await call({ name: 'get_cluster_status', arguments: { name } });
  return { ...seen, after: after.structuredContent };
}

module.exports = { visit };
