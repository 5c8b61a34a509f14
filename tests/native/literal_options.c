/* A provider of literal bytes for options and classes: it shares nothing with tools/abi but the signatures. */
#include "literal.h"

#define PAD15 PAD7, PAD7, 0xAA

enum {
    ELEMENT = ON(24, 12),
    ARM = ON(8, 4),
    ARM_DATA = ON(16, 8),
    DATA = ON(16, 8),
    LEVEL = ON(16, 12),
    OPTION = ON(48, 24),
    OPTION_NAME = ON(8, 4),
    OPTION_COMMENT = ON(16, 8),
    OPTION_COUNT = ON(24, 12),
    OPTION_ELEMENTS = ON(32, 16),
    VALUE = ON(24, 12),
    VALUE_COUNT = ON(8, 4),
    VALUE_ELEMENTS = ON(16, 8),
    CLASS = ON(40, 24),
    CLASS_COMMENT = ON(8, 4),
    CLASS_LENGTH = ON(16, 8),
    CLASS_DATA = ON(32, 20)
};

/* One element of each type, and one of a type that nobody knows. */
static const unsigned char all_types[] = {
#if UINTPTR_MAX > 0xFFFFFFFFu
    0, 0, 0, 0, PAD4, 0xF1, PAD15,                                                       /* BYTE */
    1, 0, 0, 0, PAD4, 0xF2, 0xF1, PAD7, PAD7,                                            /* WORD */
    2, 0, 0, 0, PAD4, 0xF4, 0xF3, 0xF2, 0xF1, PAD4, PAD4, PAD4,                          /* DWORD */
    3, 0, 0, 0, PAD4, 0xA4, 0xA3, 0xA2, 0xA1, 0xB4, 0xB3, 0xB2, 0xB1, PAD4, PAD4,        /* DWORD_DWORD */
    4, 0, 0, 0, PAD4, 0x05, 0x01, 0x00, 0x0A, PAD4, PAD4, PAD4,                          /* IP address */
    5, 0, 0, 0, PAD4, NOWHERE64, PAD4, PAD4,                                             /* text */
    6, 0, 0, 0, PAD4, 0x03, 0x00, 0x00, 0x00, PAD4, NOWHERE64,                           /* binary */
    7, 0, 0, 0, PAD4, 0x02, 0x00, 0x00, 0x00, PAD4, NOWHERE64,                           /* encapsulated */
    8, 0, 0, 0, PAD4, NOWHERE64, PAD4, PAD4,                                             /* IPv6 address */
    9, 0, 0, 0, PAD4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,             /* unknown */
#else
    0, 0, 0, 0, 0xF1, PAD7,
    1, 0, 0, 0, 0xF2, 0xF1, PAD3, PAD3,
    2, 0, 0, 0, 0xF4, 0xF3, 0xF2, 0xF1, PAD4,
    3, 0, 0, 0, 0xA4, 0xA3, 0xA2, 0xA1, 0xB4, 0xB3, 0xB2, 0xB1,
    4, 0, 0, 0, 0x05, 0x01, 0x00, 0x0A, PAD4,
    5, 0, 0, 0, NOWHERE32, PAD4,
    6, 0, 0, 0, 0x03, 0x00, 0x00, 0x00, NOWHERE32,
    7, 0, 0, 0, 0x02, 0x00, 0x00, 0x00, NOWHERE32,
    8, 0, 0, 0, NOWHERE32, PAD4,
    9, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
#endif
};
static const unsigned char word_pair[] = {
#if UINTPTR_MAX > 0xFFFFFFFFu
    1, 0, 0, 0, PAD4, 0x44, 0x00, PAD7, PAD7,
    1, 0, 0, 0, PAD4, 0xDC, 0x05, PAD7, PAD7,
#else
    1, 0, 0, 0, 0x44, 0x00, PAD3, PAD3,
    1, 0, 0, 0, 0xDC, 0x05, PAD3, PAD3,
#endif
};
static const unsigned char value_of_all_types[] = {
#if UINTPTR_MAX > 0xFFFFFFFFu
    0xE0, 0x00, 0x00, 0x80, PAD4, 0x0A, 0x00, 0x00, 0x00, PAD4, NOWHERE64,
#else
    0xE0, 0x00, 0x00, 0x80, 0x0A, 0x00, 0x00, 0x00, NOWHERE32,
#endif
};
static const unsigned char value_of_words[] = {
#if UINTPTR_MAX > 0xFFFFFFFFu
    0x19, 0x00, 0x00, 0x00, PAD4, 0x02, 0x00, 0x00, 0x00, PAD4, NOWHERE64,
#else
    0x19, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, NOWHERE32,
#endif
};
static const unsigned char definition[] = {
#if UINTPTR_MAX > 0xFFFFFFFFu
    0x19, 0x00, 0x00, 0x00, PAD4, /* OptionID */
    NOWHERE64, NOWHERE64, /* OptionName, OptionComment */
    0x02, 0x00, 0x00, 0x00, PAD4, NOWHERE64, /* DefaultValue */
    0x01, 0x00, 0x00, 0x00, PAD4, /* OptionType: array */
#else
    0x19, 0x00, 0x00, 0x00,
    NOWHERE32, NOWHERE32,
    0x02, 0x00, 0x00, 0x00, NOWHERE32,
    0x01, 0x00, 0x00, 0x00,
#endif
};
static const unsigned char bare_definition[] = {
#if UINTPTR_MAX > 0xFFFFFFFFu
    0x07, 0x00, 0x00, 0x00, PAD4, NOWHERE64, NOWHERE64, 0x05, 0x00, 0x00, 0x00, PAD4, NOWHERE64, 0x00, 0x00, 0x00, 0x00,
    PAD4,
#else
    0x07, 0x00, 0x00, 0x00, NOWHERE32, NOWHERE32, 0x05, 0x00, 0x00, 0x00, NOWHERE32, 0x00, 0x00, 0x00, 0x00,
#endif
};
static const unsigned char kiosk[] = {
#if UINTPTR_MAX > 0xFFFFFFFFu
    NOWHERE64, NOWHERE64, /* ClassName, ClassComment */
    0x05, 0x00, 0x00, 0x00, /* ClassDataLength */
    0x01, 0x00, 0x00, 0x00, /* IsVendor */
    0x21, 0x43, 0x65, 0x87, PAD4, /* Flags */
    NOWHERE64, /* ClassData */
#else
    NOWHERE32, NOWHERE32, 0x05, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x21, 0x43, 0x65, 0x87, NOWHERE32,
#endif
};
static const unsigned char kiosk_data[] = {0x6B, 0x69, 0x00, 0xFF, 0x6B};
static const unsigned char e_acute[] = {0xE9, 0, 0, 0};
static const unsigned char loopback[] = {0x3A, 0, 0x3A, 0, 0x31, 0, 0, 0};
static const unsigned char three_bytes[] = {0x01, 0x00, 0xFF}, two_bytes[] = {0x02, 0xFE};
static const unsigned char text_a[] = {0x61, 0, 0, 0}, text_b[] = {0x62, 0, 0, 0}, text_c[] = {0x63, 0, 0, 0};
static const unsigned char text_d[] = {0x64, 0, 0, 0};
static const unsigned char one[COUNTED] = {1, 0, 0, 0}, two[COUNTED] = {2, 0, 0, 0};

