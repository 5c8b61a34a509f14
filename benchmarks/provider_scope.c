/* A provider of the lists of a scope for measuring, each built anew for each call as the DLL does, and the same calls
 * made from C. A further list is a function in the table, a loop, and a case in scope.py. */
#include <stdlib.h>
#include <string.h>

#include "dhcpsapi_abi.h"

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT
#endif

static DWORD items = 10000;

EXPORT void configure(DWORD count) { items = count; }

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
    WCHAR *out = malloc((strlen(ascii) + 6) * sizeof *out), *at = out;
    DWORD digit;
    while (*ascii)
        *at++ = (WCHAR)*ascii++;
    for (digit = 10000; digit; digit /= 10)
        *at++ = (WCHAR)('0' + number / digit % 10);
    *at = 0;
    return out;
}

static void fill_client(DHCP_CLIENT_INFO_PB *it, DWORD number)
{
    static const BYTE prefix[7] = {0, 0, 0, 10, 1, 0x0A, 0x1B};
    memset(it, 0, sizeof *it);
    it->ClientIpAddress = 0x0A000001 + number;
    it->SubnetMask = 0xFFFF0000;
    it->ClientHardwareAddress.DataLength = 11;
    it->ClientHardwareAddress.Data = malloc(11);
    memcpy(it->ClientHardwareAddress.Data, prefix, sizeof prefix);
    memcpy(it->ClientHardwareAddress.Data + sizeof prefix, &number, 4);
    it->ClientName = text("host-", number);
    it->ClientLeaseExpires.dwHighDateTime = 0x01DC357C;
    it->ClientLeaseExpires.dwLowDateTime = 0x10000000 + number * 10000000;
    it->OwnerHost.IpAddress = 0xC0000201;
    it->OwnerHost.NetBiosName = text("DHCP", 1);
    it->bClientType = 1;
    it->AddressState = 1;
    it->FilterStatus = 1;
}

static void free_client(const dhcpsapi_functions *table, DHCP_CLIENT_INFO_PB *it)
{
    table->DhcpRpcFreeMemory(it->ClientHardwareAddress.Data);
    table->DhcpRpcFreeMemory(it->ClientName);
    table->DhcpRpcFreeMemory(it->OwnerHost.NetBiosName);
    table->DhcpRpcFreeMemory(it);
}

static DWORD DHCPSAPI_CALL clients(
    LPWSTR server, DHCP_IP_ADDRESS scope, DHCP_RESUME_HANDLE *resume, DWORD maximum,
    LPDHCP_CLIENT_INFO_PB_ARRAY *answer, LPDWORD read, LPDWORD total)
{
    DWORD i;
    (void)server, (void)scope, (void)maximum;
    *answer = malloc(sizeof **answer);
    (*answer)->NumElements = items;
    (*answer)->Clients = malloc((items + 1) * sizeof *(*answer)->Clients);
    for (i = 0; i < items; i++) {
        (*answer)->Clients[i] = malloc(sizeof *(*answer)->Clients[i]);
        fill_client((*answer)->Clients[i], i);
    }
    *resume = 0;
    *read = *total = items;
    return 0;
}

static VOID DHCPSAPI_CALL release(PVOID block) { free(block); }

EXPORT dhcpsapi_functions table = {
    .size = sizeof table,
    .DhcpV4EnumSubnetClients = clients,
    .DhcpRpcFreeMemory = release,
};

/* Where the peer finds its functions, whatever else the table has. */
EXPORT size_t place_of_clients(void)
{
    return offsetof(dhcpsapi_functions, DhcpV4EnumSubnetClients) / sizeof(void *);
}

EXPORT DWORD loop_clients(DWORD times)
{
    DWORD sum = 0, i;
    while (times--) {
        LPDHCP_CLIENT_INFO_PB_ARRAY answer = 0;
        DWORD resume = 0, read = 0, total = 0;
        table.DhcpV4EnumSubnetClients(0, 0x0A000000, &resume, 0xFFFFFFFF, &answer, &read, &total);
        for (i = 0; i < answer->NumElements; i++)
            free_client(&table, answer->Clients[i]);
        sum += read;
        table.DhcpRpcFreeMemory(answer->Clients);
        table.DhcpRpcFreeMemory(answer);
    }
    return sum;
}
