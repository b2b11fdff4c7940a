"""Programs that users run, linked to start quickly and to stay small.

    program(name = "howdah-mcp", srcs = ["main.cc"], deps = [...])

is a cc_binary with packed relocations. A position-independent program of this
size holds 40,000 of them: 1 MB to read at each start, 70 KB when packed
(docs/performance.md). GNU ld packs them; gold, Bazel's choice, does not, and is
the only one of the two that knows --start-lib.
"""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def program(name, **kwargs):
    cc_binary(
        name = name,
        features = ["-supports_start_end_lib"],
        linkopts = [
            "-fuse-ld=bfd",
            "-Wl,-z,pack-relative-relocs",
        ],
        **kwargs
    )
