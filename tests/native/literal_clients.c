/* Literal bytes of the structures for clients; see literal.h. */
#include "literal.h"

enum {
    CLIENT = ON(104, 72),
    VALUES = ON(80, 48),
    ID_SIZE = 8,
    ID = ON(16, 12),
    NAME = ON(24, 16),
    COMMENT = ON(32, 20),
    OWNER_NETBIOS = ON(56, 36),
    OWNER_HOST = ON(64, 40),
    POLICY = ON(96, 68),
    SEARCH = ON(24, 12),
    SEARCH_VALUE = ON(8, 4),
    SEARCH_DATA = ON(16, 8)
};

static const unsigned char full[] = {
    0x4D, 0x01, 0x00, 0x0A, /* ClientIpAddress 10.0.1.77 */
    0x00, 0xFE, 0xFF, 0xFF, /* SubnetMask 255.255.254.0 */
#if UINTPTR_MAX > 0xFFFFFFFFu
    0x05, 0x00, 0x00, 0x00, PAD4, NOWHERE64, /* ClientHardwareAddress */
    NOWHERE64, NOWHERE64, /* ClientName, ClientComment */
#else
    0x05, 0x00, 0x00, 0x00, NOWHERE32,
    NOWHERE32, NOWHERE32,
#endif
    0x7E, 0x16, 0x33, 0x44, 0x7C, 0x35, 0xDC, 0x01, /* ClientLeaseExpires: FILETIME 0x01DC357C4433167E */
    0x05, 0x06, 0x07, 0x08, /* OwnerHost.IpAddress 8.7.6.5 */
#if UINTPTR_MAX > 0xFFFFFFFFu
    PAD4, NOWHERE64, NOWHERE64, /* OwnerHost.NetBiosName, HostName */
#else
    NOWHERE32, NOWHERE32,
#endif
    0x64, 0x29, 0xAA, 0xAA, /* bClientType, AddressState */
    0x04, 0x00, 0x00, 0x00, /* Status */
    0x00, 0x80, 0x3E, 0xD5, 0xDE, 0xB1, 0x9D, 0x01, /* ProbationEnds: FILETIME of 1970-01-01 */
    0x02, 0x00, 0x00, 0x00, /* QuarantineCapable: a true that is not 1 */
    0x12, 0x00, 0x00, 0x00, /* FilterStatus */
#if UINTPTR_MAX > 0xFFFFFFFFu
    NOWHERE64 /* PolicyName */
#else
    NOWHERE32
#endif
};

/* Values that no enumeration knows, a lease without end, and NULL wherever there can be NULL. */
static const unsigned char odd[] = {
    0xFE, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00,
#if UINTPTR_MAX > 0xFFFFFFFFu
    0x07, 0x00, 0x00, 0x00, PAD4, NOWHERE64, NOWHERE64, NOWHERE64,
#else
    0x07, 0x00, 0x00, 0x00, NOWHERE32, NOWHERE32, NOWHERE32,
#endif
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, /* unlimited */
    0x00, 0x00, 0x00, 0x00,
#if UINTPTR_MAX > 0xFFFFFFFFu
    PAD4, NOWHERE64, NOWHERE64,
#else
    NOWHERE32, NOWHERE32,
#endif
    0x05, 0xFF, 0xAA, 0xAA,
    0x21, 0x00, 0x00, 0x80,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00,
    0x00, 0x01, 0x00, 0x80, /* unknown bits */
#if UINTPTR_MAX > 0xFFFFFFFFu
    NOWHERE64
#else
    NOWHERE32
#endif
};

_Static_assert(sizeof full == CLIENT && sizeof odd == CLIENT, "no byte left out");