static void *all_elements(void)
{
    void *it = block(all_types, sizeof all_types);
    put(it, 5 * ELEMENT + ARM, block(e_acute, sizeof e_acute));
    put(it, 6 * ELEMENT + ARM_DATA, block(three_bytes, sizeof three_bytes));
    put(it, 7 * ELEMENT + ARM_DATA, block(two_bytes, sizeof two_bytes));
    put(it, 8 * ELEMENT + ARM, block(loopback, sizeof loopback));
    return it;
}

static void *value_array(void)
{
    unsigned char both[2 * VALUE];
    void *array = block(two, sizeof two), *values;
    memcpy(both, value_of_all_types, VALUE);
    memcpy(both + VALUE, value_of_words, VALUE);
    values = block(both, sizeof both);
    put(values, VALUE_ELEMENTS, all_elements());
    put(values, VALUE + VALUE_ELEMENTS, block(word_pair, sizeof word_pair));
    put(array, COUNTED_POINTER, values);
    return array;
}

static void *fill_definition(void *it)
{
    put(it, OPTION_NAME, block(text_a, sizeof text_a));
    put(it, OPTION_COMMENT, block(text_b, sizeof text_b));
    put(it, OPTION_ELEMENTS, block(word_pair, sizeof word_pair));
    return it;
}

