/* What every provider of literal bytes needs: it keeps what was given and hands out blocks.
 *
 * Every argument is kept as bytes: numbers as they lie in memory, texts with their terminator, structures with 0xFF over
 * each pointer that is not NULL. In the bytes to hand out, pointers are put in at literal offsets.
 */
#ifndef LITERAL_H
#define LITERAL_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dhcpsapi_abi.h"
#include "export.h"

#if UINTPTR_MAX > 0xFFFFFFFFu
#define ON(bits64, bits32) bits64
#else
#define ON(bits64, bits32) bits32
#endif

enum {
    POINTER = ON(8, 4),
    COUNTED = ON(16, 8),
    COUNTED_POINTER = ON(8, 4)
};

/* No pointer yet, and padding, which nobody may read. */
#define NOWHERE64 0, 0, 0, 0, 0, 0, 0, 0
#define NOWHERE32 0, 0, 0, 0
#define PAD3 0xAA, 0xAA, 0xAA
#define PAD4 0xAA, 0xAA, 0xAA, 0xAA
#define PAD7 PAD3, PAD4

/* What was given */

static struct {
    size_t size;
    unsigned char bytes[512];
} seen[16];
static size_t seen_number;
static long live;

EXPORT size_t seen_count(void) { return seen_number; }
EXPORT size_t seen_size(size_t index) { return seen[index].size; }
EXPORT const unsigned char *seen_bytes(size_t index) { return seen[index].bytes; }
EXPORT void forget(void) { seen_number = 0; }
EXPORT long live_blocks(void) { return live; }

static inline unsigned char *see(const void *bytes, size_t size)
{
    unsigned char *at = seen[seen_number].bytes;
    if (seen_number == sizeof seen / sizeof seen[0] || size > sizeof seen[0].bytes)
        abort();
    seen[seen_number++].size = size;
    if (size)
        memcpy(at, bytes, size);
    return at;
}

static inline const unsigned char *pointer_at(const void *base, size_t offset)
{
    const unsigned char *pointer;
    memcpy(&pointer, (const unsigned char *)base + offset, POINTER);
    return pointer;
}

static inline void mask(unsigned char *copy, size_t offset)
{
    if (pointer_at(copy, offset))
        memset(copy + offset, 0xFF, POINTER);
}

static inline void see_text(const void *text)
{
    const unsigned char *unit = text;
    size_t size = 0;
    if (!unit) {
        see(0, 0);
        return;
    }
    while (unit[size] || unit[size + 1])
        size += 2;
    see(unit, size + 2);
}

/* What is handed out */

static inline void *block(const void *bytes, size_t size)
{
    void *copy = malloc(size);
    if (!copy)
        abort();
    memcpy(copy, bytes, size);
    live++;
    return copy;
}

static inline void put(void *base, size_t offset, void *pointer)
{
    memcpy((unsigned char *)base + offset, &pointer, POINTER);
}

static inline VOID DHCPSAPI_CALL release(PVOID it)
{
    live--;
    free(it);
}

#endif