static const unsigned char id[] = {0x0A, 0x00, 0x0B, 0x00, 0x0C};
static const unsigned char name[] = {0x63, 0, 0x31, 0, 0, 0};          /* c1 */
static const unsigned char comment[] = {0x63, 0, 0x32, 0, 0, 0};       /* c2 */
static const unsigned char netbios[] = {0x6F, 0, 0x33, 0, 0, 0};       /* o3 */
static const unsigned char host[] = {0x6F, 0, 0x34, 0, 0, 0};          /* o4 */
static const unsigned char policy[] = {0x70, 0, 0x35, 0, 0, 0};        /* p5 */
static const unsigned char three[COUNTED] = {3, 0, 0, 0};

static void *filled(void)
{
    void *it = block(full, sizeof full);
    put(it, ID, block(id, sizeof id));
    put(it, NAME, block(name, sizeof name));
    put(it, COMMENT, block(comment, sizeof comment));
    put(it, OWNER_NETBIOS, block(netbios, sizeof netbios));
    put(it, OWNER_HOST, block(host, sizeof host));
    put(it, POLICY, block(policy, sizeof policy));
    return it;
}

static void see_search(const void *search)
{
    unsigned char *copy = see(search, SEARCH);
    if (copy[0] == 1) {
        see(pointer_at(search, SEARCH_DATA), copy[SEARCH_VALUE]);
        mask(copy, SEARCH_DATA);
    } else if (copy[0] == 2) {
        see_text(pointer_at(search, SEARCH_VALUE));
        mask(copy, SEARCH_VALUE);
    }
}

static void see_record(const void *given, size_t size)
{
    static const size_t texts[] = {NAME, COMMENT, OWNER_NETBIOS, OWNER_HOST, POLICY};
    unsigned char *copy = see(given, size);
    size_t i;
    see(pointer_at(given, ID), copy[ID_SIZE]);
    mask(copy, ID);
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i] < size) {
            see_text(pointer_at(given, texts[i]));
            mask(copy, texts[i]);
        }
}

/* The functions */

static DWORD DHCPSAPI_CALL enumerate(
    LPWSTR server, DHCP_IP_ADDRESS scope, DHCP_RESUME_HANDLE *resume, DWORD maximum,
    LPDHCP_CLIENT_INFO_PB_ARRAY *answer, LPDWORD read, LPDWORD total)
{
    unsigned char pointers[3 * POINTER] = {0};
    void *array = block(three, sizeof three), *elements;
    see_text(server);
    see(&scope, 4);
    see(resume, 4);
    see(&maximum, 4);
    elements = block(pointers, sizeof pointers);
    put(elements, 0, filled());
    put(elements, POINTER, block(odd, sizeof odd));
    /* the third is NULL */
    put(array, COUNTED_POINTER, elements);
    *answer = array;
    *resume = 0x0A00014D;
    *read = 2;
    *total = 0x7FFFFFFF;
    return 234;
}

static DWORD DHCPSAPI_CALL get(LPWSTR server, const DHCP_SEARCH_INFO *search, LPDHCP_CLIENT_INFO_PB *answer)
{
    see_text(server);
    see_search(search);
    *answer = (LPDHCP_CLIENT_INFO_PB)filled();
    return 0;
}

static DWORD DHCPSAPI_CALL create(LPWSTR server, LPDHCP_CLIENT_INFO_PB it)
{
    see_text(server);
    see_record(it, CLIENT);
    return 0;
}

static DWORD DHCPSAPI_CALL set(LPWSTR server, const DHCP_CLIENT_INFO_V4 *it)
{
    see_text(server);
    see_record(it, VALUES);
    return 0;
}

static DWORD DHCPSAPI_CALL delete_client(LPWSTR server, const DHCP_SEARCH_INFO *search)
{
    see_text(server);
    see_search(search);
    return 0;
}

EXPORT dhcpsapi_functions table = {
    .size = sizeof table,
    .DhcpV4EnumSubnetClients = enumerate,
    .DhcpV4GetClientInfo = get,
    .DhcpV4CreateClientInfo = create,
    .DhcpSetClientInfoV4 = set,
    .DhcpDeleteClientInfo = delete_client,
    .DhcpRpcFreeMemory = release,
};
