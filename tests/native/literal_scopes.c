/* A provider of literal bytes for scopes and their elements; see literal.c, which it shares nothing with.
 *
 * Every answer is copied from bytes that were typed from the documented layouts, with only pointers put in at literal
 * offsets; 0xAA is padding, which nobody may read. Every argument is kept as bytes, with 0xFF over each pointer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dhcpsapi_abi.h"
#include "export.h"

#if UINTPTR_MAX > 0xFFFFFFFFu
#define ON(bits64, bits32) bits64
#define NOWHERE 0, 0, 0, 0, 0, 0, 0, 0
#define PAD_WORD 0xAA, 0xAA, 0xAA, 0xAA,
#define PAD_END 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA
#else
#define ON(bits64, bits32) bits32
#define NOWHERE 0, 0, 0, 0
#define PAD_WORD
#define PAD_END 0xAA, 0xAA, 0xAA
#endif

enum {
    POINTER = ON(8, 4),
    SCOPE = ON(80, 64),
    SCOPE_NAME = 8,
    SCOPE_COMMENT = ON(16, 12),
    SCOPE_NETBIOS = ON(32, 20),
    SCOPE_HOST = ON(40, 24),
    ENTRY = ON(24, 16),
    ENTRY_NAME = ON(16, 12),
    COUNTED = ON(16, 8),
    COUNTED_POINTER = ON(8, 4),
    ELEMENT = ON(16, 8),
    ELEMENT_POINTER = ON(8, 4),
    RESERVED = ON(24, 12),
    RESERVED_CLIENT = ON(8, 4),
    INFO = ON(48, 24),
    INFO_DATA = ON(16, 8),
    INFO_NAME = ON(24, 12),
    INFO_DESC = ON(32, 16)
};

static const unsigned char scope[] = {
    0x00, 0x01, 0x00, 0x0A, /* SubnetAddress 10.0.1.0 */
    0x80, 0xFF, 0xFF, 0xFF, /* SubnetMask 255.255.255.128 */
    NOWHERE, NOWHERE, /* SubnetName, SubnetComment */
    0x01, 0x00, 0x00, 0x7F, PAD_WORD /* PrimaryHost.IpAddress 127.0.0.1 */
    NOWHERE, NOWHERE, /* PrimaryHost.NetBiosName, HostName */
    0x03, 0x00, 0x00, 0x00, /* SubnetState */
    0x05, 0x00, 0x00, 0x80, /* QuarantineOn */
    0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x22, 0x22, /* Reserved1, Reserved2 */
#if UINTPTR_MAX <= 0xFFFFFFFFu
    0xAA, 0xAA, 0xAA, 0xAA,
#endif
    0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, /* Reserved3 */
    0x44, 0x44, 0x44, 0x44, 0x44, 0x44, 0x44, 0x44, /* Reserved4 */
};

static const unsigned char superscopes[] = {
    0x00, 0x02, 0x00, 0x0A, /* SubnetAddress 10.0.2.0 */
    0x07, 0x00, 0x00, 0x00, /* SuperScopeNumber */
    0xEE, 0xEE, 0xEE, 0xEE, /* NextInSuperScope */
    PAD_WORD NOWHERE, /* SuperScopeName */
    0x00, 0x03, 0x00, 0x0A, 0x00, 0x00, 0x00, 0x00, 0xEE, 0xEE, 0xEE, 0xEE, PAD_WORD NOWHERE,
};

