/* The Windows SDK's own declarations, held against ours: the size and offsets of every structure, and the type of
 * every function. The Windows workflow compiles it, where an SDK is, as C++: there a function of another type is an
 * error, and the SDK says const where it means it. There is nothing to run.
 */
#include <winsock2.h>
#include <windows.h>
#include <dhcpsapi.h>

#include "dhcpsapi_layout.h"

/* Each function as the SDK declares it fills a pointer of the type that tools/abi.py gives it. */
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
