#include <cstdlib>

#include "../../runtime/device.h"
#include "../stream.cuh"
#include "table.h"

namespace ocelli {

namespace {

using cuda::check;

class CudaDevice : public Device {
 public:
  explicit CudaDevice(int index) : stream_(index) {}

  const KernelTable& table() const override { return cuda::table; }
  bool is_host() const override { return false; }

  // Called on the JavaScript thread: the runtime knows a device for each thread.
  void* allocate(size_t bytes) override {
    void* memory = nullptr;
    use();
    if (cudaMallocAsync(&memory, bytes, stream_.handle()) == cudaSuccess) return memory;
    cudaGetLastError();
    return nullptr;
  }
  void release(void* memory) override {
    use();
    cudaFreeAsync(memory, stream_.handle());
  }

  void run(const KernelEntry& entry, void* const* tensors, const double* scalars) override {
    use();
    stream_.begin(static_cast<int>(&entry - cuda::table.entries));
    entry.run(Call{tensors, scalars, ThreadPool::shared(), &stream_});
    check(cudaGetLastError(), "launch");
  }
  // From memory that is not pinned, the runtime has copied the bytes when it returns.
  void copy_in(void* to, const void* from, size_t bytes) override {
    use();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_.handle()), "copy to the device");
  }
  void copy_out(void* to, const void* from, size_t bytes) override {
    use();
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_.handle()), "copy from the device");
  }
  void finish() override {
    use();
    stream_.wait();
  }

 private:
  void use() { check(cudaSetDevice(stream_.device()), "cudaSetDevice"); }

  cuda::Stream stream_;
};

}  // namespace

DeviceCount count_devices() {
  int count = 0;
  const cudaError_t result = cudaGetDeviceCount(&count);
  if (result == cudaSuccess && count > 0) return {count, ""};
  cudaGetLastError();
  return {0, result == cudaSuccess ? "no CUDA device" : cudaGetErrorString(result)};
}

std::string device_name(int index) {
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, index), "cudaGetDeviceProperties");
  return properties.name;
}

std::vector<std::string> kernel_sets() { return {cuda::table.isa}; }

std::shared_ptr<Device> open_device(int index) {
  const DeviceCount devices = count_devices();
  if (index < 0 || index >= devices.count)
    throw std::runtime_error("[device] cuda:" + std::to_string(index) + " does not exist: " +
                             (devices.count == 0 ? devices.reason : "there are " + std::to_string(devices.count)));
  return std::make_shared<CudaDevice>(index);
}

}  // namespace ocelli
