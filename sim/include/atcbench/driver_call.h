// SPDX-License-Identifier: Apache-2.0
//
// Calls of the driver from the harness, on whichever port the machine has.
//
//   driver_call(machine, iommu_unmap, domain, iova, pages)
//
// On the native port that is the call itself. On AArch64 it runs the function of that name in the image: numbers and
// handles go through registers; the structs listed here, and what a T** points to, are copied to the guest's stack and
// back. A handle is the address in the guest: of no meaning here but to be handed back.
#pragma once

#include <cstddef>
#include <type_traits>
#include <vector>

#include "atcbench/machine.h"

extern "C" {
#include "iommu.h"
}

namespace atcbench {

struct GuestArgument {
  uint64_t value = 0;
  void* host = nullptr;  // copied to the guest and passed by its address there
  size_t bytes = 0;
  bool back = false;     // and copied back when the call returns
  const char** text = nullptr;  // in `host`: a string that is copied too
  bool is_port = false;
};

// An array parameter and how much of it there is.
template <class T>
struct ArrayArgument {
  T data;
  size_t bytes;
  operator T() const { return data; }
};

inline ArrayArgument<const uint64_t (*)[2]> commands_argument(const uint64_t (*commands)[2], size_t n) {
  return {commands, n * sizeof *commands};
}

template <class T>
struct PassedByContents : std::false_type {};
template <>
struct PassedByContents<smmu_platform> : std::true_type {};
template <>
struct PassedByContents<pci_host_cfg> : std::true_type {};
template <>
struct PassedByContents<iommu_device_cfg> : std::true_type {};
template <>
struct PassedByContents<iommu_device_info> : std::true_type {};
template <>
struct PassedByContents<pci_port_cfg> : std::true_type {};
template <>
struct PassedByContents<pci_port_info> : std::true_type {};
template <>
struct PassedByContents<smmu_stats> : std::true_type {};

template <class P>
GuestArgument guest_argument(P value) {
  GuestArgument a;
  if constexpr (std::is_pointer_v<P>) {
    using T = std::remove_pointer_t<P>;
    static_assert(!std::is_function_v<T> && !std::is_array_v<T>,
                  "an array goes as an ArrayArgument; the image cannot call a function of the harness");
    if constexpr (std::is_same_v<T, ::port>) {
      a.is_port = true;
    } else if constexpr (std::is_pointer_v<T> || PassedByContents<std::remove_cv_t<T>>::value) {
      a.host = const_cast<std::remove_cv_t<T>*>(value);
      a.bytes = sizeof(T);
      a.back = !std::is_const_v<T>;
      if constexpr (std::is_same_v<std::remove_cv_t<T>, smmu_platform>)
        a.text = &static_cast<smmu_platform*>(a.host)->policy;
    } else {
      a.value = reinterpret_cast<uint64_t>(value);
    }
  } else {
    a.value = static_cast<uint64_t>(value);
  }
  return a;
}
template <class P, class A>
GuestArgument guest_argument_as(A& arg) {
  return guest_argument<P>(arg);
}
template <class P, class T>
GuestArgument guest_argument_as(ArrayArgument<T>& arg) {
  GuestArgument a;
  a.host = const_cast<void*>(static_cast<const void*>(arg.data));
  a.bytes = arg.bytes;
  return a;
}

// In a task. Every driver function that takes or makes a handle has to be in the list of aarch64_functions.cpp.
uint64_t guest_call(Machine& machine, const void* function, std::vector<GuestArgument>& arguments);

template <class R, class... P, class... A>
R driver_call(Machine& machine, R (*function)(P...), A... args) {
  if (!machine.aarch64()) return function(args...);
  std::vector<GuestArgument> arguments{guest_argument_as<P>(args)...};
  const uint64_t result = guest_call(machine, reinterpret_cast<const void*>(function), arguments);
  if constexpr (std::is_pointer_v<R>)
    return reinterpret_cast<R>(result);
  else
    return static_cast<R>(result);
}

// pci_bind_driver(): the callbacks are the harness's own.
void driver_bind(Machine& machine, pci_dev* pdev, const pci_driver* driver, void* arg);

}  // namespace atcbench
