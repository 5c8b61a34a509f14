/* A stand-in for dhcpsapi.dll: it exports the functions of the API and forwards every call to a provider that is
 * chosen at run time. Without one it answers like a machine on which no DHCP service runs.
 */
#define DHCPSAPI_IMPORT __declspec(dllexport)
#include "dhcpsapi_abi.h"

#define EXPORT __declspec(dllexport)

EXPORT int __stdcall standin_use(const dhcpsapi_functions *functions);
EXPORT void __stdcall standin_answer(DWORD code);

static const dhcpsapi_functions *provider;
static DWORD without_provider = RPC_S_SERVER_UNAVAILABLE;

/* Forward to a table, which must outlive this library, or to none. A table of another size is refused with 0. */
EXPORT int __stdcall standin_use(const dhcpsapi_functions *functions)
{
    if (functions && functions->size != sizeof *functions)
        return 0;
    provider = functions;
    return 1;
}

/* Set the code that every call returns while there is no provider. */
EXPORT void __stdcall standin_answer(DWORD code)
{
    without_provider = code;
}

#define FUNCTION(name, parameters, arguments) \
    EXPORT DWORD DHCPSAPI_CALL name parameters \
    { \
        return provider ? provider->name arguments : without_provider; \
    }
#define PROCEDURE(name, parameters, arguments) \
    EXPORT VOID DHCPSAPI_CALL name parameters \
    { \
        if (provider) \
            provider->name arguments; \
    }
#include "standin_functions.h"
