// SPDX-License-Identifier: Apache-2.0
//
// Which function of the image is meant by a function of the driver in this program.
#include "aarch64_functions.h"

extern "C" {
#include "iommu.h"
}

namespace atcbench {

const std::vector<DriverFunction>& driver_functions() {
#define FUNCTION(name) {#name, reinterpret_cast<const void*>(&name)}
  static const std::vector<DriverFunction> all = {
      FUNCTION(smmu_probe), FUNCTION(smmu_remove), FUNCTION(smmu_stats_get), FUNCTION(smmu_raw_commands),
      FUNCTION(smmu_dump), FUNCTION(pci_host_create), FUNCTION(pci_host_destroy), FUNCTION(pci_configure_mps), FUNCTION(pci_dev_create),
      FUNCTION(pci_dev_destroy), FUNCTION(pci_bdf), FUNCTION(pci_id), FUNCTION(pci_find_cap), FUNCTION(pci_find_ext_cap),
      FUNCTION(pci_cfg_read32), FUNCTION(pci_cfg_read16), FUNCTION(pci_cfg_write32), FUNCTION(pci_cfg_write16),
      FUNCTION(pci_assign_bar), FUNCTION(pci_bar), FUNCTION(pci_enable_device), FUNCTION(pci_save_state),
      FUNCTION(pci_restore_state), FUNCTION(pci_ats_supported), FUNCTION(pci_ats_qdep), FUNCTION(pci_ats_enabled),
      FUNCTION(pci_enable_ats), FUNCTION(pci_disable_ats), FUNCTION(pci_ats_check_disabled),
      FUNCTION(pci_ats_settle_off), FUNCTION(pci_flr),
      FUNCTION(pci_enable_sriov), FUNCTION(pci_disable_sriov), FUNCTION(pci_vf_create), FUNCTION(pci_group),
      FUNCTION(pci_reset_function), FUNCTION(pci_bind_driver), FUNCTION(iommu_device_create),
      FUNCTION(iommu_device_destroy), FUNCTION(iommu_device_pci), FUNCTION(iommu_domain_create),
      FUNCTION(iommu_domain_destroy), FUNCTION(iommu_attach), FUNCTION(iommu_detach), FUNCTION(iommu_attach_pasid),
      FUNCTION(iommu_detach_pasid), FUNCTION(iommu_map), FUNCTION(iommu_unmap), FUNCTION(iommu_iova_to_phys),
      FUNCTION(iommu_report_device_broken), FUNCTION(iommu_schedule_reset), FUNCTION(iommu_flush_events),
      FUNCTION(iommu_reset_prepare), FUNCTION(iommu_reset_done), FUNCTION(iommu_device_get_info),
      FUNCTION(iommu_group_create), FUNCTION(iommu_group_destroy), FUNCTION(smmu_flush_page_requests),
      FUNCTION(pci_set_pri), FUNCTION(pci_ats_read_enabled), FUNCTION(pci_dev_is_disconnected), FUNCTION(pci_dev_suspend),
      FUNCTION(pci_dev_resume), FUNCTION(pci_port_create), FUNCTION(pci_port_destroy), FUNCTION(pci_port_get_info),
      FUNCTION(pci_port_flush), FUNCTION(pci_join_function), FUNCTION(pci_is_virtual), FUNCTION(pci_prg_rsp_pasid_required),
  };
#undef FUNCTION
  return all;
}

}  // namespace atcbench
