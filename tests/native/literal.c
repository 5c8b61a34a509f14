/* A provider of literal bytes: it shares nothing with tools/abi but the signatures of the functions.
 *
 * Every answer is copied from bytes that were typed from the documented layouts, with only pointers put in at literal
 * offsets; 0xAA is padding, which nobody may read. Every argument is kept as bytes: numbers as they lie in memory,
 * texts with their terminator, structures with 0xFF over each pointer that is not NULL.
 */
#include "literal.h"

enum {
    RELATIONSHIP = ON(80, 56),
    NAME = 32,
    PRIMARY_NAME = ON(40, 36),
    SECONDARY_NAME = ON(48, 40),
    SCOPES = ON(56, 44),
    SECRET = ON(72, 52),
    SEARCH = ON(24, 12),
    SEARCH_VALUE = ON(8, 4),
    SEARCH_DATA = ON(16, 8),
    CLIENT = ON(136, 100),
    CLIENT_DATA = ON(16, 12),
    CLIENT_NAME = ON(24, 16),
    CLIENT_COMMENT = ON(32, 20),
    CLIENT_OWNER_NETBIOS = ON(56, 36),
    CLIENT_OWNER_HOST = ON(64, 40),
    CLIENT_POLICY = ON(120, 92)
};

/* The answers */

static const unsigned char hq[] = {
    0x01, 0x02, 0x00, 0xC0, /* PrimaryServer 192.0.2.1 */
    0x09, 0x02, 0x00, 0xC0, /* SecondaryServer 192.0.2.9 */
    0x01, 0x00, 0x00, 0x00, /* Mode */
    0x00, 0x00, 0x00, 0x00, /* ServerType */
    0x04, 0x00, 0x00, 0x00, /* State */
    0x03, 0x00, 0x00, 0x00, /* PrevState */
    0x11, 0x0E, 0x00, 0x00, /* Mclt 3601 */
    0x59, 0x02, 0x00, 0x00, /* SafePeriod 601 */
#if UINTPTR_MAX > 0xFFFFFFFFu
    NOWHERE64, NOWHERE64, NOWHERE64, NOWHERE64, /* three names, pScopes */
    0x37, PAD7, /* Percentage 55 */
    NOWHERE64, /* SharedSecret */
#else
    NOWHERE32, NOWHERE32, NOWHERE32, NOWHERE32,
    0x37, PAD3,
    NOWHERE32,
#endif
};

/* Values that no enumeration knows, a percentage above 100, and NULL wherever there can be NULL. */
static const unsigned char odd[] = {
    0xFE, 0xFF, 0xFF, 0xFF, 0x02, 0x00, 0x00, 0x00, 0x21, 0x00, 0x00, 0x00, 0x22, 0x00, 0x00, 0x00,
    0x23, 0x00, 0x00, 0x00, 0x24, 0x00, 0x00, 0x80, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
#if UINTPTR_MAX > 0xFFFFFFFFu
    NOWHERE64, NOWHERE64, NOWHERE64, NOWHERE64, 0xC8, PAD7, NOWHERE64,
#else
    NOWHERE32, NOWHERE32, NOWHERE32, NOWHERE32, 0xC8, PAD3, NOWHERE32,
#endif
};

static const unsigned char hq_name[] = {0x68, 0, 0x71, 0, 0x2D, 0, 0xE9, 0, 0, 0};         /* hq-é */
static const unsigned char hq_primary[] = {0x70, 0, 0x31, 0, 0, 0};                        /* p1 */
static const unsigned char hq_secondary[] = {0xFF, 0xFE, 0x73, 0, 0x32, 0, 0, 0};          /* U+FEFF, s2 */
static const unsigned char hq_secret[] = {0x73, 0, 0xAC, 0x20, 0x3D, 0xD8, 0, 0xDE, 0, 0}; /* s, €, U+1F600 */
static const unsigned char hq_scopes[] = {0, 2, 1, 10, 0, 4, 3, 10, 0, 5, 16, 172};
static const unsigned char three[COUNTED] = {3, 0, 0, 0};
static const unsigned char two[COUNTED] = {2, 0, 0, 0};

static const unsigned char statistics[] = {
    0x01, 0x10, 0x00, 0x00, /* NumAddr */
    0x02, 0x20, 0x00, 0x00, /* AddrFree */
    0x03, 0x30, 0x00, 0x00, /* AddrInUse */
    0x04, 0x40, 0x00, 0x00, /* PartnerAddrFree */
    0x05, 0x50, 0x00, 0x00, /* ThisAddrFree */
    0x06, 0x60, 0x00, 0x00, /* PartnerAddrInUse */
    0x07, 0x70, 0x00, 0x80, /* ThisAddrInUse */
};

