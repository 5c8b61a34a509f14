/* Kerberos' protection of PDUs, in place, by the library that the package gssapi uses.
 *
 * gssapi itself makes some forty Python objects for each PDU, which costs more than to encrypt it. Only MIT's library on
 * Linux is used this way.
 */
#ifndef DHCPFO_KERBEROS_H
#define DHCPFO_KERBEROS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__linux__)
#include <dlfcn.h>
#endif

/* gss_buffer_desc and gss_iov_buffer_desc of gssapi.h and gssapi_ext.h. */
typedef struct {
    size_t size;
    void *data;
} kerberos_bytes;

typedef struct {
    uint32_t type;
    kerberos_bytes bytes;
} kerberos_part;

enum { KERBEROS_EMPTY = 0, KERBEROS_DATA = 1, KERBEROS_HEADER = 2, KERBEROS_SIGN_ONLY = 11 };

typedef struct {
    uint32_t (*take)(uint32_t *minor, kerberos_bytes *exported, void **context);
    uint32_t (*end)(uint32_t *minor, void **context, kerberos_bytes *token);
    uint32_t (*wrap)(uint32_t *minor, void *context, int encrypt, uint32_t qop, int *encrypted, kerberos_part *, int);
    uint32_t (*unwrap)(uint32_t *minor, void *context, int *encrypted, uint32_t *qop, kerberos_part *, int);
} kerberos_library;

/* Find the functions in the library that an extension is linked with, which is loaded already; return 0 if that is
 * another one than MIT's. */
static inline int kerberos_find(kerberos_library *it, const char *extension)
{
    memset(it, 0, sizeof *it);
#if defined(__linux__) && defined(RTLD_NOLOAD)
    {
        static const char *const names[4] = {
            "gss_import_sec_context", "gss_delete_sec_context", "gss_wrap_iov", "gss_unwrap_iov",
        };
        void *found[4] = {NULL};
        void *user = dlopen(extension, RTLD_LAZY | RTLD_NOLOAD);
        void *mit = dlopen("libgssapi_krb5.so.2", RTLD_LAZY | RTLD_NOLOAD);
        unsigned at;
        int right = user != NULL && mit != NULL;
        for (at = 0; right && at < 4; at++) {
            found[at] = dlsym(user, names[at]);
            right = found[at] != NULL && found[at] == dlsym(mit, names[at]);
        }
        /* They stay loaded: gssapi never unloads them. */
        if (user != NULL)
            dlclose(user);
        if (mit != NULL)
            dlclose(mit);
        if (right) {
            memcpy(&it->take, &found[0], sizeof(void *));
            memcpy(&it->end, &found[1], sizeof(void *));
            memcpy(&it->wrap, &found[2], sizeof(void *));
            memcpy(&it->unwrap, &found[3], sizeof(void *));
        }
        return right;
    }
#else
    (void)extension;
    return 0;
#endif
}

/* Name the parts of a PDU: up to start and from stop on they are signed, between them encrypted, and then the token. */
static inline void kerberos_parts(
    kerberos_part *parts, uint32_t sign, unsigned char *pdu, size_t size, size_t start, size_t stop, size_t token)
{
    parts[0].type = parts[2].type = sign;
    parts[1].type = KERBEROS_DATA;
    parts[3].type = KERBEROS_HEADER;
    parts[0].bytes.data = pdu;
    parts[0].bytes.size = start;
    parts[1].bytes.data = pdu + start;
    parts[1].bytes.size = stop - start;
    parts[2].bytes.data = pdu + stop;
    parts[2].bytes.size = size - token - stop;
    parts[3].bytes.data = pdu + size - token;
    parts[3].bytes.size = token;
}

#endif
