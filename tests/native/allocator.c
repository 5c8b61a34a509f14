/* CPython's own allocator, watched: it can fail, and it looks for a text in what is released.
 *
 * Only blocks that were handed out while watching are looked at, in a table of their sizes, at a moment when they are
 * still allocated. CPython calls these functions with the GIL held.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"

/* CPython's PyMemAllocatorEx. */
typedef struct {
    void *context;
    void *(*malloc)(void *, size_t);
    void *(*calloc)(void *, size_t, size_t);
    void *(*realloc)(void *, void *, size_t);
    void (*free)(void *, void *);
} Allocator;

enum { DOMAINS = 3, ROOM = 1 << 16, LONGEST = 1024 };

static Allocator original[DOMAINS], watching[DOMAINS];
static struct {
    void *block;
    size_t size;
} known[ROOM];
static size_t known_number;
static unsigned char needle[LONGEST];
static size_t needle_size;
static long found, seen, until_failure, in_a_row, failed;

EXPORT void *original_of(int domain) { return &original[domain]; }
EXPORT long found_count(void) { return found; }
EXPORT long seen_count(void) { return seen; }
EXPORT long failed_count(void) { return failed; }

/* Fail the given allocation from now on, counted from 1; 0 is none, and keeps the count of what has failed. */
EXPORT void fail(long number)
{
    until_failure = number;
    in_a_row = 1;
    if (number)
        failed = 0;
}

/* The same, and those after it. */
EXPORT void fail_in_a_row(long number, long times)
{
    fail(number);
    in_a_row = times;
}

/* Look for these bytes in every block that is released; none of them ends it. */
EXPORT void look_for(const void *bytes, size_t size)
{
    if (size > LONGEST)
        abort();
    needle_size = size;
    if (!size)
        return;
    memcpy(needle, bytes, size);
    found = seen = 0;
    known_number = 0;
    memset(known, 0, sizeof known);
}

static size_t place_of(const void *block)
{
    size_t place = (size_t)((uintptr_t)block >> 4) % ROOM;
    while (known[place].block && known[place].block != block)
        place = (place + 1) % ROOM;
    return place;
}

static void *note(void *block, size_t size)
{
    if (block && needle_size) {
        size_t place = place_of(block);
        if (!known[place].block && ++known_number == ROOM)
            abort();
        known[place].block = block;
        known[place].size = size;
    }
    return block;
}

/* A released block stays in the table with size 0, so that others are found behind it. */
static void look(void *block)
{
    size_t place, i;
    if (!block || !needle_size)
        return;
    place = place_of(block);
    if (!known[place].block)
        return;
    seen++;
    for (i = 0; i + needle_size <= known[place].size; i++)
        if (!memcmp((unsigned char *)block + i, needle, needle_size)) {
            found++;
            break;
        }
    known[place].size = 0;
}

static int fails(void)
{
    if (until_failure == 0 || --until_failure)
        return 0;
    if (--in_a_row)
        until_failure = 1;
    failed++;
    return 1;
}

static void *watched_malloc(void *context, size_t size)
{
    Allocator *it = context;
    return fails() ? 0 : note(it->malloc(it->context, size), size);
}

static void *watched_calloc(void *context, size_t number, size_t size)
{
    Allocator *it = context;
    return fails() ? 0 : note(it->calloc(it->context, number, size), number * size);
}

static void *watched_realloc(void *context, void *block, size_t size)
{
    Allocator *it = context;
    if (fails())
        return 0;
    look(block);
    return note(it->realloc(it->context, block, size), size);
}

static void watched_free(void *context, void *block)
{
    Allocator *it = context;
    look(block);
    it->free(it->context, block);
}

EXPORT void *watching_of(int domain)
{
    Allocator it = {&original[domain], watched_malloc, watched_calloc, watched_realloc, watched_free};
    watching[domain] = it;
    return &watching[domain];
}
