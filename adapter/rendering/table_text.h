// Rows under titles, in columns as wide as they need to be.
//
//   TextTable table({"NAME", "READY"});
//   table.AddRow({"demo", "3/3"});
//   table.Append("  ", limit, out);
#ifndef HOWDAH_ADAPTER_RENDERING_TABLE_TEXT_H_
#define HOWDAH_ADAPTER_RENDERING_TABLE_TEXT_H_

#include <cstddef>
#include <string>
#include <vector>

namespace howdah::rendering {

// Threads: not safe.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> titles);

  // As many cells as titles; an empty one is shown as "-".
  void AddRow(std::vector<std::string> cells);

  // Appends titles and rows while `out` stays within `limit` bytes; columns
  // that are empty in every row are left out. Returns the number of rows.
  size_t Append(const std::string& indent, size_t limit,
                std::string& out) const;

 private:
  std::string Line(const std::string& indent,
                   const std::vector<std::string>& cells) const;

  std::vector<std::string> titles_;
  std::vector<size_t> widths_;  // 0: empty so far
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace howdah::rendering

#endif  // HOWDAH_ADAPTER_RENDERING_TABLE_TEXT_H_
