/* Compares the Windows SDK's declarations with ours: the size and offsets of every structure, and the type of every
 * function. The Windows workflow compiles it with the SDK, as C++: there a function of another type is an error, and the
 * SDK declares const where C does not. There is nothing to run.
 */
#include <winsock2.h>
#include <windows.h>
#include <dhcpsapi.h>

#include "dhcpsapi_layout.h"

/* A pointer of the type that tools/abi describes must accept each function as the SDK declares it. */
#define FUNCTION(name, parameters, arguments) \
    { \
        DWORD(__stdcall * it) parameters = name; \
        (void)it; \
    }
#define PROCEDURE(name, parameters, arguments) \
    { \
        VOID(__stdcall * it) parameters = name; \
        (void)it; \
    }

void compare_functions(void)
{
#include "standin_functions.h"
}
