"""A server made with PyPI's fastmcp that answers one call from memory.

python fastmcp_pypi.py stdio | http PORT
"""

import pathlib
import sys

from fastmcp import FastMCP

ANSWER = pathlib.Path(__file__).with_name("answer.json").read_text(encoding="utf-8")
server = FastMCP("fastmcp")


@server.tool
def get_cluster() -> str:
    """One cluster."""
    return ANSWER


if sys.argv[1] == "stdio":
    server.run(transport="stdio", show_banner=False)
else:
    server.run(transport="http", host="127.0.0.1", port=int(sys.argv[2]), show_banner=False,
               log_level="error")
