"""Text files compiled in, so that no file has to be found at run time.

    embedded_texts(
        name = "runbook_texts",
        srcs = glob(["runbooks/*.md"]),
        function = "const std::vector<absl::string_view>& RunbookTexts()",
        header = "adapter/prompts/runbook_texts.h",
        namespace = "howdah::prompts",
    )

makes `runbook_texts.cc` with that function, which the header declares. The texts
are in the order of the file names.
"""

def embedded_texts(name, srcs, function, header, namespace):
    """Makes the C++ source.

    Args:
      name: the target's name; its output is name + ".cc".
      srcs: the text files, each at most 60 KB.
      function: signature of a function that returns all texts.
      header: what declares the function.
      namespace: of the function.
    """
    native.genrule(
        name = name,
        srcs = srcs,
        outs = [name + ".cc"],
        cmd = """
        {
          echo '#include "%s"'
          echo 'namespace %s {'
          echo '%s {'
          echo '  static const auto* const texts ='
          echo '      new std::vector<absl::string_view>{'
          for file in $$(printf '%%s\\n' $(SRCS) | LC_ALL=C sort); do
            printf 'R"_TEXT_('
            cat $$file
            echo ')_TEXT_",'
          done
          echo '  };'
          echo '  return *texts;'
          echo '}'
          echo '}'
        } > $@
        """ % (header, namespace, function),
        message = "Embedding " + name,
        visibility = ["//visibility:private"],
    )
