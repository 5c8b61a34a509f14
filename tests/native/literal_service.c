/* A provider of literal bytes for the service: it shares nothing with tools/abi but the signatures. */
#include "literal.h"

#if UINTPTR_MAX > 0xFFFFFFFFu
#define WIDE_PAD4 PAD4,
#define NOWHERE NOWHERE64
#else
#define WIDE_PAD4
#define NOWHERE NOWHERE32
#endif

enum {
    CONFIG = ON(88, 64),
    DATABASE = ON(8, 4),
    FOLDER = ON(16, 8),
    BACKUP = ON(24, 12),
    TABLE = ON(64, 44),
    BINDING_TEXT = 16,
    BINDING_ID = ON(32, 24),
    COUNTERS_SCOPES = ON(80, 76)
};

static const unsigned char config[] = {
    0x05, 0, 0, 0x80, WIDE_PAD4     /* APIProtocolSupport */
    NOWHERE, NOWHERE, NOWHERE,      /* DatabaseName, DatabasePath, BackupPath */
    0x3D, 0, 0, 0, 0x02, 0, 0, 0,   /* BackupInterval 61, DatabaseLoggingFlag */
    0x03, 0, 0, 0, 0x3E, 0, 0, 0,   /* RestoreFlag, DatabaseCleanupInterval 62 */
    0x04, 0, 0, 0xF0, 0x06, 0, 0, 0, /* DebugFlag, dwPingRetries */
    0x04, 0, 0, 0, WIDE_PAD4 NOWHERE, /* cbBootTableString, wszBootTableString */
    0x02, 0, 0, 0, 0x00, 0, 0, 0,   /* fAuditLog, QuarantineOn */
    0x07, 0, 0, 0x80, 0x01, 0, 0, 0, /* QuarDefFail, QuarRuntimeStatus */
};
static const unsigned char binding[] = {
    0x05, 0, 0, 0x80, 0x02, 0, 0, 0, 0x01, 0x02, 0x00, 0xC0, 0x00, 0x02, 0x00, 0xC0, NOWHERE,
    0x03, 0, 0, 0, WIDE_PAD4 NOWHERE,
};
static const unsigned char counters[] = {
    1, 0, 0, 0x80, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0,
    0x00, 0x80, 0x3E, 0xD5, 0xDE, 0xB1, 0x9D, 0x01, /* ServerStartTime: FILETIME of 1970-01-01 */
    0xE1, 0, 0, 0, 0xE2, 0, 0, 0, 0xE3, 0, 0, 0, 0xE4, 0, 0, 0, 0xE5, 0, 0, 0, 0xE6, 0, 0, 0, 0xE7, 0, 0, 0,
    8, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, WIDE_PAD4 NOWHERE,
};
static const unsigned char scope[] = {0, 1, 0, 10, 0x1E, 0, 0, 0, 0x46, 0, 0, 0, 5, 0, 0, 0x80};
static const unsigned char text_a[] = {'a', 0, 0, 0}, text_b[] = {'b', 0, 0, 0}, text_c[] = {'c', 0, 0, 0};
static const unsigned char three[] = {1, 0, 0xFF}, one[COUNTED] = {1};

static DWORD DHCPSAPI_CALL get_config(LPWSTR server, LPDHCP_SERVER_CONFIG_INFO_VQ *answer)
{
    void *made = block(config, sizeof config);
    see_text(server);
    put(made, DATABASE, block(text_a, sizeof text_a));
    put(made, FOLDER, block(text_b, sizeof text_b));
    put(made, BACKUP, block(text_c, sizeof text_c));
    put(made, TABLE, block(text_a, sizeof text_a));
    *answer = made;
    return 0;
}

static DWORD DHCPSAPI_CALL set_config(LPWSTR server, DWORD fields, LPDHCP_SERVER_CONFIG_INFO_VQ it)
{
    unsigned char *copy;
    see_text(server);
    see(&fields, 4);
    copy = see(it, CONFIG);
    see_text(pointer_at(it, DATABASE));
    see_text(pointer_at(it, FOLDER));
    see_text(pointer_at(it, BACKUP));
    mask(copy, DATABASE);
    mask(copy, FOLDER);
    mask(copy, BACKUP);
    mask(copy, TABLE);
    return 0;
}

static DWORD DHCPSAPI_CALL get_bindings(LPWSTR server, ULONG flags, LPDHCP_BIND_ELEMENT_ARRAY *answer)
{
    void *array = block(one, sizeof one), *made = block(binding, sizeof binding);
    see_text(server);
    see(&flags, 4);
    put(made, BINDING_TEXT, block(text_a, sizeof text_a));
    put(made, BINDING_ID, block(three, sizeof three));
    put(array, COUNTED_POINTER, made);
    *answer = array;
    return 0;
}

static DWORD DHCPSAPI_CALL get_counters(LPWSTR server, LPDHCP_MIB_INFO_V5 *answer)
{
    void *made = block(counters, sizeof counters);
    see_text(server);
    put(made, COUNTERS_SCOPES, block(scope, sizeof scope));
    *answer = made;
    return 0;
}

static DWORD DHCPSAPI_CALL get_audit_log(
    LPWSTR server, DWORD flags, LPWSTR *folder, LPDWORD interval, LPDWORD most, LPDWORD least)
{
    see_text(server);
    see(&flags, 4);
    *folder = block(text_a, sizeof text_a);
    *interval = 0xF1020304;
    *most = 2;
    *least = 3;
    return 0;
}

static DWORD DHCPSAPI_CALL set_audit_log(
    LPWSTR server, DWORD flags, LPWSTR folder, DWORD interval, DWORD most, DWORD least)
{
    see_text(server);
    see(&flags, 4);
    see_text(folder);
    see(&interval, 4);
    see(&most, 4);
    see(&least, 4);
    return 0;
}

static DWORD DHCPSAPI_CALL backup(LPWSTR server, LPWSTR folder)
{
    see_text(server);
    see_text(folder);
    return 0;
}

EXPORT dhcpsapi_functions table = {
    .size = sizeof table,
    .DhcpServerGetConfigVQ = get_config,
    .DhcpServerSetConfigVQ = set_config,
    .DhcpGetServerBindingInfo = get_bindings,
    .DhcpGetMibInfoV5 = get_counters,
    .DhcpAuditLogGetParams = get_audit_log,
    .DhcpAuditLogSetParams = set_audit_log,
    .DhcpServerBackupDatabase = backup,
    .DhcpRpcFreeMemory = release,
};
