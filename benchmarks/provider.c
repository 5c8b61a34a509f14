/* A provider of the API for measuring: canned answers, built for each call as the DLL does, a delay on request,
 * and the same calls made from C as the measure of what a call costs without Python. */
#include <stdlib.h>
#include <string.h>

#include "dhcpsapi_abi.h"

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
static void pause_ms(DWORD ms) { Sleep(ms); }
#else
#include <time.h>
#define EXPORT
extern int nanosleep(const struct timespec *, struct timespec *);
static void pause_ms(DWORD ms)
{
    struct timespec time;
    time.tv_sec = ms / 1000;
    time.tv_nsec = (long)(ms % 1000) * 1000000L;
    nanosleep(&time, 0);
}
#endif

static DWORD relationships = 31, scopes = 30, delay;

EXPORT void configure(DWORD relationship_count, DWORD scope_count, DWORD delay_ms)
{
    relationships = relationship_count;
    scopes = scope_count;
    delay = delay_ms;
}

/* For the peer, which has no such function on platforms where wchar_t is wider. */
EXPORT size_t length_of(const WCHAR *text)
{
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

static LPWSTR text(const char *ascii, DWORD number)
{
    WCHAR *out = malloc((strlen(ascii) + 3) * sizeof *out), *at = out;
    while (*ascii)
        *at++ = (WCHAR)*ascii++;
    *at++ = (WCHAR)('0' + number / 10 % 10);
    *at++ = (WCHAR)('0' + number % 10);
    *at = 0;
    return out;
}

static void fill(DHCP_FAILOVER_RELATIONSHIP *it, DWORD number)
{
    DWORD i;
    it->PrimaryServer = 0x0A000001;
    it->SecondaryServer = 0x0A000002;
    it->Mode = 0;
    it->ServerType = 1;
    it->State = 3;
    it->PrevState = 11;
    it->Mclt = 3600;
    it->SafePeriod = 0xFFFFFFFF;
    it->RelationshipName = text("dhcp1-dhcp2-", number);
    it->PrimaryServerName = text("dhcp1.example.", 1);
    it->SecondaryServerName = text("dhcp2.example.", 2);
    it->pScopes = malloc(sizeof *it->pScopes);
    it->pScopes->NumElements = scopes;
    it->pScopes->Elements = malloc(scopes * sizeof *it->pScopes->Elements);
    for (i = 0; i < scopes; i++)
        it->pScopes->Elements[i] = 0x0A000000 + ((number * scopes + i) << 8);
    it->Percentage = 50;
    it->SharedSecret = 0;
}

static DWORD DHCPSAPI_CALL create(LPWSTR server, LPDHCP_FAILOVER_RELATIONSHIP it)
{
    (void)server;
    if (delay)
        pause_ms(delay);
    return it->pScopes->NumElements == scopes ? 0 : 87;
}

static DWORD DHCPSAPI_CALL delete_one(LPWSTR server, LPWSTR name)
{
    (void)server, (void)name;
    if (delay)
        pause_ms(delay);
    return 0;
}

static DWORD DHCPSAPI_CALL get(LPWSTR server, LPWSTR name, LPDHCP_FAILOVER_RELATIONSHIP *answer)
{
    (void)server, (void)name;
    if (delay)
        pause_ms(delay);
    *answer = malloc(sizeof **answer);
    fill(*answer, 0);
    return 0;
}

static DWORD DHCPSAPI_CALL enumerate(
    LPWSTR server, DHCP_RESUME_HANDLE *resume, DWORD maximum, LPDHCP_FAILOVER_RELATIONSHIP_ARRAY *answer,
    LPDWORD read, LPDWORD total)
{
    DWORD i;
    (void)server, (void)maximum;
    *answer = malloc(sizeof **answer);
    (*answer)->NumElements = relationships;
    (*answer)->pRelationships = malloc(relationships * sizeof *(*answer)->pRelationships);
    for (i = 0; i < relationships; i++)
        fill(&(*answer)->pRelationships[i], i);
    *resume = *read = relationships;
    *total = 0;
    return 0;
}

static DWORD DHCPSAPI_CALL system_time(LPWSTR server, LPDWORD time, LPDWORD delta)
{
    (void)server;
    if (delay)
        pause_ms(delay);
    *time = 1700000000;
    *delta = 60;
    return 0;
}

static VOID DHCPSAPI_CALL release(PVOID block) { free(block); }

EXPORT dhcpsapi_functions table = {
    .size = sizeof table,
    .DhcpV4FailoverCreateRelationship = create,
    .DhcpV4FailoverDeleteRelationship = delete_one,
    .DhcpV4FailoverGetRelationship = get,
    .DhcpV4FailoverEnumRelationship = enumerate,
    .DhcpV4FailoverGetSystemTime = system_time,
    .DhcpRpcFreeMemory = release,
};

static void free_inside(DHCP_FAILOVER_RELATIONSHIP *it)
{
    table.DhcpRpcFreeMemory(it->RelationshipName);
    table.DhcpRpcFreeMemory(it->PrimaryServerName);
    table.DhcpRpcFreeMemory(it->SecondaryServerName);
    table.DhcpRpcFreeMemory(it->pScopes->Elements);
    table.DhcpRpcFreeMemory(it->pScopes);
    table.DhcpRpcFreeMemory(it->SharedSecret);
}

/* The bare calls, through the table as dhcpfo makes them, answers freed; returns something that depends on them. */
EXPORT DWORD loop_get(DWORD times)
{
    WCHAR name[] = {'a', '-', 'b', 0};
    DWORD sum = 0;
    while (times--) {
        LPDHCP_FAILOVER_RELATIONSHIP answer = 0;
        table.DhcpV4FailoverGetRelationship(0, name, &answer);
        sum += answer->Mclt;
        free_inside(answer);
        table.DhcpRpcFreeMemory(answer);
    }
    return sum;
}

EXPORT DWORD loop_enum(DWORD times)
{
    DWORD sum = 0, i;
    while (times--) {
        LPDHCP_FAILOVER_RELATIONSHIP_ARRAY answer = 0;
        DWORD resume = 0, read = 0, total = 0;
        table.DhcpV4FailoverEnumRelationship(0, &resume, 0xFFFFFFFF, &answer, &read, &total);
        for (i = 0; i < answer->NumElements; i++)
            free_inside(&answer->pRelationships[i]);
        sum += read;
        table.DhcpRpcFreeMemory(answer->pRelationships);
        table.DhcpRpcFreeMemory(answer);
    }
    return sum;
}

EXPORT DWORD loop_create(DWORD times)
{
    DWORD sum = 0;
    DHCP_FAILOVER_RELATIONSHIP it;
    memset(&it, 0, sizeof it);
    fill(&it, 0);
    while (times--)
        sum += table.DhcpV4FailoverCreateRelationship(0, &it);
    free_inside(&it);
    return sum;
}

EXPORT DWORD loop_delete(DWORD times)
{
    WCHAR name[] = {'a', '-', 'b', 0};
    DWORD sum = 0;
    while (times--)
        sum += table.DhcpV4FailoverDeleteRelationship(0, name);
    return sum;
}

EXPORT DWORD loop_time(DWORD times)
{
    DWORD sum = 0, now = 0, delta = 0;
    while (times--) {
        table.DhcpV4FailoverGetSystemTime(0, &now, &delta);
        sum += now;
    }
    return sum;
}
