/* Literal bytes of the structures for filters; see literal.h. */
#include "literal.h"

enum {
    PATTERN_OFFSET = 268,
    PATTERN_BYTES = 13,
    RECORD = ON(280, 272),
    RECORD_COMMENT = ON(272, 268),
    ADDED = ON(288, 276),
    LISTS = 8
};

static const unsigned char exact[PATTERN_BYTES + 6] = {
    0x01, 0x00, 0x00, 0x00, /* MatchHWType */
    0x01, 0xAA, 0xAA, 0xAA, /* HWType */
    0x00, 0x00, 0x00, 0x00, /* IsWildcard */
    0x06,                   /* Length */
    0x00, 0x1C, 0x25, 0x80, 0xA0, 0x43
};

/* A true that is not 1, another type, and bytes behind the three that count. */
static const unsigned char wildcard[PATTERN_BYTES + 5] = {
    0x02, 0x00, 0x00, 0x00, 0x06, 0xAA, 0xAA, 0xAA, 0x00, 0x00, 0x00, 0x80, 0x03, 0xF1, 0xF2, 0xF3, 0xEE, 0xEE
};

static const unsigned char comment[] = {0x6B, 0, 0xE9, 0, 0, 0}; /* ké */
static const unsigned char three[COUNTED] = {3, 0, 0, 0};

static DWORD DHCPSAPI_CALL enumerate(
    LPWSTR server, LPDHCP_ADDR_PATTERN resume, DWORD maximum, DWORD list, LPDHCP_FILTER_ENUM_INFO *answer,
    LPDWORD read, LPDWORD total)
{
    unsigned char records[3 * RECORD];
    void *array = block(three, sizeof three), *elements;
    see_text(server);
    see(resume, PATTERN_OFFSET);
    see(&maximum, 4);
    see(&list, 4);
    memset(records, 0xAA, sizeof records);
    memset(records, 0x00, PATTERN_OFFSET);
    memcpy(records, exact, sizeof exact);
    memcpy(records + RECORD, wildcard, sizeof wildcard);
    memset(records + 2 * RECORD, 0xFF, PATTERN_OFFSET); /* all 255 bytes */
    elements = block(records, sizeof records);
    put(elements, RECORD_COMMENT, block(comment, sizeof comment));
    put(elements, RECORD + RECORD_COMMENT, NULL);
    put(elements, 2 * RECORD + RECORD_COMMENT, NULL);
    put(array, COUNTED_POINTER, elements);
    *answer = array;
    memcpy(resume, wildcard, sizeof wildcard);
    *read = 3;
    *total = 0x0A0B0C0D;
    return 234;
}

static DWORD DHCPSAPI_CALL add(LPWSTR server, LPDHCP_FILTER_ADD_INFO it, BOOL force)
{
    unsigned char *copy;
    see_text(server);
    copy = see(it, ADDED);
    see_text(pointer_at(it, RECORD_COMMENT));
    mask(copy, RECORD_COMMENT);
    see(&force, 4);
    return 0;
}

static DWORD DHCPSAPI_CALL delete_filter(LPWSTR server, LPDHCP_ADDR_PATTERN it)
{
    see_text(server);
    see(it, PATTERN_OFFSET);
    return 0;
}

static DWORD DHCPSAPI_CALL set(LPWSTR server, LPDHCP_FILTER_GLOBAL_INFO it)
{
    see_text(server);
    see(it, LISTS);
    return 0;
}

static DWORD DHCPSAPI_CALL get(LPWSTR server, LPDHCP_FILTER_GLOBAL_INFO it)
{
    static const unsigned char lists[LISTS] = {0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80};
    see_text(server);
    see(it, LISTS);
    memcpy(it, lists, sizeof lists);
    return 0;
}

EXPORT dhcpsapi_functions table = {
    .size = sizeof table,
    .DhcpEnumFilterV4 = enumerate,
    .DhcpAddFilterV4 = add,
    .DhcpDeleteFilterV4 = delete_filter,
    .DhcpSetFilterV4 = set,
    .DhcpGetFilterV4 = get,
    .DhcpRpcFreeMemory = release,
};
