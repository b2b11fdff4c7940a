"""The checks of `./howdah check` find what they are for."""

import importlib.util
import subprocess
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
    ("adapter/upstream/caller.cc", "nghttp2/nghttp2.h", True),
    ("adapter/upstream/caller.cc", "grpcpp/grpcpp.h", False),
    ("adapter/tools/provider.cc", "nghttp2/nghttp2.h", False),
    ("backend/server/server.cc", "grpcpp/grpcpp.h", True),
    ("adapter/tools/provider.cc", "backend/cnpg/plan.h", False),
    ("backend/server/assembly.cc", "backend/services/cluster_service.h", True),
    ("backend/cnpg/plan.cc", "backend/kubernetes/control_plane.h", False),
    ("backend/cnpg/plan.cc", "nlohmann/json.hpp", True),
    ("backend/server/x.cc", "adapter/mcp/server.h", False),
    ("backend/main.cc", "backend/server/config.h", True),
    ("backend/new_folder/x.cc", "backend/server/config.h", False),
    ("backend/local/postgres/x.cc", "postgresql/libpq-fe.h", True),
    ("backend/server/x.cc", "postgresql/libpq-fe.h", False),
])
def test_who_may_include_whom(path, included, allowed):
    assert (includes.complaint(path, included) is None) is allowed


@pytest.mark.parametrize("path, line, found", [
    ("backend/services/a.cc", "  std::regex r;", True),
    ("backend/local/api/a_test.cc", "  std::regex r;", True),
    ("backend/services/a.cc", "  system(command);", True),
    ("backend/services/a.cc", '  getenv("HOME");', True),
    ("clients/ctl/main.cc", '  getenv("HOME");', False),
    ("backend/net/a_test.cc", "  absl::Sleep" + "For(absl::Seconds(1));", True),
    ("backend/net/a.cc", "  std::string_view text;", True),
    ("backend/net/a.cc", "#include <simdjson.h>\n  std::string_view text;", False),
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


@pytest.fixture(name="tree")
def tree_with_a_stand_in_for_clang_tidy(tmp_path, monkeypatch):
    """A repository of two sources and a header; `run` gives exit code and output."""
    programs = tmp_path / "programs"
    programs.mkdir()
    stand_in = programs / tidy.TIDY
    stand_in.write_text("#!/bin/sh\n! grep -H BAD \"$2\"\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    tree = tmp_path / "tree"
    tree.mkdir()
    monkeypatch.chdir(tree)
    subprocess.run(["git", "init", "-q", "-b", "main"], check=True)
    for path, text in {"a.h": "", "a.cc": '#include "a.h"\n', "b.cc": "", ".clang-tidy": "",
                       "compile_flags.txt": ""}.items():
        (tree / path).write_text(text)
    return tree


def run_tidy(tree, *arguments):
    done = subprocess.run(
        [sys.executable, ROOT / "deploy/launcher/check_tidy.py", "--cache", tree.parent / "cache",
         *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def test_tidy_reads_each_source_once(tree):
    assert run_tidy(tree) == (0, ["2 read, 0 known clean, 0 left"])
    assert run_tidy(tree) == (0, ["0 read, 2 known clean, 0 left"])


def test_tidy_reads_a_source_again_when_a_header_of_it_has_changed(tree):
    run_tidy(tree)
    (tree / "a.h").write_text("int a;\n")
    assert run_tidy(tree) == (0, ["1 read, 1 known clean, 0 left"])


def test_tidy_reads_all_again_when_the_rules_have_changed(tree):
    run_tidy(tree)
    (tree / ".clang-tidy").write_text("Checks: '*'\n")
    assert run_tidy(tree) == (0, ["2 read, 0 known clean, 0 left"])


def test_tidy_forgets_no_finding(tree):
    (tree / "b.cc").write_text("BAD\n")
    run_tidy(tree)
    code, lines = run_tidy(tree)
    assert (code, lines[-1]) == (1, "1 read, 1 known clean, 0 left; 1 with findings")
    assert "b.cc:BAD" in lines


def test_tidy_says_what_its_time_did_not_reach(tree):
    assert run_tidy(tree, "--seconds", "0") == (0, ["0 read, 0 known clean, 2 left"])


def commit_all_and_leave_main(monkeypatch):
    for variable in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{variable}_NAME", "a")
        monkeypatch.setenv(f"GIT_{variable}_EMAIL", "a@localhost")
    subprocess.run(["git", "add", "."], check=True)
    subprocess.run(["git", "commit", "-q", "-m", "All"], check=True)
    subprocess.run(["git", "checkout", "-q", "-b", "work"], check=True)


def test_tidy_begins_with_what_differs_from_the_main_branch(tree, monkeypatch):
    commit_all_and_leave_main(monkeypatch)
    (tree / "b.cc").write_text("int b;\n")
    assert tidy.sources(tidy.changed_sources()) == ["b.cc", "a.cc"]


def test_tidy_with_a_time_limit_fails_on_what_has_not_changed_too(tree, monkeypatch):
    (tree / "a.cc").write_text("BAD\n")
    commit_all_and_leave_main(monkeypatch)
    code, lines = run_tidy(tree, "--seconds", "100")
    assert (code, lines[0]) == (1, "a.cc:BAD")