static void *definition_array(void)
{
    unsigned char both[2 * OPTION];
    void *array = block(two, sizeof two), *options;
    memcpy(both, bare_definition, OPTION);
    memcpy(both + OPTION, definition, OPTION);
    options = block(both, sizeof both);
    fill_definition((unsigned char *)options + OPTION);
    put(array, COUNTED_POINTER, options);
    return array;
}

static void *fill_class(void *it)
{
    put(it, 0, block(text_a, sizeof text_a));
    put(it, CLASS_COMMENT, block(text_b, sizeof text_b));
    put(it, CLASS_DATA, block(kiosk_data, sizeof kiosk_data));
    return it;
}

/* What was given */

static void see_elements(const void *elements, size_t count)
{
    unsigned char *copy = see(elements, count * ELEMENT);
    const unsigned char *at = elements;
    size_t i;
    for (i = 0; i < count; i++, at += ELEMENT, copy += ELEMENT) {
        if (at[0] == 5 || at[0] == 8) {
            see_text(pointer_at(at, ARM));
            mask(copy, ARM);
        } else if (at[0] == 6 || at[0] == 7) {
            see(pointer_at(at, ARM_DATA), at[ARM]);
            mask(copy, ARM_DATA);
        }
    }
}

static void see_target(LPWSTR server, DWORD flags, LPWSTR first, LPWSTR vendor, const void *level)
{
    see_text(server);
    see(&flags, 4);
    see_text(first);
    see_text(vendor);
    if (level)
        see(level, LEVEL);
}

static void see_definition(const void *it)
{
    unsigned char *copy = see(it, OPTION);
    see_text(pointer_at(it, OPTION_NAME));
    see_text(pointer_at(it, OPTION_COMMENT));
    see_elements(pointer_at(it, OPTION_ELEMENTS), copy[OPTION_COUNT]);
    mask(copy, OPTION_NAME);
    mask(copy, OPTION_COMMENT);
    mask(copy, OPTION_ELEMENTS);
}

static void see_values(const void *array)
{
    unsigned char *copy = see(array, COUNTED), *values;
    const unsigned char *at = pointer_at(array, COUNTED_POINTER);
    size_t i;
    values = see(at, copy[0] * (size_t)VALUE);
    for (i = 0; i < copy[0]; i++, at += VALUE, values += VALUE) {
        see_elements(pointer_at(at, VALUE_ELEMENTS), values[VALUE_COUNT]);
        mask(values, VALUE_ELEMENTS);
    }
    mask(copy, COUNTED_POINTER);
}

static void see_class(const void *it)
{
    unsigned char *copy = see(it, CLASS);
    see_text(pointer_at(it, 0));
    see_text(pointer_at(it, CLASS_COMMENT));
    see(pointer_at(it, CLASS_DATA), copy[CLASS_LENGTH]);
    mask(copy, 0);
    mask(copy, CLASS_COMMENT);
    mask(copy, CLASS_DATA);
}

/* The functions */

static DWORD DHCPSAPI_CALL get_all_options(LPWSTR server, DWORD flags, LPDHCP_ALL_OPTIONS *answer)
{
    static const unsigned char root[] = {
#if UINTPTR_MAX > 0xFFFFFFFFu
        0x09, 0x09, 0x09, 0x09, PAD4, NOWHERE64, 0x01, 0x00, 0x00, 0x00, PAD4, NOWHERE64,
#else
        0x09, 0x09, 0x09, 0x09, NOWHERE32, 0x01, 0x00, 0x00, 0x00, NOWHERE32,
#endif
    };
    unsigned char vendor[OPTION + 2 * POINTER] = {0};
    void *it = block(root, sizeof root), *element;
    see_text(server);
    see(&flags, 4);
    memcpy(vendor, definition, OPTION);
    element = fill_definition(block(vendor, sizeof vendor));
    put(element, OPTION, block(text_c, sizeof text_c));
    put(element, OPTION + POINTER, block(text_d, sizeof text_d));
    put(it, ON(8, 4), definition_array());
    put(it, ON(24, 12), element);
    *answer = it;
    return 0;
}

