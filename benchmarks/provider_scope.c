/* A provider of the lists of a scope for measuring, built again for each call as the DLL does, and the same calls
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
    (void)server, (void)maximum;
    *answer = malloc(sizeof **answer);
    (*answer)->NumElements = items;
    (*answer)->Clients = malloc((items + 1) * sizeof *(*answer)->Clients);
    for (i = 0; i < items; i++) {
        (*answer)->Clients[i] = malloc(sizeof *(*answer)->Clients[i]);
        fill_client((*answer)->Clients[i], scope - 0x0A000000 + i);
    }
    *resume = 0;
    *read = *total = items;
    return 0;
}

static LPWSTR only(const char *ascii)
{
    WCHAR *out = text(ascii, 0);
    out[strlen(ascii)] = 0;
    return out;
}

/* Four kinds of data in turn: two addresses, a text, a number, bytes. */
static void fill_value(DHCP_OPTION_VALUE *it, DWORD number)
{
    LPDHCP_OPTION_DATA_ELEMENT element;
    it->OptionID = 1 + number % 250;
    it->Value.NumElements = number % 4 ? 1 : 2;
    it->Value.Elements = element = calloc(it->Value.NumElements, sizeof *element);
    switch (number % 4) {
    case 0:
        element[0].OptionType = element[1].OptionType = 4;
        element[0].Element.IpAddressOption = 0x0A010000 + number;
        element[1].Element.IpAddressOption = 0x0A020000 + number;
        break;
    case 1:
        element->OptionType = 5;
        element->Element.StringDataOption = text("example.com/", number);
        break;
    case 2:
        element->OptionType = 2;
        element->Element.DWordOption = 1000 + number;
        break;
    default:
        element->OptionType = 6;
        element->Element.BinaryDataOption.DataLength = sizeof number;
        element->Element.BinaryDataOption.Data = malloc(sizeof number);
        memcpy(element->Element.BinaryDataOption.Data, &number, sizeof number);
    }
}

enum { VALUES_A_CLASS = 10 };

/* Ten values for each class: those of every client first, then those of a vendor class, a user class, both. */
static DWORD DHCPSAPI_CALL option_values(
    LPWSTR server, DWORD flags, LPDHCP_OPTION_SCOPE_INFO level, LPDHCP_ALL_OPTION_VALUES *answer)
{
    DWORD i, k;
    (void)server, (void)flags, (void)level;
    *answer = calloc(1, sizeof **answer);
    (*answer)->NumElements = items / VALUES_A_CLASS;
    (*answer)->Options = calloc((*answer)->NumElements, sizeof *(*answer)->Options);
    for (i = 0; i < (*answer)->NumElements; i++) {
        LPDHCP_CLASS_OPTION_VALUES it = &(*answer)->Options[i];
        if (i & 1)
            it->VendorName = text("Vendor ", i);
        if (i & 2)
            it->ClassName = text("User ", i);
        it->IsVendor = i & 1;
        it->OptionsArray = malloc(sizeof *it->OptionsArray);
        it->OptionsArray->NumElements = VALUES_A_CLASS;
        it->OptionsArray->Values = calloc(VALUES_A_CLASS, sizeof *it->OptionsArray->Values);
        for (k = 0; k < VALUES_A_CLASS; k++)
            fill_value(&it->OptionsArray->Values[k], i * VALUES_A_CLASS + k);
    }
    return 0;
}

static void free_option_values(const dhcpsapi_functions *table, LPDHCP_ALL_OPTION_VALUES answer)
{
    DWORD i, k;
    for (i = 0; i < answer->NumElements; i++) {
        LPDHCP_CLASS_OPTION_VALUES it = &answer->Options[i];
        for (k = 0; k < it->OptionsArray->NumElements; k++) {
            LPDHCP_OPTION_DATA_ELEMENT element = it->OptionsArray->Values[k].Value.Elements;
            if (element->OptionType == 5)
                table->DhcpRpcFreeMemory(element->Element.StringDataOption);
            if (element->OptionType == 6)
                table->DhcpRpcFreeMemory(element->Element.BinaryDataOption.Data);
            table->DhcpRpcFreeMemory(element);
        }
        table->DhcpRpcFreeMemory(it->OptionsArray->Values);
        table->DhcpRpcFreeMemory(it->OptionsArray);
        table->DhcpRpcFreeMemory(it->ClassName);
        table->DhcpRpcFreeMemory(it->VendorName);
    }
    table->DhcpRpcFreeMemory(answer->Options);
    table->DhcpRpcFreeMemory(answer);
}

enum { CONDITIONS = 3 };

