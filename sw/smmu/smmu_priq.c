/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PRI queue (smmuv3.md §1.6, §9): page requests of the devices, and CMD_PRI_RESP.
 *
 * The interrupt only wakes a work item, because a page request may allocate and its answer goes through the command
 * queue. A run of the work item takes priq_budget entries at most and queues the item again behind whatever waits for the
 * same worker: devices that never stop asking must not keep a recovery from its CPU. Each request of a group is handed to the IOMMU core as it
 * comes; the group is answered at its request with Last = 1, by the worst answer of its requests. One response a group,
 * none for a stop marker. The response carries the SubstreamID of the requests if the function says that it needs it
 * (PRG Response PASID Required, pcie-ats §8); one that does not need it must not get it.
 *
 * Overflow: the SMMU has answered what it could not queue: a group with Success if its last request was the one. What is
 * kept of groups that have not ended may belong to those, so it is dropped before the overflow is acknowledged.
 */
#include "iommu.h"
#include "smmu_master.h"

#define PERM_SHIFT	60u

/* A group whose requests are not all granted and whose last one has not come. */
struct priq_group {
	struct priq_group *next;
	uint64_t key;			/* StreamID, SubstreamID valid, index */
	uint32_t ssid;
	unsigned int resp;
};

static uint64_t group_key(const struct smmu_page_request *rq)
{
	return (uint64_t)rq->sid << 16 | (uint64_t)rq->ssv << 15 | rq->group;
}

static struct priq_group **find_group(struct smmu_priq *q, const struct smmu_page_request *rq)
{
	struct priq_group **at = &q->groups;

	while (*at && !((*at)->key == group_key(rq) && (*at)->ssid == rq->ssid))
		at = &(*at)->next;
	return at;
}

static void forget_groups(struct smmu *smmu)
{
	struct priq_group *g = smmu->priq.groups, *next;

	for (; g; g = next) {
		next = g->next;
		port_free(smmu->port, g);
	}
	smmu->priq.groups = NULL;
}

static void respond(struct smmu *smmu, const struct smmu_page_request *rq, unsigned int resp)
{
	struct smmu_batch b = { .n = 1 };
	bool ssv = rq->ssv && rq->rsp_ssv && !(smmu->plat.plants & SMMU_PLANT_ANSWER_NO_PASID);

	if (smmu->plat.plants & SMMU_PLANT_NO_ANSWER && resp != PRI_RESP_SUCCESS)
		return;
	b.cmd[0] = cmd_pri_resp(rq->sid, ssv, ssv ? rq->ssid : 0, rq->group, resp);
	if (smmu->plat.plants & SMMU_PLANT_ANSWER_TWICE)
		b.cmd[b.n++] = b.cmd[0];
	if (smmu_cmdq_issue(smmu, &b, NULL) != 0)
		smmu_cmdq_diag(smmu, "page response not sent");
	SMMU_COUNT(smmu, page_responses);
}