static DWORD DHCPSAPI_CALL enum_options(
    LPWSTR server, DWORD flags, LPWSTR user, LPWSTR vendor, DHCP_RESUME_HANDLE *resume, DWORD maximum,
    LPDHCP_OPTION_ARRAY *answer, LPDWORD read, LPDWORD total)
{
    see_target(server, flags, user, vendor, 0);
    see(resume, 4);
    see(&maximum, 4);
    *answer = definition_array();
    *resume = 0x01020304;
    *read = 2;
    *total = 0x0A0B0C0D;
    return 234;
}

static DWORD DHCPSAPI_CALL get_option(
    LPWSTR server, DWORD flags, DHCP_OPTION_ID id, LPWSTR user, LPWSTR vendor, LPDHCP_OPTION *answer)
{
    see_target(server, flags, user, vendor, 0);
    see(&id, 4);
    *answer = fill_definition(block(definition, sizeof definition));
    return 0;
}

static DWORD DHCPSAPI_CALL create_option(
    LPWSTR server, DWORD flags, DHCP_OPTION_ID id, LPWSTR user, LPWSTR vendor, LPDHCP_OPTION it)
{
    see_target(server, flags, user, vendor, 0);
    see(&id, 4);
    see_definition(it);
    return 0;
}

static DWORD DHCPSAPI_CALL remove_option(
    LPWSTR server, DWORD flags, DHCP_OPTION_ID id, LPWSTR user, LPWSTR vendor)
{
    see_target(server, flags, user, vendor, 0);
    see(&id, 4);
    return 0;
}

static void *groups(void)
{
    static const unsigned char root[] = {
#if UINTPTR_MAX > 0xFFFFFFFFu
        0x09, 0x09, 0x09, 0x09, 0x02, 0x00, 0x00, 0x00, NOWHERE64,
#else
        0x09, 0x09, 0x09, 0x09, 0x02, 0x00, 0x00, 0x00, NOWHERE32,
#endif
    };
    static const unsigned char entries[] = {
#if UINTPTR_MAX > 0xFFFFFFFFu
        NOWHERE64, NOWHERE64, 0x00, 0x00, 0x00, 0x00, PAD4, NOWHERE64,
        NOWHERE64, NOWHERE64, 0x07, 0x00, 0x00, 0x00, PAD4, NOWHERE64,
#else
        NOWHERE32, NOWHERE32, 0x00, 0x00, 0x00, 0x00, NOWHERE32,
        NOWHERE32, NOWHERE32, 0x07, 0x00, 0x00, 0x00, NOWHERE32,
#endif
    };
    void *it = block(root, sizeof root), *each = block(entries, sizeof entries);
    put(each, ON(32, 16), block(text_a, sizeof text_a));
    put(each, ON(40, 20), block(text_b, sizeof text_b));
    put(each, ON(56, 28), value_array());
    put(it, 8, each);
    return it;
}

static DWORD DHCPSAPI_CALL get_all_values(
    LPWSTR server, DWORD flags, LPDHCP_OPTION_SCOPE_INFO level, LPDHCP_ALL_OPTION_VALUES *answer)
{
    see_text(server);
    see(&flags, 4);
    see(level, LEVEL);
    *answer = groups();
    return 0;
}

static DWORD DHCPSAPI_CALL get_all_policy_values(
    LPWSTR server, DWORD flags, LPDHCP_OPTION_SCOPE_INFO level, LPDHCP_ALL_OPTION_VALUES_PB *answer)
{
    see_text(server);
    see(&flags, 4);
    see(level, LEVEL);
    *answer = groups();
    return 0;
}

static DWORD DHCPSAPI_CALL enum_values(
    LPWSTR server, DWORD flags, LPWSTR user, LPWSTR vendor, LPDHCP_OPTION_SCOPE_INFO level, DHCP_RESUME_HANDLE *resume,
    DWORD maximum, LPDHCP_OPTION_VALUE_ARRAY *answer, LPDWORD read, LPDWORD total)
{
    see_target(server, flags, user, vendor, level);
    see(resume, 4);
    see(&maximum, 4);
    *answer = value_array();
    *resume = 0x01020304;
    *read = 2;
    *total = 0x0A0B0C0D;
    return 259;
}

static DWORD DHCPSAPI_CALL get_value(
    LPWSTR server, DWORD flags, DHCP_OPTION_ID id, LPWSTR first, LPWSTR vendor, LPDHCP_OPTION_SCOPE_INFO level,
    LPDHCP_OPTION_VALUE *answer)
{
    void *it = block(value_of_all_types, sizeof value_of_all_types);
    see_target(server, flags, first, vendor, level);
    see(&id, 4);
    put(it, VALUE_ELEMENTS, all_elements());
    *answer = it;
    return 0;
}