static const unsigned char range[] = {
    0x0A, 0x01, 0x00, 0x0A, 0xC8, 0x01, 0x00, 0x0A, /* StartAddress, EndAddress */
    0x02, 0x00, 0x00, 0x00, 0xFE, 0xFF, 0xFF, 0xFF, /* BootpAllocated, MaxBootpAllowed */
};
static const unsigned char excluded[] = {0x14, 0x01, 0x00, 0x0A, 0x1E, 0x01, 0x00, 0x0A};
static const unsigned char host[] = {0x05, 0x06, 0x07, 0x08, PAD_WORD NOWHERE, NOWHERE};
static const unsigned char cluster[] = {1, 2, 3, 4, 5, 6, 7, 8};
static const unsigned char reserved[] = {
    0x32, 0x01, 0x00, 0x0A, PAD_WORD /* ReservedIpAddress 10.0.1.50 */
    NOWHERE, /* ReservedForClient */
    0x02, PAD_END, /* bAllowedClientTypes */
};
static const unsigned char info[] = {
    0x32, 0x01, 0x00, 0x0A, PAD_WORD /* ReservedIpAddress */
    0x03, 0x00, 0x00, 0x00, PAD_WORD NOWHERE, /* ReservedForClient */
    NOWHERE, NOWHERE, /* ReservedClientName, ReservedClientDesc */
    0x01, 0x07, 0xAA, 0xAA, /* bAllowedClientTypes, fOptionsPresent: a true that is not 1 */
    PAD_WORD
};
static const unsigned char client[] = {0x0A, 0x00, 0x0B};
static const unsigned char addresses[] = {0x65, 0x01, 0x00, 0x0A, 0x67, 0x01, 0x00, 0x0A};
static const unsigned char name[] = {0x6E, 0, 0xE9, 0, 0, 0};    /* né */
static const unsigned char comment[] = {0x63, 0, 0x32, 0, 0, 0}; /* c2 */
static const unsigned char netbios[] = {0x6F, 0, 0x33, 0, 0, 0}; /* o3 */
static const unsigned char long_name[] = {0x6F, 0, 0x34, 0, 0, 0}; /* o4 */

_Static_assert(sizeof scope == SCOPE && sizeof superscopes == 2 * ENTRY, "no byte left out");
_Static_assert(sizeof reserved == RESERVED && sizeof info == INFO, "no byte left out");

/* What was given */

static struct {
    size_t size;
    unsigned char bytes[128];
} seen[16];
static size_t seen_number;
static long live;

EXPORT size_t seen_count(void) { return seen_number; }
EXPORT size_t seen_size(size_t index) { return seen[index].size; }
EXPORT const unsigned char *seen_bytes(size_t index) { return seen[index].bytes; }
EXPORT void forget(void) { seen_number = 0; }
EXPORT long live_blocks(void) { return live; }

static unsigned char *see(const void *bytes, size_t size)
{
    unsigned char *at = seen[seen_number].bytes;
    if (seen_number == sizeof seen / sizeof seen[0] || size > sizeof seen[0].bytes)
        abort();
    seen[seen_number++].size = size;
    if (size)
        memcpy(at, bytes, size);
    return at;
}

static const unsigned char *pointer_at(const void *base, size_t offset)
{
    const unsigned char *pointer;
    memcpy(&pointer, (const unsigned char *)base + offset, POINTER);
    return pointer;
}

static const unsigned char *mask(unsigned char *copy, size_t offset)
{
    const unsigned char *pointer = pointer_at(copy, offset);
    if (pointer)
        memset(copy + offset, 0xFF, POINTER);
    return pointer;
}

static void see_text(const unsigned char *text)
{
    size_t size = 0;
    while (text && (text[size] || text[size + 1]))
        size += 2;
    see(text, text ? size + 2 : 0);
}

static void see_element(const void *it)
{
    unsigned char *copy = see(it, ELEMENT);
    unsigned kind = copy[0];
    const unsigned char *value = mask(copy, ELEMENT_POINTER);
    if (kind == 2) {
        unsigned char *inner = see(value, RESERVED);
        const unsigned char *id = mask(inner, RESERVED_CLIENT);
        unsigned char *counted = see(id, COUNTED);
        const unsigned char *data = mask(counted, COUNTED_POINTER);
        see(data, counted[0]);
    } else if (kind == 3) {
        see(value, 8);
    } else {
        see(value, 16);
    }
}

/* What is handed out */

static void *block(const void *bytes, size_t size)
{
    void *copy = malloc(size);
    if (!copy)
        abort();
    memcpy(copy, bytes, size);
    live++;
    return copy;
}

static void *put(void *base, size_t offset, void *pointer)
{
    memcpy((unsigned char *)base + offset, &pointer, POINTER);
    return base;
}

