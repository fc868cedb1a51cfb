#include <mutex>

#include "../../runtime/device.h"
#include "../stream.cuh"
#include "copies.h"
#include "driver.h"
#include "graph.h"
#include "table.h"

namespace ocelli {

namespace {

using cuda::check;

std::string name_of(int index) { return std::string(cuda::table.isa) + ":" + std::to_string(index); }

class CudaDevice : public Device {
 public:
  explicit CudaDevice(int index) : stream_(index), copies_(stream_) { cuda::expect_kernels(index); }

  const KernelTable& table() const override { return cuda::table; }
  bool is_host() const override { return false; }

  void set_precision(int precision) override { stream_.precision = static_cast<cuda::Precision>(precision); }

  // The calls for memory come from the JavaScript thread, and CUDA's runtime knows a device for each thread.
  void* allocate(size_t bytes, size_t) override {
    void* memory = nullptr;
    check(cudaSetDevice(stream_.device()), "cudaSetDevice");
    const cudaError_t result = cudaMallocAsync(&memory, bytes, stream_.main());
    if (result == cudaSuccess) return memory;
    if (result != cudaErrorMemoryAllocation) check(result, "cudaMallocAsync");
    cudaGetLastError();
    return nullptr;
  }
  void release(void* memory) override {
    note(cudaSetDevice(stream_.device()), "cudaSetDevice");
    note(cudaFreeAsync(memory, stream_.main()), "cudaFreeAsync");
  }
  void trim() override {
    note(cudaStreamSynchronize(stream_.main()), "cudaStreamSynchronize");
    note(cudaMemPoolTrimTo(stream_.pool(), 0), "cudaMemPoolTrimTo");
  }
  void* allocate_host(size_t bytes) override {
    void* memory = nullptr;
    if (cudaSetDevice(stream_.device()) == cudaSuccess && cudaHostAlloc(&memory, bytes, cudaHostAllocDefault) == cudaSuccess)
      return memory;
    cudaGetLastError();
    return nullptr;
  }
  void release_host(void* memory) override { note(cudaFreeHost(memory), "cudaFreeHost"); }

  void run(const KernelEntry& entry, void* const* tensors, const double* scalars) override {
    guard([&] { launch(entry, tensors, scalars); });
  }
  std::function<void()> prepare(std::vector<KernelCommand> calls) override {
    std::shared_ptr<cuda::Graph> graph;
    guard([&] {
      graph = std::make_shared<cuda::Graph>(stream_, [&] {
        for (const KernelCommand& call : calls) launch(*call.entry, call.tensors, call.scalars);
      });
    });
    return [this, graph] { guard([&] { graph->launch(); }); };
  }
  void copy_in(void* to, const void* from, size_t bytes, std::function<void()> done) override {
    guard([&] {
      check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_.handle()), "copy to the device");
      copies_.begun(std::move(done));
    });
  }
  void copy_out(void* to, const void* from, size_t bytes) override {
    guard([&] { check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_.handle()), "copy from the device"); });
  }
  void finish() override {
    try {
      guard([&] { stream_.wait(); });
    } catch (...) {
      copies_.settle();
      if (!lost_.empty()) throw std::runtime_error("[device] " + lost_);
      throw;
    }
    copies_.settle();
    const std::lock_guard<std::mutex> lock(trouble_mutex_);
    if (!trouble_.empty()) throw std::runtime_error("[device] " + name_of(stream_.device()) + ": " + std::exchange(trouble_, ""));
  }

 private:
  // Some errors leave a device that answers nothing but errors, whatever is called: whoever waits from then on hears what
  // was first.
  template <class Work>
  void guard(const Work& work) {
    if (!lost_.empty()) throw std::runtime_error(lost_);
    try {
      check(cudaSetDevice(stream_.device()), "cudaSetDevice");
      work();
    } catch (const cuda::Error& error) {
      if (stream_.is_alive()) throw;
      lost_ = name_of(stream_.device()) + " is lost: " + error.what() + "; start the process anew";
      throw std::runtime_error(lost_);
    }
  }

  void launch(const KernelEntry& entry, void* const* tensors, const double* scalars) {
    stream_.begin(static_cast<int>(&entry - cuda::table.entries));
#ifdef OCELLI_SIMT
    static constexpr const char* precisions[] = {"float32", "tf32", "bfloat16"};
    simt::record_call(entry.name, precisions[static_cast<int>(stream_.precision)], scalars, entry.scalars);
#endif
    entry.run(Call{tensors, scalars, ThreadPool::shared(), &stream_});
    check(cudaGetLastError(), "launch");
  }

  // For calls whose failure nobody can be told of at once: the next wait throws the first.
  void note(cudaError_t result, const char* what) {
    if (result == cudaSuccess) return;
    cudaGetLastError();
    const std::lock_guard<std::mutex> lock(trouble_mutex_);
    if (trouble_.empty()) trouble_ = cuda::error_text(result, what);
  }

  cuda::Stream stream_;
  cuda::Copies copies_;
  std::string lost_;
  std::mutex trouble_mutex_;
  std::string trouble_;
};

}  // namespace

DeviceCount count_devices() {
  int count = 0;
  const cudaError_t result = cudaGetDeviceCount(&count);
  if (result == cudaSuccess && count > 0) return {count, cuda::driver_text(), ""};
  cudaGetLastError();
  return {0, cuda::driver_text(), cuda::reason_text(result)};
}

std::string device_name(int index) {
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, index), "cudaGetDeviceProperties");
  return properties.name;
}

std::vector<std::string> kernel_sets() { return {cuda::table.isa}; }

std::shared_ptr<Device> open_device(int index) {
  const DeviceCount devices = count_devices();
  if (devices.count == 0) throw std::runtime_error(devices.reason);
  if (index < 0 || index >= devices.count)
    throw std::runtime_error("the machine has only " + std::to_string(devices.count) + " of its kind");
  try {
    return std::make_shared<CudaDevice>(index);
  } catch (const std::bad_alloc&) {
    throw std::runtime_error("it has no memory left");
  }
}

}  // namespace ocelli
