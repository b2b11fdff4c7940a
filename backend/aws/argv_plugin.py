"""For tests: tells how the AWS CLI understands arguments, and calls nothing.

Loaded as index_plugin.py is. HOWDAH_AWS_ARGV names a file of JSON lists, one set of
arguments each, those of one service together; HOWDAH_AWS_ARGV_OUT gets one JSON
object for each: {"operation", "members", "globals"} or {"error"}.
"""

import io
import itertools
import json
import os
import sys


def awscli_initialize(event_handlers):
    if "HOWDAH_AWS_ARGV" in os.environ:
        event_handlers.register_last("building-command-table.main", _begin)


def _begin(**_):
    arguments = os.environ.pop("HOWDAH_AWS_ARGV")  # the drivers made below do not begin again
    try:
        with open(arguments, encoding="utf-8") as lines, \
             open(os.environ["HOWDAH_AWS_ARGV_OUT"], "w", encoding="utf-8") as out:
            for _, group in itertools.groupby(map(json.loads, lines), lambda argv: argv[0]):
                for answer in _understand(group):
                    out.write(json.dumps(answer) + "\n")
    except BaseException as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def _understand(group):
    driver, answer = _driver()
    for argv in group:
        _ask(driver, answer, argv)
        if "error" in answer:
            # Some customizations of one command disturb the next.
            driver, answer = _driver()
            _ask(driver, answer, argv)
        yield json.loads(json.dumps(answer, default=str))


def _driver():
    from awscli.clidriver import create_clidriver
    driver = create_clidriver()
    answer = {}

    def called(event_name, call_parameters, parsed_globals, **_):
        facts = vars(parsed_globals)
        answer.update(
            operation=event_name, members=call_parameters,
            globals={name: facts.get(name) for name in
                     ("profile", "region", "endpoint_url", "debug", "query", "verify_ssl",
                      "sign_request", "ca_bundle", "output", "read_timeout")})
        return 0  # instead of the call

    driver.session.get_component("event_emitter").register_last("calling-command", called)
    return driver, answer


def _ask(driver, answer, argv):
    answer.clear()
    problem = ""
    real, sys.stderr = sys.stderr, io.StringIO()
    try:
        driver.main(argv)
    except BaseException as raised:
        problem = f"{type(raised).__name__}: {raised}"
    finally:
        said, sys.stderr = sys.stderr.getvalue(), real
    if "operation" not in answer:
        answer["error"] = (problem + " " + said)[-500:]
