"""C++ code for .proto files, made by Debian's protoc and grpc_cpp_plugin.

    howdah_proto(name = "cluster_service", package = "howdah/postgres/v1", grpc = True, deps = [...])

makes a cc_library whose headers are included by their import path, for example
"howdah/postgres/v1/cluster_service.pb.h", and a filegroup `<name>_src` with the
source for //proto/descriptors.
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
    headers = [stem + ".pb.h"]
    sources = [stem + ".pb.cc"]
    if grpc:
        headers.append(stem + ".grpc.pb.h")
        sources.append(stem + ".grpc.pb.cc")
    plugin = "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin --grpc_out=$(RULEDIR)" if grpc else ""
    native.genrule(
        name = name + "_generate",
        srcs = [src, "//proto:sources"],
        outs = headers + sources,
        cmd = "/usr/bin/protoc -Iproto -I/usr/include --cpp_out=$(RULEDIR) %s $(location %s)" % (plugin, src),
        message = "Generating C++ for " + src,
        visibility = ["//visibility:private"],
    )
    cc_library(
        name = name,
        srcs = sources,
        hdrs = headers,
        copts = ["-Wno-unused-parameter"],
        # Programs find messages and services by name in the generated pool.
        alwayslink = True,
        strip_include_prefix = "/proto",
        visibility = ["//visibility:public"],
        deps = deps + [
            "@grpc//:grpc" if grpc else "@protobuf//:protobuf",
        ],
    )
