/* A provider that answers what a test prepared, and keeps account of every block.
 *
 * A test asks for blocks, fills them, and prepares them as the answer of the next call of a function. Without a prepared
 * answer GetRelationship makes one of its own, named as asked, and the other functions answer success and nothing.
 * Calls can be made to take time, or to wait for each other.
 */
#ifndef _WIN32
#define _POSIX_C_SOURCE 200809L
#include <time.h>
#endif
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "dhcpsapi_abi.h"
#include "export.h"

#ifdef _WIN32
static void pause_ms(DWORD ms) { Sleep(ms); }
#else
static void pause_ms(DWORD ms)
{
    struct timespec time = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000L};
    nanosleep(&time, 0);
}
#endif

/* Blocks, in a list: what is not in it cannot be freed. */

typedef struct Block {
    struct Block *next;
    size_t size;
    int secret;
    max_align_t data[];
} Block;

static atomic_flag busy = ATOMIC_FLAG_INIT;
static Block *first;
static atomic_long live, bad, unwiped;

static void lock(void)
{
    while (atomic_flag_test_and_set(&busy))
        pause_ms(0);
}

static void unlock(void) { atomic_flag_clear(&busy); }

EXPORT void *block(size_t size)
{
    Block *it = calloc(1, sizeof *it + size);
    if (!it)
        abort();
    it->size = size;
    lock();
    it->next = first;
    first = it;
    unlock();
    live++;
    return it->data;
}

/* From now on the block holds a secret: it must be all zero when it is freed. */
EXPORT void mark_secret(void *data)
{
    Block *it;
    lock();
    for (it = first; it; it = it->next)
        if (it->data == data)
            it->secret = 1;
    unlock();
}

static VOID DHCPSAPI_CALL release(PVOID data)
{
    Block **link, *it;
    size_t i;
    lock();
    for (link = &first; *link && (*link)->data != data; link = &(*link)->next)
        ;
    it = *link;
    if (it)
        *link = it->next;
    unlock();
    if (!it) {
        bad++;
        return;
    }
    for (i = 0; it->secret && i < it->size; i++)
        if (((unsigned char *)it->data)[i]) {
            unwiped++;
            break;
        }
    free(it);
    live--;
}

EXPORT long live_blocks(void) { return live; }
EXPORT long bad_frees(void) { return bad; }
EXPORT long unwiped_secrets(void) { return unwiped; }

/* Answers: what the next call of a function returns, by the function's place in the table. */

typedef struct {
    DWORD code;
    void *tree;
    DWORD numbers[3];
    int again;
} Answer;

#include "puppet_functions.h"

static Answer prepared[PLACES];

EXPORT void prepare(DWORD function, DWORD code, void *tree, DWORD one, DWORD two, DWORD three)
{
    Answer answer = {code, tree, {one, two, three}, 0};
    prepared[function] = answer;
}

/* From now on the enumeration answers "more data", announces so many, and moves its handle on by so much. */
EXPORT void never_end(DWORD announced, DWORD step)
{
    Answer answer = {234, 0, {step, 0, announced}, 1};
    prepared[PLACE_DhcpV4FailoverEnumRelationship] = answer;
}

/* Time: each call takes so long; and it goes on when so many calls are inside at once, or gives up. */

static atomic_long inside, most, calls;
static DWORD delay, together;

EXPORT void take(DWORD milliseconds) { delay = milliseconds; }
EXPORT void gather(DWORD number) { together = number; }
EXPORT long most_inside(void) { return most; }
EXPORT long call_count(void) { return calls; }

EXPORT void start_over(void)
{
    memset(prepared, 0, sizeof prepared);
    delay = together = 0;
    most = calls = bad = unwiped = 0;
}

static LPWSTR copy(const WCHAR *text)
{
    size_t size = 0;
    LPWSTR it;
    while (text[size++])
        ;
    it = block(size * sizeof *it);
    memcpy(it, text, size * sizeof *it);
    return it;
}

static void *make_relationship(LPWSTR name)
{
    DHCP_FAILOVER_RELATIONSHIP *made = block(sizeof *made);
    DWORD i;
    made->RelationshipName = copy(name);
    made->SharedSecret = copy(name);
    mark_secret(made->SharedSecret);
    made->pScopes = block(sizeof *made->pScopes);
    made->pScopes->NumElements = 30;
    made->pScopes->Elements = block(30 * sizeof *made->pScopes->Elements);
    for (i = 0; i < 30; i++)
        made->pScopes->Elements[i] = 0x0A000000 + (i << 8);
    return made;
}

static Answer answer(DWORD place, LPWSTR name)
{
    Answer none = {0, 0, {0, 0, 0}, 0}, it;
    long now = ++inside, before = most;
    DWORD waited;
    calls++;
    while (now > before && !atomic_compare_exchange_weak(&most, &before, now))
        ;
    if (delay)
        pause_ms(delay);
    for (waited = 0; (DWORD)most < together; waited++) {
        if (waited == 60000) {
            none.code = 1460; /* ERROR_TIMEOUT */
            break;
        }
        pause_ms(1);
    }
    inside--;
    if (none.code)
        return none;
    lock();
    it = prepared[place];
    if (!it.again)
        prepared[place] = none;
    unlock();
    if (place == PLACE_DhcpV4FailoverGetRelationship && !it.code && !it.tree && name)
        it.tree = make_relationship(name);
    return it;
}
