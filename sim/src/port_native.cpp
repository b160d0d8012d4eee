// SPDX-License-Identifier: Apache-2.0
//
// The port interface on virtual CPUs: names of sw/port/port.h on top of Machine.
#include <cstdarg>

#include "atcbench/machine.h"

using atcbench::Machine;

extern "C" {

uint8_t port_read8(port* p, uint64_t pa) { return static_cast<uint8_t>(p->machine->mmio_read(pa, 1)); }
uint16_t port_read16(port* p, uint64_t pa) { return static_cast<uint16_t>(p->machine->mmio_read(pa, 2)); }
uint32_t port_read32(port* p, uint64_t pa) { return static_cast<uint32_t>(p->machine->mmio_read(pa, 4)); }
uint64_t port_read64(port* p, uint64_t pa) { return p->machine->mmio_read(pa, 8); }
void port_write8(port* p, uint64_t pa, uint8_t v) { p->machine->mmio_write(pa, 1, v); }
void port_write16(port* p, uint64_t pa, uint16_t v) { p->machine->mmio_write(pa, 2, v); }
void port_write32(port* p, uint64_t pa, uint32_t v) { p->machine->mmio_write(pa, 4, v); }
void port_write64(port* p, uint64_t pa, uint64_t v) { p->machine->mmio_write(pa, 8, v); }

uint32_t port_mem_read32(port* p, uint64_t pa) { return p->machine->mem_read<uint32_t>(pa); }
uint64_t port_mem_read64(port* p, uint64_t pa) { return p->machine->mem_read<uint64_t>(pa); }
void port_mem_write32(port* p, uint64_t pa, uint32_t v) { p->machine->mem_write(pa, v); }
void port_mem_write64(port* p, uint64_t pa, uint64_t v) { p->machine->mem_write(pa, v); }
uint64_t port_mem_cmpxchg64(port* p, uint64_t pa, uint64_t old, uint64_t val) {
  return p->machine->mem_cmpxchg(pa, old, val);
}

int port_dma_alloc(port* p, size_t bytes, size_t align, uint64_t* pa) {
  return p->machine->dma_alloc(bytes, align, pa);
}
void port_dma_free(port* p, uint64_t pa, size_t bytes) { p->machine->dma_free(pa, bytes); }
void* port_zalloc(port* p, size_t bytes) { return p->machine->zalloc(bytes); }
void port_free(port* p, void* ptr) { p->machine->free(ptr); }

uint64_t port_atomic_read(port* p, const port_atomic_t* a) {
  return p->machine->atomic([a] { return a->v; });
}
void port_atomic_set(port* p, port_atomic_t* a, uint64_t v) {
  p->machine->atomic([a, v] { return a->v = v; });
}
uint64_t port_atomic_xchg(port* p, port_atomic_t* a, uint64_t v) {
  return p->machine->atomic([a, v] { return std::exchange(a->v, v); });
}
uint64_t port_atomic_cmpxchg(port* p, port_atomic_t* a, uint64_t old, uint64_t val) {
  return p->machine->atomic([a, old, val] {
    const uint64_t found = a->v;
    if (found == old) a->v = val;
    return found;
  });
}
uint64_t port_atomic_fetch_add(port* p, port_atomic_t* a, uint64_t v) {
  return p->machine->atomic([a, v] { return std::exchange(a->v, a->v + v); });
}
uint64_t port_atomic_fetch_or(port* p, port_atomic_t* a, uint64_t v) {
  return p->machine->atomic([a, v] { return std::exchange(a->v, a->v | v); });
}
uint64_t port_atomic_fetch_andnot(port* p, port_atomic_t* a, uint64_t v) {
  return p->machine->atomic([a, v] { return std::exchange(a->v, a->v & ~v); });
}
void port_wmb(port* p) { p->machine->barrier(); }

uint64_t port_now(port* p) { return p->machine->now(); }
unsigned int port_cpu(port* p) { return p->machine->cpu(); }
unsigned int port_cpus(port* p) { return p->machine->cpus(); }

unsigned long port_irq_save(port* p) { return p->machine->irq_save(); }
void port_irq_restore(port* p, unsigned long flags) { p->machine->irq_restore(flags); }
int port_irq_request(port* p, port_irq irq, void (*fn)(void* arg), void* arg, unsigned int cpu) {
  return p->machine->irq_request(irq, fn, arg, cpu);
}
uint64_t port_msi_address(port*) { return atcbench::kDoorbellBase; }

int port_wait(port* p, port_src* src, unsigned int n, uint64_t period, uint64_t deadline, unsigned int flags) {
  return p->machine->wait(src, n, period, deadline, flags);
}

bool port_work_queue(port* p, port_work* w) { return p->machine->work_queue(w); }
void port_work_flush(port* p, port_work* w) { p->machine->work_flush(w); }
void port_cond_resched(port* p) { p->machine->cond_resched(); }

void port_trace(port* p, atc_log_event ev, uint32_t a0, uint64_t a1, uint64_t a2) {
  p->machine->trace(static_cast<uint16_t>(ev), a0, a1, a2);
}
void port_log(port* p, port_log_level level, const char* fmt, ...) {
  va_list args;
  va_start(args, fmt);
  p->machine->vlog(level, fmt, args);
  va_end(args);
}

}  // extern "C"
