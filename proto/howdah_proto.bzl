"""C++ code for .proto files, made by Debian's protoc and grpc_cpp_plugin.

    howdah_proto(name = "cluster_service", package = "howdah/postgres/v1", grpc = True, deps = [...])

makes a cc_library of the messages, whose headers are included by their import path,
for example "howdah/postgres/v1/cluster_service.pb.h", and for a file with services a
second one, `<name>_grpc`, of gRPC's stubs.
"""

load("@rules_cc//cc:defs.bzl", "cc_library")

def howdah_proto(name, src, grpc = False, deps = []):
    """Makes the C++ library of one .proto file.

    Args:
      name: the target's name.
      src: the path below //proto, which is the import path.
      grpc: whether the file has services.
      deps: howdah_proto targets of the imported files.
    """
    stem = src[:-len(".proto")]
    outs = [stem + ".pb.h", stem + ".pb.cc"]
    stubs = [stem + ".grpc.pb.h", stem + ".grpc.pb.cc"] if grpc else []
    plugin = "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin --grpc_out=$(RULEDIR)" if grpc else ""
    native.genrule(
        name = name + "_generate",
        srcs = [src, "//proto:sources"],
        outs = outs + stubs,
        cmd = "/usr/bin/protoc -Iproto -I/usr/include --cpp_out=$(RULEDIR) %s $(location %s)" % (plugin, src),
        message = "Generating C++ for " + src,
        visibility = ["//visibility:private"],
    )
    cc_library(
        name = name,
        srcs = [stem + ".pb.cc"],
        hdrs = [stem + ".pb.h"],
        copts = ["-Wno-unused-parameter"],
        # Programs find messages and services by name in the generated pool.
        alwayslink = True,
        includes = ["."],
        visibility = ["//visibility:public"],
        deps = deps + ["@protobuf//:protobuf"],
    )
    if grpc:
        cc_library(
            name = name + "_grpc",
            srcs = [stem + ".grpc.pb.cc"],
            hdrs = [stem + ".grpc.pb.h"],
            copts = ["-Wno-unused-parameter"],
            includes = ["."],
            visibility = ["//visibility:public"],
            deps = [":" + name, "@grpc//:grpc"],
        )