static void *counted(unsigned char count, void *elements)
{
    unsigned char array[COUNTED] = {count};
    return put(block(array, sizeof array), COUNTED_POINTER, elements);
}

static DWORD ask(LPWSTR server, DWORD id)
{
    see_text((const unsigned char *)server);
    see(&id, 4);
    return 0;
}

/* The functions */

static DWORD DHCPSAPI_CALL scopes(
    LPWSTR server, DHCP_RESUME_HANDLE *resume, DWORD maximum, LPDHCP_IP_ARRAY *answer, LPDWORD read, LPDWORD total)
{
    ask(server, *resume);
    see(&maximum, 4);
    *answer = counted(2, block(addresses, sizeof addresses));
    *resume = 0x01020304;
    *read = 2;
    *total = 0x0A0B0C0D;
    return 0;
}

static DWORD DHCPSAPI_CALL get(LPWSTR server, DHCP_IP_ADDRESS id, LPDHCP_SUBNET_INFO_VQ *answer)
{
    void *it = block(scope, sizeof scope);
    put(it, SCOPE_NAME, block(name, sizeof name));
    put(it, SCOPE_COMMENT, block(comment, sizeof comment));
    put(it, SCOPE_NETBIOS, block(netbios, sizeof netbios));
    *answer = put(it, SCOPE_HOST, block(long_name, sizeof long_name));
    return ask(server, id);
}

static DWORD DHCPSAPI_CALL set(LPWSTR server, DHCP_IP_ADDRESS id, const DHCP_SUBNET_INFO_VQ *it)
{
    static const size_t texts[] = {SCOPE_NAME, SCOPE_COMMENT, SCOPE_NETBIOS, SCOPE_HOST};
    unsigned char *copy;
    size_t i;
    ask(server, id);
    copy = see(it, SCOPE);
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
        see_text(mask(copy, texts[i]));
    return 0;
}

static DWORD DHCPSAPI_CALL delete(LPWSTR server, DHCP_IP_ADDRESS id, DWORD force)
{
    ask(server, id);
    see(&force, 4);
    return 0;
}

static DWORD DHCPSAPI_CALL delay(LPWSTR server, DHCP_IP_ADDRESS id, USHORT *answer)
{
    *answer = 0xFC18;
    return ask(server, id);
}

static DWORD DHCPSAPI_CALL set_delay(LPWSTR server, DHCP_IP_ADDRESS id, USHORT milliseconds)
{
    ask(server, id);
    see(&milliseconds, 2);
    return 0;
}

static DWORD DHCPSAPI_CALL table_of_superscopes(LPWSTR server, LPDHCP_SUPER_SCOPE_TABLE *answer)
{
    void *entries = block(superscopes, sizeof superscopes);
    put(entries, ENTRY_NAME, block(name, sizeof name));
    *answer = counted(2, entries);
    return ask(server, 0);
}

static DWORD DHCPSAPI_CALL set_superscope(LPWSTR server, DHCP_IP_ADDRESS id, LPWSTR text, BOOL change)
{
    ask(server, id);
    see_text((const unsigned char *)text);
    see(&change, 4);
    return 0;
}

static DWORD DHCPSAPI_CALL delete_superscope(LPWSTR server, LPWSTR text)
{
    ask(server, 0);
    see_text((const unsigned char *)text);
    return 0;
}

