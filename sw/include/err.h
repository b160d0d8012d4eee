/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error numbers of the driver: functions return 0 or a negative one of these, as Linux does.
 * A freestanding build has no <errno.h>, so the few in use are named here with their usual values.
 */
#ifndef ATCBENCH_ERR_H
#define ATCBENCH_ERR_H

#if defined(__STDC_HOSTED__) && __STDC_HOSTED__
#include <errno.h>
#else
#define ENOENT		2	/* nothing mapped there, or not attached */
#define EIO		5	/* an invalidation or a bus access failed */
#define ENXIO		6	/* the command queue is dead */
#define EAGAIN		11	/* lost a race, try again */
#define ENOMEM		12
#define EBUSY		16	/* in a reset, or still in use */
#define EEXIST		17	/* mapped already */
#define ENODEV		19	/* not there, or not usable */
#define EINVAL		22
#define ENOSPC		28	/* no free ASID */
#define ENOTSUP		95
#define ETIMEDOUT	110	/* a bounded wait expired */
#endif

#endif
