/* A provider of literal bytes for policies: it shares nothing with tools/abi but the signatures. */
#include "literal.h"

enum {
    POLICY = ON(72, 40),
    CONDITIONS = ON(24, 16),
    EXPRESSIONS = ON(32, 20),
    RANGES = ON(40, 24),
    DESCRIPTION = ON(48, 28),
    PROPERTIES = ON(64, 36),
    CONDITION = ON(48, 32),
    CONDITION_VENDOR = 16,
    CONDITION_VALUE = ON(32, 24),
    CONDITION_LENGTH = ON(40, 28),
    PROPERTY = ON(24, 16),
    PROPERTY_TYPE = 4,
    PROPERTY_TEXT = 8,
    PROPERTY_DATA = ON(16, 12)
};

#if UINTPTR_MAX > 0xFFFFFFFFu
#define WIDE_PAD4 PAD4,
#define NOWHERE NOWHERE64
#define REST_OF_TEXT PAD4, PAD4,
#define REST_OF_NUMBER PAD4, PAD4, PAD4
#else
#define WIDE_PAD4
#define NOWHERE NOWHERE32
#define REST_OF_TEXT PAD4,
#define REST_OF_NUMBER PAD4
#endif

static const unsigned char policy[] = {
    NOWHERE,                /* PolicyName */
    0x00, 0x00, 0x00, 0x00, /* IsGlobalPolicy */
    0x00, 0x01, 0x00, 0x0A, /* Subnet 10.0.1.0 */
    0x04, 0x03, 0x02, 0xF1, /* ProcessingOrder */
    WIDE_PAD4 NOWHERE, NOWHERE, NOWHERE, NOWHERE, /* Conditions, Expressions, Ranges, Description */
    0x02, 0x00, 0x00, 0x00, /* Enabled: a true that is not 1 */
    WIDE_PAD4 NOWHERE,      /* Properties */
};
static const unsigned char conditions[] = {
    0x11, 0x00, 0x00, 0xF0, /* ParentExpr */
    0x02, 0x00, 0x00, 0x00, /* Type */
    0x52, 0x00, 0x00, 0x00, /* OptionID */
    0x06, 0x00, 0x00, 0x00, /* SubOptionID */
    NOWHERE,                /* VendorName */
    0x05, 0x00, 0x00, 0x00, /* Operator */
    WIDE_PAD4 NOWHERE,      /* Value */
    0x03, 0x00, 0x00, 0x00, /* ValueLength */
    WIDE_PAD4 0x01, 0x00, 0x00, 0x00, 0x63, 0x00, 0x00, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, NOWHERE,
    0x64, 0x00, 0x00, 0x00, WIDE_PAD4 NOWHERE, 0, 0, 0, 0, WIDE_PAD4
};
/* A policy of the server without any of its parts. */
static const unsigned char bare[] = {
    NOWHERE, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00,
    WIDE_PAD4 NOWHERE, NOWHERE, NOWHERE, NOWHERE, 0x00, 0x00, 0x00, 0x00, WIDE_PAD4 NOWHERE,
};
static const unsigned char expressions[] = {0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0x80, 9, 0, 0, 0};
static const unsigned char ranges[] = {0x64, 1, 0, 10, 0x6E, 1, 0, 10};
static const unsigned char properties[] = {
    0, 0, 0, 0, 3, 0, 0, 0, NOWHERE, REST_OF_TEXT
    1, 0, 0, 0, 2, 0, 0, 0, 0xF4, 0xF3, 0xF2, 0xF1, REST_OF_NUMBER,
    2, 0, 0, 0, 0, 0, 0, 0, 0xF1, PAD3, REST_OF_NUMBER,
    3, 0, 0, 0, 1, 0, 0, 0, 0xF2, 0xF1, 0xAA, 0xAA, REST_OF_NUMBER,
    4, 0, 0, 0, 4, 0, 0, 0, 0x02, 0, 0, 0, WIDE_PAD4 NOWHERE,
    5, 0, 0, 0, 9, 0, 0, 0, 0x02, 0, 0, 0, REST_OF_NUMBER,
};

_Static_assert(sizeof policy == POLICY && sizeof bare == POLICY, "no byte left out");

static const unsigned char text_a[] = {'a', 0, 0, 0}, text_b[] = {'b', 0, 0, 0}, text_c[] = {'c', 0, 0, 0};
static const unsigned char text_d[] = {'d', 0, 0, 0}, three[] = {1, 0, 0xFF}, two[] = {0xFE, 0};

static void *counted(unsigned char number, void *elements)
{
    unsigned char head[COUNTED] = {0};
    void *array;
    head[0] = number;
    array = block(head, sizeof head);
    put(array, COUNTED_POINTER, elements);
    return array;
}

static void fill_policy(unsigned char *made)
{
    unsigned char *all = block(conditions, sizeof conditions);
    unsigned char *more = block(properties, sizeof properties);
    put(made, 0, block(text_a, sizeof text_a));
    put(all, CONDITION_VENDOR, block(text_b, sizeof text_b));
    put(all, CONDITION_VALUE, block(three, sizeof three));
    put(made, CONDITIONS, counted(2, all));
    put(made, EXPRESSIONS, counted(2, block(expressions, sizeof expressions)));
    put(made, RANGES, counted(1, block(ranges, sizeof ranges)));
    put(made, DESCRIPTION, block(text_c, sizeof text_c));
    put(more, PROPERTY_TEXT, block(text_d, sizeof text_d));
    put(more + 4 * PROPERTY, PROPERTY_DATA, block(two, sizeof two));
    put(made, PROPERTIES, counted(6, more));
}

