"""A fuzz target: libFuzzer's program, and the replay of its corpus for every day.

    fuzz_target(name = "jsonrpc", deps = [...])

makes of `jsonrpc_fuzzer.cc`
  - `jsonrpc_replay_test`, which runs everything in corpus/jsonrpc once (default tests);
  - `jsonrpc_fuzzer`, which only `./howdah test --fuzz` builds, with Clang.
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

def fuzz_target(name, deps, corpus = None):
    if not corpus:
        corpus = ":%s_corpus" % name
        native.filegroup(
            name = "%s_corpus" % name,
            srcs = native.glob(["corpus/%s/*" % name]),
        )
    cc_library(
        name = name,
        testonly = True,
        srcs = ["%s_fuzzer.cc" % name],
        deps = deps + [":check"],
        alwayslink = True,
    )
    cc_test(
        name = "%s_replay_test" % name,
        size = "small",
        srcs = ["replay_test.cc"],
        args = ["$(rootpaths %s)" % corpus],
        data = [corpus],
        deps = [
            ":%s" % name,
            "@googletest",
        ],
    )
    cc_binary(
        name = "%s_fuzzer" % name,
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [":%s" % name],
    )
