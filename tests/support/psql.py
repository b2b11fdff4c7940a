"""Asks PostgreSQL itself, with psql: what the product says is never the proof.

    rows = query(secret, "select rolname, rolcreatedb from pg_roles")
"""

import os
import subprocess


def query(login, sql, database=None):
    """Runs one statement; returns rows as lists of text.

    `login` is the decoded Secret of a role: host, port, username, password, dbname.
    """
    env = dict(os.environ, PGPASSWORD=login["password"], PGCONNECT_TIMEOUT="10",
               PGCLIENTENCODING="UTF8")
    run = subprocess.run(
        ["psql", "-X", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1",
         "-h", login["host"], "-p", str(login["port"]), "-U", login["username"],
         "-d", database or login["dbname"], "-c", sql],
        env=env, capture_output=True, text=True, timeout=60, check=False)
    if run.returncode != 0:
        raise RuntimeError(run.stderr.strip())
    return [line.split("\x1f") for line in run.stdout.splitlines() if line]
