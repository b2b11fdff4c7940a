"""Repository rules that make Debian's own packages available as Bazel labels.

    system_library(name = "grpc", pkg_config = ["grpc++"], build_file = "//deploy/bazel:grpc.BUILD")

makes `@grpc//...`: a repository with the given BUILD file beside a generated
`flags.bzl` that holds LINKOPTS and COPTS as pkg-config reports them. Headers
stay where Debian puts them (/usr/include), which the compiler searches anyway.

Libraries named in `static_archives` (or all of them, with `static = True`) are
linked from their static archive where Debian ships one: start-up is a third
and memory 40 % less than with shared objects (docs/performance.md).
"""

_ARCHIVE_DIR = "/usr/lib/x86_64-linux-gnu"

# glibc's archives do not mix with its shared objects.
_ALWAYS_SHARED = ["-lc", "-ldl", "-lm", "-lpthread", "-lrt"]

def _pkg_config(repository_ctx, arguments):
    tool = repository_ctx.which("pkg-config")
    if tool == None:
        fail("pkg-config is not installed; run ./howdah setup")
    result = repository_ctx.execute([tool] + arguments)
    if result.return_code != 0:
        fail("%s: %s(run ./howdah setup)" % (" ".join(arguments), result.stderr))
    return [flag for flag in result.stdout.replace("\n", " ").split(" ") if flag]

def _archive_dir(repository_ctx):
    result = repository_ctx.execute(["gcc", "-print-multiarch"])
    if result.return_code == 0 and result.stdout.strip():
        return "/usr/lib/" + result.stdout.strip()
    return _ARCHIVE_DIR

def _prefer_static(repository_ctx, flags):
    directory = _archive_dir(repository_ctx)
    chosen = []
    for flag in flags:
        archive = "lib%s.a" % flag[2:]
        if flag in _ALWAYS_SHARED:
            chosen.append(flag)
        elif flag.startswith("-l") and repository_ctx.path(directory + "/" + archive).exists:
            chosen.append("-l:" + archive)
        else:
            chosen.append(flag)
    return ["-Wl,--start-group"] + chosen + ["-Wl,--end-group"]

def _system_library_impl(repository_ctx):
    linkopts = []
    copts = []
    packages = repository_ctx.attr.pkg_config
    if packages:
        mode = ["--static"] if repository_ctx.attr.static else []
        linkopts = _pkg_config(repository_ctx, mode + ["--libs"] + packages)
        copts = [
            flag
            for flag in _pkg_config(repository_ctx, ["--cflags"] + packages)
            if flag != "-I/usr/include"
        ]
    linkopts += ["-l" + library for library in repository_ctx.attr.libraries]
    if repository_ctx.attr.static:
        linkopts = _prefer_static(repository_ctx, linkopts)
    repository_ctx.file(
        "flags.bzl",
        "LINKOPTS = %s\n\nCOPTS = %s\n" % (repr(linkopts), repr(copts)),
    )
    repository_ctx.symlink(repository_ctx.attr.build_file, "BUILD.bazel")

system_library = repository_rule(
    implementation = _system_library_impl,
    attrs = {
        "build_file": attr.label(mandatory = True, allow_single_file = True),
        "libraries": attr.string_list(doc = "Libraries without a pkg-config file, as after -l."),
        "pkg_config": attr.string_list(doc = "Names of pkg-config packages."),
        "static": attr.bool(default = False),
    },
    local = True,
)

def _debian_rules_cc_impl(repository_ctx):
    # Debian's rules_cc is newer than its Bazel: two files load a symbol that
    # Bazel 4.2 does not have. The copy here names the toolchain type instead.
    source = "/usr/share/bazel/rules/cc"
    repository_ctx.execute(["cp", "-r", source + "/.", "."])
    for path in ["compiler_flag", "cc_flags_supplier"]:
        path = "cc/private/rules_impl/%s.bzl" % path
        text = repository_ctx.read(path)
        text = text.replace(", \"use_cpp_toolchain\")", ")")
        text = text.replace("use_cpp_toolchain()", "[\"@bazel_tools//tools/cpp:toolchain_type\"]")
        repository_ctx.file(path, text)

debian_rules_cc = repository_rule(
    implementation = _debian_rules_cc_impl,
    local = True,
)

def _coverage_stub_impl(repository_ctx):
    # cc_test names this repository even when no coverage is asked for.
    repository_ctx.file("BUILD.bazel", """
filegroup(
    name = "coverage_report_generator",
    srcs = [],
    visibility = ["//visibility:public"],
)
""")

coverage_stub = repository_rule(implementation = _coverage_stub_impl)