static DWORD DHCPSAPI_CALL set_value(
    LPWSTR server, DWORD flags, DHCP_OPTION_ID id, LPWSTR first, LPWSTR vendor, LPDHCP_OPTION_SCOPE_INFO level,
    LPDHCP_OPTION_DATA data)
{
    unsigned char *copy;
    see_target(server, flags, first, vendor, level);
    see(&id, 4);
    copy = see(data, DATA);
    see_elements(pointer_at(data, COUNTED_POINTER), copy[0]);
    mask(copy, COUNTED_POINTER);
    return 0;
}

static DWORD DHCPSAPI_CALL set_values(
    LPWSTR server, DWORD flags, LPWSTR first, LPWSTR vendor, LPDHCP_OPTION_SCOPE_INFO level,
    LPDHCP_OPTION_VALUE_ARRAY values)
{
    see_target(server, flags, first, vendor, level);
    see_values(values);
    return 0;
}

static DWORD DHCPSAPI_CALL remove_value(
    LPWSTR server, DWORD flags, DHCP_OPTION_ID id, LPWSTR first, LPWSTR vendor, LPDHCP_OPTION_SCOPE_INFO level)
{
    see_target(server, flags, first, vendor, level);
    see(&id, 4);
    return 0;
}

static DWORD DHCPSAPI_CALL enum_classes(
    LPWSTR server, DWORD reserved, DHCP_RESUME_HANDLE *resume, DWORD maximum, LPDHCP_CLASS_INFO_ARRAY *answer,
    LPDWORD read, LPDWORD total)
{
    void *array = block(one, sizeof one);
    see_text(server);
    see(&reserved, 4);
    see(resume, 4);
    see(&maximum, 4);
    put(array, COUNTED_POINTER, fill_class(block(kiosk, sizeof kiosk)));
    *answer = array;
    *resume = 0x01020304;
    *read = 1;
    *total = 0x0A0B0C0D;
    return 0;
}

static DWORD DHCPSAPI_CALL get_class(
    LPWSTR server, DWORD reserved, LPDHCP_CLASS_INFO wanted, LPDHCP_CLASS_INFO *answer)
{
    see_text(server);
    see(&reserved, 4);
    see_class(wanted);
    *answer = fill_class(block(kiosk, sizeof kiosk));
    return 0;
}

static DWORD DHCPSAPI_CALL set_class(LPWSTR server, DWORD reserved, LPDHCP_CLASS_INFO it)
{
    see_text(server);
    see(&reserved, 4);
    see_class(it);
    return 0;
}

static DWORD DHCPSAPI_CALL delete_class(LPWSTR server, DWORD reserved, LPWSTR name)
{
    see_text(server);
    see(&reserved, 4);
    see_text(name);
    return 0;
}

EXPORT dhcpsapi_functions table = {
    .size = sizeof table,
    .DhcpGetAllOptions = get_all_options,
    .DhcpEnumOptionsV5 = enum_options,
    .DhcpGetOptionInfoV5 = get_option,
    .DhcpCreateOptionV5 = create_option,
    .DhcpSetOptionInfoV5 = create_option,
    .DhcpRemoveOptionV5 = remove_option,
    .DhcpGetAllOptionValues = get_all_values,
    .DhcpEnumOptionValuesV5 = enum_values,
    .DhcpGetOptionValueV5 = get_value,
    .DhcpSetOptionValueV5 = set_value,
    .DhcpSetOptionValuesV5 = set_values,
    .DhcpRemoveOptionValueV5 = remove_value,
    .DhcpV4GetAllOptionValues = get_all_policy_values,
    .DhcpV4GetOptionValue = get_value,
    .DhcpV4SetOptionValue = set_value,
    .DhcpV4SetOptionValues = set_values,
    .DhcpV4RemoveOptionValue = remove_value,
    .DhcpEnumClasses = enum_classes,
    .DhcpGetClassInfo = get_class,
    .DhcpCreateClass = set_class,
    .DhcpModifyClass = set_class,
    .DhcpDeleteClass = delete_class,
    .DhcpRpcFreeMemory = release,
};