/* Two MAC prefixes or a vendor class, one range, a DNS suffix. */
static void fill_policy(DHCP_POLICY_EX *it, DWORD number)
{
    DWORD i;
    it->PolicyName = text("policy ", number);
    it->Subnet = 0x0A000000;
    it->ProcessingOrder = 1 + number;
    it->Description = text("the phones on floor ", number);
    it->Enabled = 1;
    it->Conditions = malloc(sizeof *it->Conditions);
    it->Conditions->NumElements = CONDITIONS;
    it->Conditions->Elements = calloc(CONDITIONS, sizeof *it->Conditions->Elements);
    for (i = 0; i < CONDITIONS; i++) {
        LPDHCP_POL_COND condition = &it->Conditions->Elements[i];
        condition->Type = i ? 0 : 1;
        condition->OptionID = i ? 0 : 60;
        condition->Operator = i ? 2 : 0;
        condition->ValueLength = sizeof number;
        condition->Value = malloc(sizeof number);
        memcpy(condition->Value, &number, sizeof number);
    }
    it->Expressions = malloc(sizeof *it->Expressions);
    it->Expressions->NumElements = 1;
    it->Expressions->Elements = calloc(1, sizeof *it->Expressions->Elements);
    it->Expressions->Elements->Operator = 1;
    it->Ranges = malloc(sizeof *it->Ranges);
    it->Ranges->NumElements = 1;
    it->Ranges->Elements = malloc(sizeof *it->Ranges->Elements);
    it->Ranges->Elements->StartAddress = 0x0A000000 + number * 16;
    it->Ranges->Elements->EndAddress = 0x0A00000F + number * 16;
    it->Properties = malloc(sizeof *it->Properties);
    it->Properties->NumElements = 1;
    it->Properties->Elements = calloc(1, sizeof *it->Properties->Elements);
    it->Properties->Elements->ID = 1;
    it->Properties->Elements->Type = 3;
    it->Properties->Elements->Value.StringValue = only("phones.example.com");
}

static DWORD DHCPSAPI_CALL policies(
    LPWSTR server, DHCP_RESUME_HANDLE *resume, DWORD maximum, BOOL whole, DHCP_IP_ADDRESS scope,
    LPDHCP_POLICY_EX_ARRAY *answer, LPDWORD read, LPDWORD total)
{
    DWORD i;
    (void)server, (void)maximum, (void)whole, (void)scope;
    *answer = malloc(sizeof **answer);
    (*answer)->NumElements = items;
    (*answer)->Elements = calloc(items, sizeof *(*answer)->Elements);
    for (i = 0; i < items; i++)
        fill_policy(&(*answer)->Elements[i], i);
    *resume = 0;
    *read = items;
    *total = 0;
    return 259;
}

static void free_policies(const dhcpsapi_functions *table, LPDHCP_POLICY_EX_ARRAY answer)
{
    DWORD i, k;
    for (i = 0; i < answer->NumElements; i++) {
        LPDHCP_POLICY_EX it = &answer->Elements[i];
        for (k = 0; k < it->Conditions->NumElements; k++)
            table->DhcpRpcFreeMemory(it->Conditions->Elements[k].Value);
        table->DhcpRpcFreeMemory(it->Conditions->Elements);
        table->DhcpRpcFreeMemory(it->Conditions);
        table->DhcpRpcFreeMemory(it->Expressions->Elements);
        table->DhcpRpcFreeMemory(it->Expressions);
        table->DhcpRpcFreeMemory(it->Ranges->Elements);
        table->DhcpRpcFreeMemory(it->Ranges);
        table->DhcpRpcFreeMemory(it->Properties->Elements->Value.StringValue);
        table->DhcpRpcFreeMemory(it->Properties->Elements);
        table->DhcpRpcFreeMemory(it->Properties);
        table->DhcpRpcFreeMemory(it->PolicyName);
        table->DhcpRpcFreeMemory(it->Description);
    }
    table->DhcpRpcFreeMemory(answer->Elements);
    table->DhcpRpcFreeMemory(answer);
}

static VOID DHCPSAPI_CALL release(PVOID block) { free(block); }

EXPORT dhcpsapi_functions table = {
    .size = sizeof table,
    .DhcpV4EnumSubnetClients = clients,
    .DhcpGetAllOptionValues = option_values,
    .DhcpV4EnumPoliciesEx = policies,
    .DhcpRpcFreeMemory = release,
};

/* Where the peer finds its functions, whatever else the table has. */
#define PLACE(function) (offsetof(dhcpsapi_functions, function) / sizeof(void *))
EXPORT size_t place_of_clients(void) { return PLACE(DhcpV4EnumSubnetClients); }
EXPORT size_t place_of_option_values(void) { return PLACE(DhcpGetAllOptionValues); }
EXPORT size_t place_of_policies(void) { return PLACE(DhcpV4EnumPoliciesEx); }

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

EXPORT DWORD loop_option_values(DWORD times)
{
    DWORD sum = 0;
    while (times--) {
        LPDHCP_ALL_OPTION_VALUES answer = 0;
        table.DhcpGetAllOptionValues(0, 0, 0, &answer);
        sum += answer->NumElements;
        free_option_values(&table, answer);
    }
    return sum;
}

EXPORT DWORD loop_policies(DWORD times)
{
    DWORD sum = 0;
    while (times--) {
        LPDHCP_POLICY_EX_ARRAY answer = 0;
        DWORD resume = 0, read = 0, total = 0;
        table.DhcpV4EnumPoliciesEx(0, &resume, 0xFFFFFFFF, 0, 0x0A000000, &answer, &read, &total);
        sum += read;
        free_policies(&table, answer);
    }
    return sum;
}
