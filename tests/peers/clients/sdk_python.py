"""The Python SDK's client, as visit.cjs.

STUCK=name python sdk_python.py legacy|auto|2026-07-28 http URL
STUCK=name python sdk_python.py legacy|auto|2026-07-28 stdio COMMAND ARGUMENT…
"""

import json
import os
import sys

import anyio
from mcp import Client, MCPError, StdioServerParameters


async def main(mode, kind, target, *args):
    server = target if kind == "http" else StdioServerParameters(
        command=target, args=list(args), env=dict(os.environ))
    seen = {"progress": []}
    async with Client(server, mode="2026-07-28" if mode == "modern" else mode) as client:
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
    print(json.dumps(seen))


anyio.run(main, *sys.argv[1:])