static DWORD DHCPSAPI_CALL elements(
    LPWSTR server, DHCP_IP_ADDRESS id, DWORD kind, DHCP_RESUME_HANDLE *resume, DWORD maximum,
    LPDHCP_SUBNET_ELEMENT_INFO_ARRAY_V5 *answer, LPDWORD read, LPDWORD total)
{
    static const unsigned char kinds[] = {6, 3, 2, 0, 1, 4, 9};
    enum { COUNT = sizeof kinds };
    unsigned char array[COUNT * ELEMENT];
    void *made, *one = block(reserved, sizeof reserved);
    size_t i;
    ask(server, id);
    see(&kind, 4);
    see(resume, 4);
    see(&maximum, 4);
    memset(array, 0xAA, sizeof array);
    for (i = 0; i < COUNT; i++) {
        memset(array + i * ELEMENT, 0, 4);
        array[i * ELEMENT] = kinds[i];
    }
    made = block(array, sizeof array);
    put(made, ELEMENT_POINTER, block(range, sizeof range));
    put(made, ELEMENT + ELEMENT_POINTER, block(excluded, sizeof excluded));
    put(one, RESERVED_CLIENT, counted(3, block(client, sizeof client)));
    put(made, 2 * ELEMENT + ELEMENT_POINTER, one);
    put(made, 3 * ELEMENT + ELEMENT_POINTER, 0);
    put(made, 4 * ELEMENT + ELEMENT_POINTER, block(host, sizeof host));
    put(made, 5 * ELEMENT + ELEMENT_POINTER, block(cluster, sizeof cluster));
    *answer = counted(COUNT, made);
    *read = COUNT;
    *total = 0;
    *resume = 7;
    return 234;
}

static DWORD DHCPSAPI_CALL add(LPWSTR server, DHCP_IP_ADDRESS id, const DHCP_SUBNET_ELEMENT_DATA_V5 *it)
{
    ask(server, id);
    see_element(it);
    return 0;
}

static DWORD DHCPSAPI_CALL remove_element(
    LPWSTR server, DHCP_IP_ADDRESS id, const DHCP_SUBNET_ELEMENT_DATA_V5 *it, DWORD force)
{
    add(server, id, it);
    see(&force, 4);
    return 0;
}

static DWORD DHCPSAPI_CALL reservations(
    LPWSTR server, DHCP_IP_ADDRESS id, DHCP_RESUME_HANDLE *resume, DWORD maximum,
    LPDHCP_RESERVATION_INFO_ARRAY *answer, LPDWORD read, LPDWORD total)
{
    unsigned char pointers[2 * POINTER] = {0};
    void *it = block(info, sizeof info), *array = block(pointers, sizeof pointers);
    ask(server, id);
    see(resume, 4);
    see(&maximum, 4);
    put(it, INFO_DATA, block(client, sizeof client));
    put(it, INFO_NAME, block(name, sizeof name));
    put(it, INFO_DESC, block(comment, sizeof comment));
    put(array, POINTER, it); /* the first element is NULL */
    *answer = counted(2, array);
    *read = 1;
    *total = 3;
    *resume = 5;
    return 234;
}

static DWORD DHCPSAPI_CALL free_addresses(
    LPWSTR server, DHCP_IP_ADDRESS id, DHCP_IP_ADDRESS start, DHCP_IP_ADDRESS end, DWORD count,
    LPDHCP_IP_ARRAY *answer)
{
    ask(server, id);
    see(&start, 4);
    see(&end, 4);
    see(&count, 4);
    *answer = counted(2, block(addresses, sizeof addresses));
    return 20126; /* fewer than asked for */
}

static VOID DHCPSAPI_CALL release(PVOID it)
{
    live--;
    free(it);
}

EXPORT dhcpsapi_functions table = {
    .size = sizeof table,
    .DhcpEnumSubnets = scopes,
    .DhcpGetSubnetInfoVQ = get,
    .DhcpCreateSubnetVQ = set,
    .DhcpSetSubnetInfoVQ = set,
    .DhcpDeleteSubnet = delete,
    .DhcpGetSubnetDelayOffer = delay,
    .DhcpSetSubnetDelayOffer = set_delay,
    .DhcpGetSuperScopeInfoV4 = table_of_superscopes,
    .DhcpSetSuperScopeV4 = set_superscope,
    .DhcpDeleteSuperScopeV4 = delete_superscope,
    .DhcpEnumSubnetElementsV5 = elements,
    .DhcpAddSubnetElementV5 = add,
    .DhcpRemoveSubnetElementV5 = remove_element,
    .DhcpV4EnumSubnetReservations = reservations,
    .DhcpV4GetFreeIPAddress = free_addresses,
    .DhcpRpcFreeMemory = release,
};