/* Failure is worse than Invalid, which is worse than Success. */
static unsigned int worst(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* The oldest entry. Its place is given back before the answer lets the device ask again. */
static void take(struct smmu *smmu)
{
	struct smmu_priq *q = &smmu->priq;
	const uint32_t wrap_mask = BIT32(q->log2 + 1) - 1;
	uint64_t pa = q->base + 16 * (uint64_t)(q->cons & (BIT32(q->log2) - 1));
	uint64_t dw0 = port_mem_read64(smmu->port, pa), dw1 = port_mem_read64(smmu->port, pa + 8);
	struct smmu_page_request rq = {
		.sid = (uint32_t)FIELD_GET64(PRI_ENT0_SID, dw0),
		.ssid = (uint32_t)FIELD_GET64(PRI_ENT0_SSID, dw0),
		.ssv = dw0 & PRI_ENT0_SSV,
		.read = dw0 & PRI_ENT0_R,
		.write = dw0 & PRI_ENT0_W,
		.last = dw0 & PRI_ENT0_LAST,
		.group = (unsigned int)FIELD_GET64(PRI_ENT1_PRGINDEX, dw1),
		.iova = dw1 & PRI_ENT1_ADDR,
	};
	bool stop = rq.ssv && rq.last && !rq.read && !rq.write;
	struct priq_group **at, *g;
	unsigned int resp;

	q->cons = (q->cons & ~wrap_mask) | ((q->cons + 1) & wrap_mask);
	smmu_write32(smmu, SMMU_PRIQ_CONS, q->cons);
	SMMU_COUNT(smmu, page_requests);
	if (stop)
		return;
	resp = iommu_page_request(smmu, &rq);
	at = find_group(q, &rq);
	g = *at;
	if (g)
		resp = g->resp = worst(g->resp, resp);
	if (rq.last) {
		if (g) {
			*at = g->next;
			port_free(smmu->port, g);
		}
		respond(smmu, &rq, resp);
	} else if (!g && resp != PRI_RESP_SUCCESS) {
		g = port_zalloc(smmu->port, sizeof(*g));
		if (g) {
			*g = (struct priq_group){ .next = q->groups, .key = group_key(&rq), .ssid = rq.ssid, .resp = resp };
			q->groups = g;
		} else {
			port_log(smmu->port, PORT_LOG_WARN, "smmu: no memory for a page request group of sid 0x%x",
				 (unsigned int)rq.sid);
		}
	}
}

static void drain(void *arg)
{
	struct smmu *smmu = arg;
	struct smmu_priq *q = &smmu->priq;
	const uint32_t wrap_mask = BIT32(q->log2 + 1) - 1;
	const bool endless = smmu->plat.plants & SMMU_PLANT_PRI_ENDLESS;
	unsigned int budget = smmu->plat.priq_budget;
	uint32_t prod, n, overflow;

	for (;;) {
		prod = smmu_read32(smmu, SMMU_PRIQ_PROD);
		n = (prod - q->cons) & wrap_mask;
		overflow = (prod ^ q->cons) & SMMU_PRIQ_PROD_OVFLG;
		/* more than a ring full is a register that did not answer */
		if ((n == 0 && overflow == 0) || n > BIT32(q->log2))
			break;
		if (budget == 0 && !endless) {
			port_work_queue(smmu->port, &q->work);
			break;
		}
		for (; n != 0 && (budget != 0 || endless); n--) {
			take(smmu);
			port_atomic_set(smmu->port, &q->handled, q->handled.v + 1);
			budget -= budget != 0;
		}
		/* nothing is queued between an overflow and its acknowledge (smmuv3.md §9), so these were the last before it */
		if (overflow != 0 && n == 0) {
			SMMU_COUNT(smmu, page_overflows);
			forget_groups(smmu);
			q->cons ^= SMMU_PRIQ_CONS_OVACKFLG;
			smmu_write32(smmu, SMMU_PRIQ_CONS, q->cons);
		}
		port_cond_resched(smmu->port);
	}
}

void smmu_priq_irq(void *arg)
{
	struct smmu *smmu = arg;

	port_trace(smmu->port, EV_IRQ_ENTRY, PORT_IRQ_PRIQ, 0, 0);
	port_work_queue(smmu->port, &smmu->priq.work);
}

/* Devices that never stop asking keep the work item going for ever: it is not waited for, but for what is there now. */
void smmu_flush_page_requests(struct smmu *smmu)
{
	struct smmu_priq *q = &smmu->priq;
	struct port_src src = { .kind = PORT_SRC_ATOMIC, .atomic = &q->handled, .mask = UINT64_MAX };
	uint64_t end = 0;
	uint32_t n;

	if (smmu_priq_used(smmu)) {
		src.value = port_atomic_read(smmu->port, &q->handled);
		n = (smmu_read32(smmu, SMMU_PRIQ_PROD) - (uint32_t)src.value) & (BIT32(q->log2 + 1) - 1);
		/* the entry in hand has given back its place; more than that is a register that did not answer */
		end = src.value + (n <= BIT32(q->log2) + 1 ? n : 0);
	}
	while (src.value < end) {
		port_work_queue(smmu->port, &q->work);		/* its interrupt may still be on the way */
		if (port_wait(smmu->port, &src, 1, smmu->plat.poll_period, port_now(smmu->port) + smmu->plat.poll_timeout,
			      PORT_WAIT_SLEEP) < 0) {
			smmu_cmdq_diag(smmu, "page requests are not taken");
			break;
		}
		src.value = src.sample;
	}
}

int smmu_priq_init(struct smmu *smmu)
{
	size_t bytes = (size_t)16 << smmu->priq.log2;

	smmu->priq.work = (struct port_work){ .fn = drain, .arg = smmu, .cpu = smmu->plat.irq_cpu };
	return port_dma_alloc(smmu->port, bytes, bytes > 4096 ? bytes : 4096, &smmu->priq.base);
}

void smmu_priq_free(struct smmu *smmu)
{
	forget_groups(smmu);
	if (smmu->priq.base != 0)
		port_dma_free(smmu->port, smmu->priq.base, (size_t)16 << smmu->priq.log2);
}
