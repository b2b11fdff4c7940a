// What a client with a user does beside calling tools, in test_offers.py; it
// prints one JSON line.
//
//   const { offers } = require('./offers.cjs');
//   await offers(client, { call, ask, hear, legacy }, process.env.OFFERS);
//
// `call` calls a tool; `ask(handler)` answers the server's questions with it;
// `hear(uri)` subscribes, and then gives [a promise of the first change].
'use strict';

async function offers(client, { call, ask, hear, legacy }, cluster) {
  const seen = { asked: [] };
  const uri = `howdah://clusters/default/${cluster}`;
  const role = `role_${process.pid}`;
  const named = { cluster_name: cluster, role_name: role };
  const textOf = (reading) => reading.contents[0].text;

  seen.resources = (await client.listResources()).resources.map((one) => one.uri);
  seen.templates = (await client.listResourceTemplates()).resourceTemplates
    .map((one) => one.uriTemplate);
  seen.guide = textOf(await client.readResource({ uri: 'howdah://guide' }));
  seen.cluster = JSON.parse(textOf(await client.readResource({ uri })));
  try {
    await client.readResource({ uri: `${uri}/roles/nobody` });
  } catch (error) {
    seen.missing = error.code;
  }

  seen.prompts = (await client.listPrompts()).prompts.map((one) => one.name);
  seen.prompt = (await client.getPrompt({
    name: 'investigate_cluster', arguments: { cluster_name: cluster },
  })).messages[0].content.text;
  seen.completed = (await client.complete({
    ref: { type: 'ref/prompt', name: 'investigate_cluster' },
    argument: { name: 'cluster_name', value: cluster.slice(0, 3) },
  })).completion.values;
  if (legacy) seen.logging = await client.setLoggingLevel('warning');

  const [changed] = await hear(`${uri}/roles`);
  await call({ name: 'create_postgres_role', arguments: named });
  seen.changed = await changed;
  seen.role = JSON.parse(textOf(await client.readResource({ uri: `${uri}/roles/${role}` })));

  let answer = { action: 'decline' };
  ask((params) => {
    seen.asked.push(params.message);
    return answer;
  });
  const kept = await call({ name: 'delete_postgres_role', arguments: named });
  answer = { action: 'accept', content: { confirm: true } };
  const deleted = await call({ name: 'delete_postgres_role', arguments: named });
  seen.kept = kept.structuredContent;
  seen.deleted = !deleted.isError;
  seen.named = role;
  await client.close();
  console.log(JSON.stringify(seen));
}

module.exports = { offers };