static const unsigned char client[] = {
    0x4D, 0x01, 0x00, 0x0A, /* ClientIpAddress 10.0.1.77 */
    0x00, 0xFE, 0xFF, 0xFF, /* SubnetMask 255.255.254.0 */
#if UINTPTR_MAX > 0xFFFFFFFFu
    0x05, 0x00, 0x00, 0x00, PAD4, NOWHERE64, /* ClientHardwareAddress */
    NOWHERE64, NOWHERE64, /* ClientName, ClientComment */
#else
    0x05, 0x00, 0x00, 0x00, NOWHERE32,
    NOWHERE32, NOWHERE32,
#endif
    0x80, 0x16, 0x33, 0x44, 0x7C, 0x35, 0xDC, 0x01, /* ClientLeaseExpires: FILETIME 0x01DC357C44331680 */
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
    0x11, 0x00, 0x00, 0x60, /* SentPotExpTime */
    0x12, 0x00, 0x00, 0x60, /* AckPotExpTime */
    0x13, 0x00, 0x00, 0x60, /* RecvPotExpTime */
    0x14, 0x00, 0x00, 0x60, /* StartTime */
    0x15, 0x00, 0x00, 0x60, /* CltLastTransTime */
    0x16, 0x00, 0x00, 0xF0, /* LastBndUpdTime */
    0x17, 0x00, 0x00, 0xF0, /* BndMsgStatus */
#if UINTPTR_MAX > 0xFFFFFFFFu
    NOWHERE64, /* PolicyName */
    0x81, PAD7, /* Flags */
#else
    NOWHERE32,
    0x81, PAD3,
#endif
};

_Static_assert(sizeof hq == RELATIONSHIP && sizeof odd == RELATIONSHIP, "no byte left out");
_Static_assert(sizeof client == CLIENT && sizeof statistics == 28, "no byte left out");

static const unsigned char client_id[] = {0x0A, 0x00, 0x0B, 0x00, 0x0C};
static const unsigned char client_name[] = {0x63, 0, 0x31, 0, 0, 0};     /* c1 */
static const unsigned char client_comment[] = {0x63, 0, 0x32, 0, 0, 0};  /* c2 */
static const unsigned char owner_netbios[] = {0x6F, 0, 0x33, 0, 0, 0};   /* o3 */
static const unsigned char owner_host[] = {0x6F, 0, 0x34, 0, 0, 0};      /* o4 */
static const unsigned char client_policy[] = {0x70, 0, 0x35, 0, 0, 0};   /* p5 */

static void see_relationship(const void *given)
{
    static const size_t texts[] = {NAME, PRIMARY_NAME, SECONDARY_NAME, SECRET};
    unsigned char *copy = see(given, RELATIONSHIP);
    const unsigned char *scopes = pointer_at(given, SCOPES);
    size_t i;
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        mask(copy, texts[i]);
        see_text(pointer_at(given, texts[i]));
    }
    mask(copy, SCOPES);
    if (scopes) {
        unsigned char *count = see(scopes, 4);
        see(pointer_at(scopes, COUNTED_POINTER), (size_t)4 * count[0]);
    }
}

static void *fill_hq(void *base)
{
    void *scopes = block(three, sizeof three);
    put(scopes, COUNTED_POINTER, block(hq_scopes, sizeof hq_scopes));
    put(base, NAME, block(hq_name, sizeof hq_name));
    put(base, PRIMARY_NAME, block(hq_primary, sizeof hq_primary));
    put(base, SECONDARY_NAME, block(hq_secondary, sizeof hq_secondary));
    put(base, SCOPES, scopes);
    put(base, SECRET, block(hq_secret, sizeof hq_secret));
    return base;
}

/* The functions */

static DWORD DHCPSAPI_CALL create(LPWSTR server, LPDHCP_FAILOVER_RELATIONSHIP it)
{
    see_text(server);
    see_relationship(it);
    return 0;
}

static DWORD DHCPSAPI_CALL set(LPWSTR server, DWORD flags, LPDHCP_FAILOVER_RELATIONSHIP it)
{
    see_text(server);
    see(&flags, 4);
    see_relationship(it);
    return 0;
}

static DWORD DHCPSAPI_CALL text_only(LPWSTR server, LPWSTR name)
{
    see_text(server);
    see_text(name);
    return 0;
}

static DWORD DHCPSAPI_CALL get(LPWSTR server, LPWSTR name, LPDHCP_FAILOVER_RELATIONSHIP *answer)
{
    text_only(server, name);
    *answer = fill_hq(block(hq, sizeof hq));
    return 0;
}

static DWORD DHCPSAPI_CALL enumerate(
    LPWSTR server, DHCP_RESUME_HANDLE *resume, DWORD maximum, LPDHCP_FAILOVER_RELATIONSHIP_ARRAY *answer,
    LPDWORD read, LPDWORD total)
{
    unsigned char both[2 * RELATIONSHIP];
    void *array = block(two, sizeof two), *elements;
    see_text(server);
    see(resume, 4);
    see(&maximum, 4);
    memcpy(both, odd, RELATIONSHIP);
    memcpy(both + RELATIONSHIP, hq, RELATIONSHIP);
    elements = block(both, sizeof both);
    fill_hq((unsigned char *)elements + RELATIONSHIP);
    put(array, COUNTED_POINTER, elements);
    *answer = array;
    *resume = 0x01020304;
    *read = 2;
    *total = 0x0A0B0C0D;
    return 234;
}

