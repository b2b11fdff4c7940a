"""Writes down what the installed AWS CLI can do, and ends it.

The CLI loads this file itself, as a plug-in that a private configuration file
names. It reads the CLI's own command tables, after all customizations, and calls
nothing. See installed_index.h.

Environment: HOWDAH_AWS_INDEX_OUT, the file to write; HOWDAH_AWS_INDEX_SERVICE, the
service wanted, "" for the head alone, "*" for all.
"""

import json
import os
import re
import sys


def awscli_initialize(event_handlers):
    event_handlers.register_last("building-command-table.main", _write)


def _write(command_table, session, **_):
    try:
        lines = list(_lines(command_table, session, os.environ["HOWDAH_AWS_INDEX_SERVICE"]))
        with open(os.environ["HOWDAH_AWS_INDEX_OUT"], "x", encoding="utf-8") as out:
            out.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    except BaseException as problem:  # the CLI must not go on to run something
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def _lines(command_table, session, wanted):
    # "help" is added later, and opens a pager.
    names = sorted(name for name in command_table if name != "help")
    yield {"cli": session.user_agent().split()[0], "services": names, "witnesses": _witnesses()}
    if wanted and wanted != "*":
        names = [wanted]
    elif not wanted:
        names = []
    for name in names:
        command = command_table[name]
        yield from _commands(command, name, [], _paginators(session, command))


def _witnesses():
    """Files that change when the CLI does: [path, nanoseconds, bytes]."""
    import awscli
    import botocore
    found = []
    for path in (awscli.__file__, os.path.join(os.path.dirname(awscli.__file__), "customizations"),
                 botocore.__file__, os.path.join(os.path.dirname(botocore.__file__), "data"),
                 sys.executable):
        # In a bundle some are not there as files.
        if path and os.path.exists(path):
            facts = os.stat(path)
            found.append([path, facts.st_mtime_ns, facts.st_size])
    return found


def _paginators(session, command):
    service = getattr(command, "_service_name", None)
    if not service:
        return {}
    try:
        loader = session.get_component("data_loader")
        return loader.load_service_model(service, "paginators-1")["pagination"]
    except Exception:  # few services have none
        return {}


def _commands(command, service, path, paginators):
    from awscli.clidriver import ServiceOperation
    table = {}
    if not isinstance(command, ServiceOperation):
        table = getattr(command, "subcommand_table", None)
        if table is None:
            table = command._get_command_table()
        table = {name: inner for name, inner in table.items() if name != "help"}
    options = getattr(command, "arg_table", {})
    # With both, the command runs by itself too.
    if options or not table:
        facts = {"service": service, "path": path, "class": type(command).__name__}
        if isinstance(command, ServiceOperation):
            facts.update(_operation(command._operation_model))
            if command._operation_model.name in paginators:
                facts["paginated"] = True
            if type(command).__name__ == "WaiterStateCommand":
                facts["waiter"] = True
        facts["options"] = [option for name in options for option in _options(options[name])]
        yield facts
    for name, inner in table.items():
        yield from _commands(inner, service, path + [name], paginators)


def _operation(model):
    facts = {
        "api": model.service_model.service_name,
        "operation": model.name,
        "http": model.http.get("method", "POST"),
        "protocol": model.metadata.get("protocol", ""),
    }
    signs = {
        "token": bool(model.idempotent_members),
        "readonly": bool(model._operation_model.get("readonly")),
        "streams_output": model.has_streaming_output,
        "streams_events": model.has_event_stream_output,
    }
    facts.update({name: True for name, is_so in signs.items() if is_so})
    paths = _sensitive_paths(model.output_shape)
    if paths:
        facts["sensitive"] = paths
    return facts


class _Recorder:
    """Stands in for an argparse parser: keeps what an argument asks of it."""

    def __init__(self):
        self.calls = []

    def add_argument(self, *names, **facts):
        self.calls.append((names, facts))

    def add_mutually_exclusive_group(self, **_):
        return self


def _options(argument):
    if getattr(argument, "_UNDOCUMENTED", False) and not argument.required:
        return
    recorder = _Recorder()
    argument.add_to_parser(recorder)
    shape = getattr(argument, "argument_model", None)
    for names, asked in recorder.calls:
        option = {"name": names[0], "type": argument.cli_type_name or "string",
                  "class": type(argument).__name__}
        nargs = asked.get("nargs")
        if not names[0].startswith("-"):
            option["positional"] = True
            option["required"] = nargs not in ("?", "*")
        elif asked.get("required"):
            option["required"] = True
        if asked.get("action") in ("store_true", "store_false"):
            option["flag"] = True
        if nargs is not None:
            option["nargs"] = str(nargs)
        if asked.get("choices"):
            option["choices"] = [str(choice) for choice in asked["choices"]]
        member = getattr(argument, "_serialized_name", None)
        # These are not one member of the input, though they are handled alike.
        if member and type(argument).__name__ not in ("PageArgument", "InjectingArgument"):
            option["member"] = member
        if shape is not None:
            if shape.type_name == "blob" and shape.serialization.get("streaming"):
                option["stream"] = True
            if _sensitive_paths(shape) or _hides(argument.name):
                option["sensitive"] = True
            if shape.metadata.get("idempotencyToken"):
                option["token"] = True
        yield option


# Models forget to say so of some.
_SECRET = re.compile(r"(password|secret|auth-token|private-key)(-string|-binary|-value)?$")


def _hides(name):
    return bool(_SECRET.search(name))


def _sensitive_paths(shape):
    """Where a shape holds what its model calls sensitive, at most 200 places."""
    found = []

    def walk(shape, path, above):
        if len(found) >= 200:
            return
        if shape.metadata.get("sensitive"):
            found.append(path)
        elif shape.name in above or len(above) > 12:
            return
        elif shape.type_name == "structure":
            for name, member in shape.members.items():
                walk(member, f"{path}.{name}" if path else name, above | {shape.name})
        elif shape.type_name == "list":
            walk(shape.member, path + "[]", above | {shape.name})
        elif shape.type_name == "map":
            walk(shape.value, path + "{}", above | {shape.name})

    if shape is not None:
        walk(shape, "", frozenset())
    return found
