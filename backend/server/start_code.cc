#include "backend/server/start_code.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace howdah::server {
namespace {

// Of one segment that is mapped from a file and never written to.
void Forget(std::uintptr_t begin, std::size_t size) {
  const std::uintptr_t page = ::sysconf(_SC_PAGESIZE);
  const std::uintptr_t end = (begin + size) / page * page;
  begin = (begin + page - 1) / page * page;
  // A kernel that will not costs nothing but the memory.
  if (begin < end) {
    // Addresses are numbers to the loader.
    void* const code =
        reinterpret_cast<void*>(begin);  // NOLINT(performance-no-int-to-ptr)
    ::madvise(code, end - begin, MADV_DONTNEED);
  }
}

// The program itself comes first, and is the only one looked at.
int ForgetProgram(dl_phdr_info* program, std::size_t, void*) {
  for (int i = 0; i < program->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = program->dlpi_phdr[i];
    const bool is_code = segment.p_type == PT_LOAD &&
                         (segment.p_flags & PF_X) != 0 &&
                         (segment.p_flags & PF_W) == 0;
    if (is_code) Forget(program->dlpi_addr + segment.p_vaddr, segment.p_memsz);
  }
  return 1;
}

}  // namespace

void ForgetStartCode() { ::dl_iterate_phdr(ForgetProgram, nullptr); }

}  // namespace howdah::server
