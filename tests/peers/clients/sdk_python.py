"""The Python SDK's client, as visit.cjs and offers.cjs.

STUCK=name python sdk_python.py legacy|auto|modern http URL
STUCK=name python sdk_python.py legacy|auto|modern stdio COMMAND ARGUMENT…
OFFERS=cluster python sdk_python.py …
"""

import json
import os
import sys

import anyio
import mcp_types
from mcp import Client, MCPError, StdioServerParameters


async def main(mode, kind, target, *args):
    server = target if kind == "http" else StdioServerParameters(
        command=target, args=list(args), env=dict(os.environ))
    way = {"server": server, "mode": "2026-07-28" if mode == "modern" else mode}
    seen = await (offers(way, mode == "legacy", os.environ["OFFERS"])
                  if os.environ.get("OFFERS") else visit(way))
    print(json.dumps(seen))


async def offers(way, legacy, cluster):
    seen = {"asked": []}
    uri = f"howdah://clusters/default/{cluster}"
    named = {"cluster_name": cluster, "role_name": f"role_{os.getpid()}"}
    answer = mcp_types.ElicitResult(action="decline")
    changed = anyio.Event()

    async def ask(_, params):
        seen["asked"].append(params.message)
        return answer

    async def on_message(message):
        if isinstance(message, mcp_types.ResourceUpdatedNotification):
            seen["changed"] = str(message.params.uri)
            changed.set()

    async def read(one):
        return (await client.read_resource(one)).contents[0].text

    async def create():
        await client.call_tool("create_postgres_role", named)

    async with Client(**way, elicitation_callback=ask, message_handler=on_message) as client:
        seen["resources"] = [str(r.uri) for r in (await client.list_resources()).resources]
        seen["templates"] = [t.uri_template for t in
                             (await client.list_resource_templates()).resource_templates]
        seen["guide"] = await read("howdah://guide")
        seen["cluster"] = json.loads(await read(uri))
        try:
            await read(uri + "/roles/nobody")
        except MCPError as error:
            seen["missing"] = error.error.code
        seen["prompts"] = [p.name for p in (await client.list_prompts()).prompts]
        seen["prompt"] = (await client.get_prompt(
            "investigate_cluster", {"cluster_name": cluster})).messages[0].content.text
        seen["completed"] = (await client.complete(
            mcp_types.PromptReference(type="ref/prompt", name="investigate_cluster"),
            {"name": "cluster_name", "value": cluster[:3]})).completion.values
        if legacy:
            await client.set_logging_level("warning")
            seen["logging"] = {}
            await client.subscribe_resource(uri + "/roles")
            await create()
            await changed.wait()
        else:
            async with client.listen(resource_subscriptions=[uri + "/roles"]) as heard:
                await create()
                async for event in heard:
                    seen["changed"] = str(event.uri)
                    break
        seen["role"] = json.loads(await read(f"{uri}/roles/{named['role_name']}"))
        kept = await client.call_tool("delete_postgres_role", named)
        answer = mcp_types.ElicitResult(action="accept", content={"confirm": True})
        deleted = await client.call_tool("delete_postgres_role", named)
        seen["kept"] = kept.structured_content
        seen["deleted"] = not deleted.is_error
        seen["named"] = named["role_name"]
    return seen


async def visit(way):
    seen = {"progress": []}
    async with Client(**way) as client:
        seen["server"] = client.server_info and client.server_info.name
        seen["version"] = client.protocol_version
        seen["tools"] = [tool.name for tool in (await client.list_tools()).tools]
        seen["listed"] = (await client.call_tool("list_postgres_clusters")).structured_content
        missing = await client.call_tool("get_cluster_status", {"name": "never-made"})
        seen["missing"] = {"isError": missing.is_error, "text": missing.content[0].text}
        try:
            await client.call_tool("no_such_tool", {})
        except MCPError as error:
            seen["unknownTool"] = error.error.code

        with anyio.CancelScope() as scope:
            async def give_up(progress, total=None, message=None):
                seen["progress"].append(progress)
                scope.cancel()

            await client.call_tool(
                "create_postgres_cluster",
                {"name": os.environ["STUCK"], "instances": 1, "storage_size": "1Gi",
                 "postgres_version": "13", "wait": True}, progress_callback=give_up)
        seen["cancelled"] = scope.cancelled_caught
        after = await client.call_tool("get_cluster_status", {"name": os.environ["STUCK"]})
        seen["after"] = after.structured_content
    return seen


anyio.run(main, *sys.argv[1:])