static DWORD DHCPSAPI_CALL scope_relationship(
    LPWSTR server, DHCP_IP_ADDRESS scope, LPDHCP_FAILOVER_RELATIONSHIP *answer)
{
    see_text(server);
    see(&scope, 4);
    *answer = block(odd, sizeof odd);
    return 0;
}

static DWORD DHCPSAPI_CALL scope_statistics(
    LPWSTR server, DHCP_IP_ADDRESS scope, LPDHCP_FAILOVER_STATISTICS *answer)
{
    see_text(server);
    see(&scope, 4);
    *answer = block(statistics, sizeof statistics);
    return 0;
}

static DWORD DHCPSAPI_CALL client_info(
    LPWSTR server, const DHCP_SEARCH_INFO *search, LPDHCPV4_FAILOVER_CLIENT_INFO *answer)
{
    unsigned char *copy, *it = block(client, sizeof client);
    see_text(server);
    copy = see(search, SEARCH);
    if (copy[0] == 1) {
        see(pointer_at(search, SEARCH_DATA), copy[SEARCH_VALUE]);
        mask(copy, SEARCH_DATA);
    } else if (copy[0] == 2) {
        see_text(pointer_at(search, SEARCH_VALUE));
        mask(copy, SEARCH_VALUE);
    }
    put(it, CLIENT_DATA, block(client_id, sizeof client_id));
    put(it, CLIENT_NAME, block(client_name, sizeof client_name));
    put(it, CLIENT_COMMENT, block(client_comment, sizeof client_comment));
    put(it, CLIENT_OWNER_NETBIOS, block(owner_netbios, sizeof owner_netbios));
    put(it, CLIENT_OWNER_HOST, block(owner_host, sizeof owner_host));
    put(it, CLIENT_POLICY, block(client_policy, sizeof client_policy));
    *answer = (LPDHCPV4_FAILOVER_CLIENT_INFO)(void *)it;
    return 0;
}

static DWORD DHCPSAPI_CALL system_time(LPWSTR server, LPDWORD time, LPDWORD delta)
{
    see_text(server);
    *time = 0xF1020304;
    *delta = 61;
    return 0;
}

static DWORD DHCPSAPI_CALL address_status(LPWSTR server, DHCP_IP_ADDRESS address, LPDWORD status)
{
    see_text(server);
    see(&address, 4);
    *status = 3;
    return 0;
}

static DWORD DHCPSAPI_CALL version(LPWSTR server, LPDWORD major, LPDWORD minor)
{
    see_text(server);
    *major = 0xF1020304;
    *minor = 63;
    return 0;
}

static const unsigned char attribute_list[] = {
    0x05, 0x00, 0x00, 0x00, /* DhcpAttribId: the caller is an administrator */
    0x01, 0x00, 0x00, 0x00, /* DhcpAttribType: BOOL */
    0x07, 0x00, 0x00, 0x00, /* any true value */
    0x06, 0x00, 0x00, 0x00, /* DhcpAttribId: status of the last restore */
    0x02, 0x00, 0x00, 0x00, /* DhcpAttribType: ULONG */
    0x2D, 0x4E, 0x00, 0x80, /* 0x80004E2D */
    0x2A, 0x00, 0x00, 0x00, /* an unknown id */
    0x01, 0x00, 0x00, 0x00, /* BOOL */
    0x00, 0x00, 0x00, 0x00, /* false */
};

static DWORD DHCPSAPI_CALL attributes(
    LPWSTR server, ULONG reserved, DWORD count, DHCP_ATTRIB_ID *ids, LPDHCP_ATTRIB_ARRAY *answer)
{
    unsigned char array[COUNTED], number[4] = {0x03, 0x00, 0x00, 0x00};
    DWORD four = reserved;
    see_text(server);
    see(&four, 4);
    see(&count, 4);
    see(ids, 4 * count);
    memset(array, 0xAA, sizeof array);
    memcpy(array, number, sizeof number);
    put(array, COUNTED_POINTER, block(attribute_list, sizeof attribute_list));
    *answer = (LPDHCP_ATTRIB_ARRAY)block(array, sizeof array);
    return 50; /* not every id is known */
}

EXPORT dhcpsapi_functions table = {
    .size = sizeof table,
    .DhcpV4FailoverCreateRelationship = create,
    .DhcpV4FailoverSetRelationship = set,
    .DhcpV4FailoverDeleteRelationship = text_only,
    .DhcpV4FailoverGetRelationship = get,
    .DhcpV4FailoverEnumRelationship = enumerate,
    .DhcpV4FailoverAddScopeToRelationship = create,
    .DhcpV4FailoverDeleteScopeFromRelationship = create,
    .DhcpV4FailoverGetScopeRelationship = scope_relationship,
    .DhcpV4FailoverGetScopeStatistics = scope_statistics,
    .DhcpV4FailoverGetClientInfo = client_info,
    .DhcpV4FailoverGetSystemTime = system_time,
    .DhcpV4FailoverGetAddressStatus = address_status,
    .DhcpV4FailoverTriggerAddrAllocation = text_only,
    .DhcpGetVersion = version,
    .DhcpServerQueryAttributes = attributes,
    .DhcpRpcFreeMemory = release,
};