static void see_level(LPWSTR server, BOOL whole, DHCP_IP_ADDRESS scope)
{
    see_text(server);
    see(&whole, 4);
    see(&scope, 4);
}

static DWORD DHCPSAPI_CALL get_policy(
    LPWSTR server, BOOL whole, DHCP_IP_ADDRESS scope, LPWSTR name, LPDHCP_POLICY_EX *answer)
{
    see_level(server, whole, scope);
    see_text(name);
    *answer = block(policy, sizeof policy);
    fill_policy((unsigned char *)*answer);
    return 0;
}

static DWORD DHCPSAPI_CALL enum_policies(
    LPWSTR server, DHCP_RESUME_HANDLE *resume, DWORD maximum, BOOL whole, DHCP_IP_ADDRESS scope,
    LPDHCP_POLICY_EX_ARRAY *answer, LPDWORD read, LPDWORD total)
{
    unsigned char both[2 * POLICY], *made;
    see_level(server, whole, scope);
    see(resume, 4);
    see(&maximum, 4);
    memcpy(both, policy, POLICY);
    memcpy(both + POLICY, bare, POLICY);
    made = block(both, sizeof both);
    fill_policy(made);
    *answer = counted(2, made);
    *resume = 0x01020304;
    *read = 2;
    *total = 0x0A0B0C0D;
    return 234;
}

static DWORD see_policy(LPDHCP_POLICY_EX it)
{
    unsigned char *copy;
    const unsigned char *array, *all;
    size_t each, place;
    static const size_t sizes[] = {CONDITION, 8, 8, PROPERTY};
    static const size_t places[] = {CONDITIONS, EXPRESSIONS, RANGES, PROPERTIES};
    copy = see(it, POLICY);
    see_text(pointer_at(it, 0));
    see_text(pointer_at(it, DESCRIPTION));
    for (each = 0; each < 4; each++) {
        array = pointer_at(it, places[each]);
        all = pointer_at(array, COUNTED_POINTER);
        see(array, 4);
        {
            unsigned char *elements = see(all, array[0] * sizes[each]);
            for (place = 0; place < array[0]; place++) {
                if (each == 0) {
                    see_text(pointer_at(all + place * CONDITION, CONDITION_VENDOR));
                    see(pointer_at(all + place * CONDITION, CONDITION_VALUE), all[place * CONDITION + CONDITION_LENGTH]);
                    mask(elements + place * CONDITION, CONDITION_VENDOR);
                    mask(elements + place * CONDITION, CONDITION_VALUE);
                } else if (each == 3 && all[place * PROPERTY + PROPERTY_TYPE] == 3) {
                    see_text(pointer_at(all + place * PROPERTY, PROPERTY_TEXT));
                    mask(elements + place * PROPERTY, PROPERTY_TEXT);
                }
            }
        }
        mask(copy, places[each]);
    }
    mask(copy, 0);
    mask(copy, DESCRIPTION);
    return 0;
}

static DWORD DHCPSAPI_CALL create_policy(LPWSTR server, LPDHCP_POLICY_EX it)
{
    see_text(server);
    return see_policy(it);
}

static DWORD DHCPSAPI_CALL set_policy(
    LPWSTR server, DWORD fields, BOOL whole, DHCP_IP_ADDRESS scope, LPWSTR name, LPDHCP_POLICY_EX it)
{
    see_level(server, whole, scope);
    see(&fields, 4);
    see_text(name);
    return see_policy(it);
}

static DWORD DHCPSAPI_CALL delete_policy(LPWSTR server, BOOL whole, DHCP_IP_ADDRESS scope, LPWSTR name)
{
    see_level(server, whole, scope);
    see_text(name);
    return 0;
}

static DWORD DHCPSAPI_CALL query(LPWSTR server, BOOL whole, DHCP_IP_ADDRESS scope, BOOL *enabled)
{
    see_level(server, whole, scope);
    *enabled = 2;
    return 0;
}

static DWORD DHCPSAPI_CALL enforce(LPWSTR server, BOOL whole, DHCP_IP_ADDRESS scope, BOOL enabled)
{
    see_level(server, whole, scope);
    see(&enabled, 4);
    return 0;
}

static DWORD DHCPSAPI_CALL change_range(LPWSTR server, DHCP_IP_ADDRESS scope, LPWSTR name, LPDHCP_IP_RANGE range)
{
    see_text(server);
    see(&scope, 4);
    see_text(name);
    see(range, 8);
    return 0;
}

EXPORT dhcpsapi_functions table = {
    .size = sizeof table,
    .DhcpV4EnumPoliciesEx = enum_policies,
    .DhcpV4GetPolicyEx = get_policy,
    .DhcpV4CreatePolicyEx = create_policy,
    .DhcpV4SetPolicyEx = set_policy,
    .DhcpV4DeletePolicy = delete_policy,
    .DhcpV4QueryPolicyEnforcement = query,
    .DhcpV4SetPolicyEnforcement = enforce,
    .DhcpV4AddPolicyRange = change_range,
    .DhcpV4RemovePolicyRange = change_range,
    .DhcpRpcFreeMemory = release,
};
