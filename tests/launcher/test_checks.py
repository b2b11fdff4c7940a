"""The checks of `./howdah check` find what they are for."""

import importlib.util
import pathlib
import sys

import pytest

from stand_in import ROOT


def load(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / f"deploy/launcher/{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


includes = load("check_includes")
sources = load("check_sources")
markdown = load("check_markdown")
tidy = load("check_tidy")


@pytest.mark.parametrize("path, included, allowed", [
    ("adapter/mcp/server.cc", "adapter/jsonrpc/message.h", True),
    ("adapter/mcp/server.cc", "adapter/catalogue/tool.h", False),
    ("adapter/mcp/server.cc", "howdah/postgres/v1/cluster_service.pb.h", False),
    ("adapter/mcp/server.cc", "grpcpp/grpcpp.h", False),
    ("adapter/mcp/server_test.cc", "tests/support/status_matchers.h", True),
    ("adapter/mcp/server.cc", "tests/support/status_matchers.h", False),
    ("adapter/mcp/answer.h", "adapter/transports/message_sink.h", True),
    ("adapter/mcp/answer.h", "adapter/transports/http_server.h", False),
    ("adapter/mcp/http_door_test.cc", "adapter/transports/http_server.h", True),
    ("adapter/mcp/http_door_test.cc", "backend/net/url.h", False),
    ("adapter/upstream/caller.cc", "grpcpp/grpcpp.h", True),
    ("adapter/tools/provider.cc", "backend/cnpg/plan.h", False),
    ("backend/server/assembly.cc", "backend/services/cluster_service.h", True),
    ("backend/cnpg/plan.cc", "backend/kubernetes/control_plane.h", False),
    ("backend/cnpg/plan.cc", "nlohmann/json.hpp", True),
    ("backend/server/x.cc", "adapter/mcp/server.h", False),
])
def test_who_may_include_whom(path, included, allowed):
    assert (includes.complaint(path, included) is None) is allowed


@pytest.mark.parametrize("path, line, found", [
    ("backend/services/a.cc", "  std::regex r;", True),
    ("backend/local/api/a_test.cc", "  std::regex r;", True),
    ("backend/services/a.cc", "  system(command);", True),
    ("backend/services/a.cc", '  getenv("HOME");', True),
    ("backend/main.cc", '  getenv("HOME");', False),
    ("backend/net/a_test.cc", "  absl::SleepFor(absl::Seconds(1));", True),
    ("backend/net/a.cc", "#if 0", True),
    ("backend/net/a.h", "using namespace std;", True),
    ("backend/net/a.cc", "// TO" + "DO: later", True),
    ("backend/net/a.cc", "int file_system(int);", False),
])
def test_what_only_some_files_may_do(path, line, found):
    assert bool(list(sources.complaints_of(path, line))) is found


@pytest.mark.parametrize("text, paths", [
    ("See `deploy/launcher/{a,b}.sh`.", ["deploy/launcher/{a,b}.sh"]),
    ("`text/json` and `https://x/y` and `a b/c`", []),
    ("[here](CONTRIBUTING.md#style)", ["CONTRIBUTING.md"]),
    ("[there](https://example.org)", []),
    ("```\n`deploy/none`\n```", []),
    ("`./howdah` `deploy/launcher/up.sh:12`", ["./howdah", "deploy/launcher/up.sh"]),
])
def test_which_words_of_a_text_are_paths(text, paths):
    assert [path for _, path, _ in markdown.named_paths(text, {"deploy", "docs"})] == paths


def test_choices_in_paths_are_read():
    assert markdown.expand("a/{b,c}/{d,e}") == ["a/b/d", "a/b/e", "a/c/d", "a/c/e"]


def test_paths_are_looked_for_beside_the_text_and_at_the_top():
    assert markdown.exists("docs/decisions", ROOT / "deploy", ROOT)
    assert markdown.exists("../debian-packages.txt", ROOT / "deploy/launcher", ROOT)
    assert not markdown.exists("docs/none.md", ROOT, ROOT)


def test_a_changed_header_is_read_through_a_source_that_includes_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path, text in {"a.h": "", "a.cc": "", "b.h": "", "c.cc": '#include "b.h"\n'}.items():
        pathlib.Path(path).write_text(text)
    tracked = ["a.cc", "a.h", "b.h", "c.cc"]
    assert tidy.sources_to_read({"a.h"}, tracked) == ["a.cc"]
    assert tidy.sources_to_read({"b.h"}, tracked) == ["c.cc"]
    assert tidy.sources_to_read(set(), tracked) == []
