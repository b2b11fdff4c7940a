// Tables with aligned columns.
//
//   Table table({"NAME", "READY"});
//   table.Add({"demo", "3/3"});
//   table.ToText(style, 80)
//   NAME  READY
//   demo  3/3
#ifndef HOWDAH_CLIENTS_CTL_TABLE_H_
#define HOWDAH_CLIENTS_CTL_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/ctl/style.h"

namespace howdah::ctl {

// Threads: not safe. Owns: its cells.
class Table {
 public:
  explicit Table(std::vector<std::string> titles);

  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // Columns without any value are left out. With a `width` above 0 the last
  // column is wrapped into it. Ends with a new line.
  std::string ToText(const Style& style, size_t width = 0) const;

 private:
  std::vector<size_t> UsedColumns() const;

  std::vector<std::string> titles_;
  std::vector<std::vector<std::string>> rows_;
};

// Colour of a word that tells a state, such as "healthy"; empty for others.
absl::string_view StateColour(absl::string_view word, const Style& style);

// Control characters as \xNN, so that a value cannot steer the terminal.
std::string Harmless(absl::string_view text);

}  // namespace howdah::ctl

#endif  // HOWDAH_CLIENTS_CTL_TABLE_H_
