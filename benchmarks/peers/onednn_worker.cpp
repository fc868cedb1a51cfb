// oneDNN as a peer: answers lines of JSON (peer-process.ts tells the protocol). Knows one case, `linear`: a matrix product
// with a constant weight in whatever layout oneDNN likes best.
#include <omp.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "dnnl.hpp"

using dnnl::memory;
using Tag = memory::format_tag;
using Type = memory::data_type;

// The requests are flat and their strings plain, so that a search finds a value.
static std::string text(const std::string& line, const std::string& key) {
  const size_t at = line.find("\"" + key + "\":");
  if (at == std::string::npos) return "";
  size_t begin = at + key.size() + 3, end = line.find_first_of(",}", begin);
  if (line[begin] == '"') end = line.find('"', ++begin);
  return line.substr(begin, end - begin);
}
static long number(const std::string& line, const std::string& key) { return std::stol(text(line, key)); }

static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);

struct Linear {
  dnnl::stream stream{engine};
  dnnl::matmul matmul;
  memory x, weight, y;

  static dnnl::matmul::primitive_desc describe(long rows, long inputs, long outputs, Type type) {
    const memory::desc x({rows, inputs}, type, Tag::ab), weight({inputs, outputs}, type, Tag::any),
        y({rows, outputs}, type, Tag::ab);
#if DNNL_VERSION_MAJOR >= 3
    return dnnl::matmul::primitive_desc(engine, x, weight, y);
#else
    return dnnl::matmul::primitive_desc(dnnl::matmul::desc(x, weight, y), engine);
#endif
  }

  // Small whole numbers, exact in every type.
  static void fill(memory& plain) {
    float* values = static_cast<float*>(plain.get_data_handle());
    const size_t count = plain.get_desc().get_size() / sizeof(float);
    for (size_t i = 0; i < count; i++) values[i] = static_cast<float>(i % 7) - 3;
  }
  memory made(const memory::desc& wanted, memory::dims dims) {
    memory plain({dims, Type::f32, Tag::ab}, engine), result(wanted, engine);
    fill(plain);
    dnnl::reorder(plain, result).execute(stream, plain, result);
    stream.wait();
    return result;
  }

  Linear(long rows, long inputs, long outputs, Type type) {
    const auto description = describe(rows, inputs, outputs, type);
    matmul = dnnl::matmul(description);
    x = made(description.src_desc(), {rows, inputs});
    weight = made(description.weights_desc(), {inputs, outputs});
    y = memory(description.dst_desc(), engine);
  }
  void run() {
    matmul.execute(stream, {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, weight}, {DNNL_ARG_DST, y}});
    stream.wait();
  }
};

static std::unique_ptr<Linear> prepared;

static std::string answer(const std::string& line) {
  if (line.find("\"prepare\"") != std::string::npos) {
    prepared.reset();
    if (text(line, "case") != "linear") return R"({"contenders": []})";
    omp_set_num_threads(static_cast<int>(number(line, "threads")));
    const std::string dtype = text(line, "dtype");
    try {
      prepared = std::make_unique<Linear>(number(line, "rows"), number(line, "inputs"), number(line, "outputs"),
                                          dtype == "float32" ? Type::f32 : Type::bf16);
    } catch (const dnnl::error& error) {
      if (error.status == dnnl_unimplemented) return R"({"contenders": []})";  // bfloat16 on a processor without it
      throw;
    }
    return R"({"contenders": ["onednn packed"]})";
  }
  if (line.find("\"run\"") != std::string::npos) {
    const long repeats = number(line, "repeats");
    const auto start = std::chrono::steady_clock::now();
    for (long i = 0; i < repeats; i++) prepared->run();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::this_thread::sleep_for(std::chrono::milliseconds(12));  // OpenMP's threads spin for some time
    return "{\"seconds\": " + std::to_string(seconds) + "}";
  }
  if (line.find("\"release\"") != std::string::npos) {
    prepared.reset();
    return "{}";
  }
  return R"({"error": "no such request"})";
}

int main() {
  const dnnl_version_t* version = dnnl_version();
  std::cout << "{\"name\": \"oneDNN\", \"version\": \"" << version->major << "." << version->minor << "." << version->patch << "\"}" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    try {
      std::cout << answer(line) << std::endl;
    } catch (const std::exception& error) {
      std::cout << "{\"error\": \"" << error.what() << "\"}" << std::endl;
    }
  }
}
