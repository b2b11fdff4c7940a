"""The official MCP conformance suite, run once for each set of requirements.

    suite = Suite()
    suite.scenarios("2026-07-28")       # names, as the suite lists them
    results = suite.run(url, "2026-07-28")
    results.complaints("tools-list")    # [] if it passed

Stricter than the suite itself: a warning or a skipped check is a complaint too, and
so is a scenario in which nothing succeeded.
"""

import json
import pathlib
import re
import subprocess
import tempfile

import pytest

import peers

# The frozen requirements of two revisions, and what else the suite has for a third.
SETS = {
    "2026-07-28": ("--requirements", "2026-07-28"),
    "2025-11-25": ("--requirements", "2025-11-25"),
    "2025-06-18": ("--suite", "all", "--spec-version", "2025-06-18"),
}

# The suite skips it whatever the server does: it has not been rewritten for the
# way in which the extension now sends its notifications.
ALWAYS_SKIPPED = {"tasks-status-notifications"}


class Results:
    """What one run of the suite found, by scenario."""

    def __init__(self, folder, log):
        self._log = log
        self._checks = {}
        for file in folder.glob("server-*/checks.json"):
            name = re.match(r"server-(.*)-\d{4}-\d\d-\d\dT", file.parent.name).group(1)
            self._checks[name] = json.loads(file.read_text(encoding="utf-8"))

    def checks(self, scenario):
        return self._checks.get(scenario, [])

    def complaints(self, scenario, excuse=lambda check: False):
        """What is wrong, one line for each check that did not pass."""
        if scenario not in self._checks:
            return ["the scenario left no result: " + self._log[-2000:]]
        checks = self._checks[scenario]
        bad = [check for check in checks if check["status"] not in ("SUCCESS", "INFO")]
        if scenario in ALWAYS_SKIPPED:
            bad = [check for check in bad if check["status"] != "SKIPPED"]
        elif not any(check["status"] == "SUCCESS" for check in checks):
            return ["nothing was checked: %s" % checks]
        return ["%s %s: %s" % (check["status"], check["id"], check.get("errorMessage"))
                for check in bad if not excuse(check)]


class Suite:
    """The suite's program. Owns: nothing but a cached installation."""

    def __init__(self):
        self._program = str(peers.npm_program("conformance"))
        self._environment = peers.node_environment()

    def _run(self, *arguments):
        done = subprocess.run([self._program, *arguments], env=self._environment,
                              capture_output=True, text=True, timeout=900, check=False)
        return done.stdout + done.stderr

    def scenarios(self, revision):
        """Names of the server scenarios of a set, scored and not."""
        kind, *rest = SETS[revision]
        if kind == "--requirements":
            text = self._run("list", kind, *rest)
            scored = text.split("Client scenarios", 1)[0]
            names = re.findall(r"^  - (\S+)$", scored, re.MULTILINE)
            names += re.findall(r"^ +- (\S+) \[server\]$", text, re.MULTILINE)
        else:
            text = self._run("list", "--server")
            names = [name for name, versions in re.findall(r"^  - (\S+) \[(.*)\]$", text,
                                                           re.MULTILINE)
                     if revision in versions.split(",")]
        assert len(names) > 20, text
        return names

    def run(self, url, revision):
        with tempfile.TemporaryDirectory() as folder:
            log = self._run("server", "--url", url, *SETS[revision], "-o", folder,
                            "--timeout", "120000")
            return Results(pathlib.Path(folder), log)

    def run_scenario(self, url, scenario, revision):
        """One alone, also where the requirements of the revision do not name it."""
        with tempfile.TemporaryDirectory() as folder:
            log = self._run("server", "--url", url, "--scenario", scenario, "--force",
                            "--spec-version", revision, "-o", folder, "--timeout", "120000")
            return Results(pathlib.Path(folder), log)


def cases(wanted=lambda scenario: True):
    """(revision, scenario) of all sets, for pytest; one skip where there is no npm."""
    try:
        suite = Suite()
    except pytest.skip.Exception as reason:
        return [pytest.param("", "", marks=pytest.mark.skip(reason=str(reason)))]
    return [(revision, scenario) for revision in SETS for scenario in suite.scenarios(revision)
            if wanted(scenario)]
