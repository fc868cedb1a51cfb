#include <cstdlib>
#include <cstring>

#include "../../runtime/device.h"
#include "kernel_sets.h"
#include "populator.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace ocelli {

namespace {

constexpr size_t kHugePage = size_t{2} << 20;

class CpuDevice : public Device {
 public:
  CpuDevice() : table_(choose_table()) {}

  const KernelTable& table() const override { return table_; }
  bool is_host() const override { return true; }
  int threads() const override { return ThreadPool::shared().threads(); }
  void set_threads(int count) override { ThreadPool::shared().set_threads(count); }

  void* allocate(size_t bytes, size_t used) override {
    if (bytes < kHugePage) return std::aligned_alloc(64, bytes);
    // Fresh large blocks cost more in page faults than most kernels do in arithmetic; huge pages take 512 times fewer.
    const size_t whole = (bytes + kHugePage - 1) / kHugePage * kHugePage;
    void* block = std::aligned_alloc(kHugePage, whole);
#if defined(__linux__)
    if (block) madvise(block, whole, MADV_HUGEPAGE);
#endif
    if (block) populator_.add(static_cast<char*>(block), used);
    return block;
  }
  void release(void* memory) override {
    populator_.clear();
    std::free(memory);
  }
  void* allocate_host(size_t bytes) override { return std::malloc(bytes); }
  void release_host(void* memory) override { std::free(memory); }

  void run(const KernelEntry& entry, void* const* tensors, const double* scalars) override {
    entry.run(Call{tensors, scalars, ThreadPool::shared()});
  }
  void copy_in(void* to, const void* from, size_t bytes, std::function<void()> done) override {
    std::memcpy(to, from, bytes);
    done();
  }
  void copy_out(void* to, const void* from, size_t bytes) override { std::memcpy(to, from, bytes); }
  void finish() override {}

 private:
  const KernelTable& table_;
  Populator populator_;
};

}  // namespace

DeviceCount count_devices() { return {1, "", ""}; }
std::string device_name(int) { return "cpu"; }
std::vector<std::string> kernel_sets() {
  std::vector<std::string> names;
  for (const KernelTable* table : supported_tables()) names.push_back(table->isa);
  return names;
}
std::shared_ptr<Device> open_device(int) { return std::make_shared<CpuDevice>(); }

}  // namespace ocelli
