/* A counter that threads may share: C11 atomics, or the intrinsics of a compiler that lacks them. */
#ifndef LIVE_COUNT_H
#define LIVE_COUNT_H

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
typedef volatile long live_count;
#define live_count_add(count, change) (_InterlockedExchangeAdd((count), (change)) + (change))
#else
#include <stdatomic.h>
typedef atomic_long live_count;
#define live_count_add(count, change) (atomic_fetch_add((count), (change)) + (change))
#endif

#endif
