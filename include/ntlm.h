/* RC4, MD4, MD5 and HMAC-MD5: what NTLM is made of. Cryptographic libraries may have them switched off.
 *
 * For little-endian machines, as all of the wire format.
 */
#ifndef DHCPFO_NTLM_H
#define DHCPFO_NTLM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "dhcpfo._wire reads and writes little-endian data in place: this machine is big-endian"
#endif

#if defined(_MSC_VER)
#define NTLM_INLINE __forceinline
#elif defined(__GNUC__)
#define NTLM_INLINE inline __attribute__((always_inline))
#else
#define NTLM_INLINE inline
#endif

/* Overwrite what a key could be made from; through a volatile pointer, so that no compiler drops it. */
static inline void ntlm_wipe(void *memory, size_t size)
{
    static void *(*const volatile overwrite)(void *, int, size_t) = memset;
    overwrite(memory, 0, size);
}

typedef struct {
    uint8_t box[256];
    uint8_t i, j;
} ntlm_rc4;

static inline void ntlm_rc4_start(ntlm_rc4 *it, const uint8_t *key, size_t size)
{
    unsigned at;
    uint8_t j = 0;
    for (at = 0; at < 256; at++)
        it->box[at] = (uint8_t)at;
    for (at = 0; at < 256; at++) {
        uint8_t one = it->box[at];
        j = (uint8_t)(j + one + key[at % size]);
        it->box[at] = it->box[j];
        it->box[j] = one;
    }
    it->i = it->j = 0;
}

static NTLM_INLINE uint8_t ntlm_rc4_next(uint8_t *box, uint8_t *i, uint8_t *j)
{
    uint8_t one = box[++*i], other;
    *j = (uint8_t)(*j + one);
    other = box[*j];
    box[*i] = other;
    box[*j] = one;
    return box[(uint8_t)(one + other)];
}

static inline void ntlm_rc4_apply(ntlm_rc4 *it, uint8_t *data, size_t size)
{
    uint8_t i = it->i, j = it->j;
    size_t at;
    for (at = 0; at < size; at++)
        data[at] ^= ntlm_rc4_next(it->box, &i, &j);
    it->i = i;
    it->j = j;
}

/* A digest that takes blocks of 64 bytes. */
typedef struct {
    uint32_t state[4];
    uint64_t size;
    uint8_t block[64];
} ntlm_digest;

typedef void (*ntlm_block)(uint32_t *state, const uint8_t *data);

static NTLM_INLINE uint32_t ntlm_rotate(uint32_t value, unsigned by)
{
    return value << by | value >> (32 - by);
}

/* MD5 of a block. Where a stream is given, 64 other bytes, or the same ones, are encrypted with it on the way: both are
 * long chains of dependent steps, which the processor then works on side by side. */
static NTLM_INLINE void ntlm_md5_steps(uint32_t *state, const uint8_t *data, ntlm_rc4 *stream, uint8_t *secret)
{
    /* floor(2^32 * abs(sin(1 + n))) */
    static const uint32_t sines[64] = {
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
        0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
        0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
        0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
        0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
        0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
        0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
        0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
    };
    uint32_t word[16], a = state[0], b = state[1], c = state[2], d = state[3];
    uint8_t i = 0, j = 0;
    memcpy(word, data, sizeof word);
    if (stream != NULL) {
        i = stream->i;
        j = stream->j;
    }
    /* x is what the step before has made: everything that does not need it comes first. */
#define NTLM_STEP(one, two, three, four, mix, at, number, by) \
    one += word[at] + sines[number]; \
    mix; \
    one = two + ntlm_rotate(one, by); \
    if (stream != NULL) \
        secret[number] ^= ntlm_rc4_next(stream->box, &i, &j)
#define NTLM_FOUR(mix, first, step, number, by0, by1, by2, by3) \
    NTLM_STEP(a, b, c, d, mix(a, b, c, d), (first) & 15, number, by0); \
    NTLM_STEP(d, a, b, c, mix(d, a, b, c), ((first) + (step)) & 15, number + 1, by1); \
    NTLM_STEP(c, d, a, b, mix(c, d, a, b), ((first) + 2 * (step)) & 15, number + 2, by2); \
    NTLM_STEP(b, c, d, a, mix(b, c, d, a), ((first) + 3 * (step)) & 15, number + 3, by3)
#define NTLM_ROUND(mix, first, step, number, by0, by1, by2, by3) \
    NTLM_FOUR(mix, first, step, number, by0, by1, by2, by3); \
    NTLM_FOUR(mix, (first) + 4 * (step), step, number + 4, by0, by1, by2, by3); \
    NTLM_FOUR(mix, (first) + 8 * (step), step, number + 8, by0, by1, by2, by3); \
    NTLM_FOUR(mix, (first) + 12 * (step), step, number + 12, by0, by1, by2, by3)
#define NTLM_PICK(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define NTLM_ODD(x, y, z) ((x) ^ (y) ^ (z))
#define NTLM_ADD_PICK(to, x, y, z) to += (z) ^ ((x) & ((y) ^ (z)))
#define NTLM_ADD_PICK_LAST(to, x, y, z) \
    to += (y) & ~(z); \
    to += (x) & (z)
#define NTLM_ADD_ODD(to, x, y, z) to += (x) ^ ((y) ^ (z))
#define NTLM_ADD_FAR(to, x, y, z) to += (y) ^ ((x) | ~(z))
    NTLM_ROUND(NTLM_ADD_PICK, 0, 1, 0, 7, 12, 17, 22);
    NTLM_ROUND(NTLM_ADD_PICK_LAST, 1, 5, 16, 5, 9, 14, 20);
    NTLM_ROUND(NTLM_ADD_ODD, 5, 3, 32, 4, 11, 16, 23);
    NTLM_ROUND(NTLM_ADD_FAR, 0, 7, 48, 6, 10, 15, 21);
#undef NTLM_ROUND
#undef NTLM_FOUR
#undef NTLM_STEP
#undef NTLM_ADD_FAR
#undef NTLM_ADD_ODD
#undef NTLM_ADD_PICK_LAST
#undef NTLM_ADD_PICK
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    if (stream != NULL) {
        stream->i = i;
        stream->j = j;
    }
}

static inline void ntlm_md5_block(uint32_t *state, const uint8_t *data)
{
    ntlm_md5_steps(state, data, NULL, NULL);
}

/* MD5 of a block while 64 bytes are encrypted. */
static inline void ntlm_md5_rc4_block(uint32_t *state, const uint8_t *data, ntlm_rc4 *stream, uint8_t *secret)
{
    ntlm_md5_steps(state, data, stream, secret);
}

static inline void ntlm_md4_block(uint32_t *state, const uint8_t *data)
{
    static const uint8_t order[3][16] = {
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15},
        {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15},
    };
    static const uint8_t turns[3][4] = {{3, 7, 11, 19}, {3, 5, 9, 13}, {3, 9, 11, 15}};
    static const uint32_t added[3] = {0, 0x5a827999, 0x6ed9eba1};
    uint32_t word[16], one = state[0], b = state[1], c = state[2], d = state[3];
    unsigned round, at;
    memcpy(word, data, sizeof word);
    for (round = 0; round < 3; round++)
        for (at = 0; at < 16; at++) {
            uint32_t mixed = round == 0   ? NTLM_PICK(b, c, d)
                             : round == 1 ? ((b & c) | (b & d) | (c & d))
                                          : NTLM_ODD(b, c, d);
            uint32_t made = ntlm_rotate(one + mixed + word[order[round][at]] + added[round], turns[round][at % 4]);
            one = d;
            d = c;
            c = b;
            b = made;
        }
#undef NTLM_PICK
#undef NTLM_ODD
    state[0] += one;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

static inline void ntlm_start(ntlm_digest *it)
{
    it->state[0] = 0x67452301;
    it->state[1] = 0xefcdab89;
    it->state[2] = 0x98badcfe;
    it->state[3] = 0x10325476;
    it->size = 0;
}

static inline void ntlm_add(ntlm_digest *it, ntlm_block each, const uint8_t *data, size_t size)
{
    size_t held = (size_t)(it->size % 64), some;
    it->size += size;
    if (held) {
        some = size < 64 - held ? size : 64 - held;
        memcpy(it->block + held, data, some);
        data += some;
        size -= some;
        if (held + some < 64)
            return;
        each(it->state, it->block);
    }
    for (; size >= 64; data += 64, size -= 64)
        each(it->state, data);
    if (size)
        memcpy(it->block, data, size);
}

static inline void ntlm_end(ntlm_digest *it, ntlm_block each, uint8_t *out)
{
    uint64_t bits = it->size * 8;
    size_t held = (size_t)(it->size % 64);
    it->block[held++] = 0x80;
    if (held > 56) {
        memset(it->block + held, 0, 64 - held);
        each(it->state, it->block);
        held = 0;
    }
    memset(it->block + held, 0, 56 - held);
    memcpy(it->block + 56, &bits, 8);
    each(it->state, it->block);
    memcpy(out, it->state, 16);
}

static inline void ntlm_hash(ntlm_block each, const uint8_t *data, size_t size, uint8_t *out)
{
    ntlm_digest it;
    ntlm_start(&it);
    ntlm_add(&it, each, data, size);
    ntlm_end(&it, each, out);
    ntlm_wipe(&it, sizeof it);
}

/* HMAC-MD5 with a key of 16 bytes: the digests after the two padded keys, ready to go on from. */
typedef struct {
    ntlm_digest inner, outer;
} ntlm_mac;

static inline void ntlm_mac_start(ntlm_mac *it, const uint8_t *key)
{
    uint8_t padded[64];
    unsigned at;
    for (at = 0; at < 64; at++)
        padded[at] = (uint8_t)((at < 16 ? key[at] : 0) ^ 0x36);
    ntlm_start(&it->inner);
    ntlm_add(&it->inner, ntlm_md5_block, padded, 64);
    for (at = 0; at < 64; at++)
        padded[at] ^= 0x36 ^ 0x5c;
    ntlm_start(&it->outer);
    ntlm_add(&it->outer, ntlm_md5_block, padded, 64);
    ntlm_wipe(padded, sizeof padded);
}

/* One direction of a security context. */
typedef struct {
    ntlm_mac sign;
    ntlm_rc4 stream;
    uint32_t number;
} ntlm_way;

static inline void ntlm_way_start(ntlm_way *it, const uint8_t *key, const char *direction, uint32_t number)
{
    static const char *const purposes[2] = {"signing", "sealing"};
    uint8_t made[2][16];
    unsigned which;
    for (which = 0; which < 2; which++) {
        ntlm_digest digest;
        const char *parts[5];
        unsigned at;
        parts[0] = "session key to ";
        parts[1] = direction;
        parts[2] = " ";
        parts[3] = purposes[which];
        parts[4] = " key magic constant";
        ntlm_start(&digest);
        ntlm_add(&digest, ntlm_md5_block, key, 16);
        for (at = 0; at < 5; at++)
            ntlm_add(&digest, ntlm_md5_block, (const uint8_t *)parts[at], strlen(parts[at]));
        ntlm_add(&digest, ntlm_md5_block, (const uint8_t *)"", 1); /* the NUL is part of the constant */
        ntlm_end(&digest, ntlm_md5_block, made[which]);
        ntlm_wipe(&digest, sizeof digest);
    }
    ntlm_mac_start(&it->sign, made[0]);
    ntlm_rc4_start(&it->stream, made[1], 16);
    it->number = number;
    ntlm_wipe(made, sizeof made);
}

/* Where, between start and stop, the next block of a digest begins. */
static inline size_t ntlm_to_block(const ntlm_digest *it, size_t start, size_t stop)
{
    size_t some = (size_t)(-it->size % 64);
    return some < stop - start ? start + some : stop;
}

/* The first eight bytes of the HMAC over the number and a PDU whose data is in the clear. */
static inline void ntlm_sum(ntlm_mac *mac, uint8_t *sum)
{
    uint8_t digest[16];
    ntlm_end(&mac->inner, ntlm_md5_block, digest);
    ntlm_add(&mac->outer, ntlm_md5_block, digest, 16);
    ntlm_end(&mac->outer, ntlm_md5_block, digest);
    memcpy(sum, digest, 8);
}

/* The token: the version 1, the encrypted sum, the number. The stream must have passed over the data before. */
static inline void ntlm_token(ntlm_way *it, uint8_t *sum, uint8_t *token)
{
    static const uint8_t version[4] = {1, 0, 0, 0};
    ntlm_rc4_apply(&it->stream, sum, 8);
    memcpy(token, version, 4);
    memcpy(token + 4, sum, 8);
    memcpy(token + 12, &it->number, 4);
    it->number++;
}

/* Encrypt a PDU from start to stop, and write its token into its last 16 bytes. */
static inline void ntlm_seal(ntlm_way *it, uint8_t *pdu, size_t size, size_t start, size_t stop)
{
    ntlm_mac mac = it->sign;
    uint8_t sum[8];
    size_t at;
    ntlm_add(&mac.inner, ntlm_md5_block, (const uint8_t *)&it->number, 4);
    ntlm_add(&mac.inner, ntlm_md5_block, pdu, start);
    at = ntlm_to_block(&mac.inner, start, stop);
    ntlm_add(&mac.inner, ntlm_md5_block, pdu + start, at - start);
    ntlm_rc4_apply(&it->stream, pdu + start, at - start);
    for (; stop - at >= 64; at += 64, mac.inner.size += 64)
        ntlm_md5_rc4_block(mac.inner.state, pdu + at, &it->stream, pdu + at);
    ntlm_add(&mac.inner, ntlm_md5_block, pdu + at, size - 16 - at);
    ntlm_rc4_apply(&it->stream, pdu + at, stop - at);
    ntlm_sum(&mac, sum);
    ntlm_token(it, sum, pdu + size - 16);
}

/* Decrypt a PDU from start to stop; return 0 unless its last 16 bytes are its token. */
static inline int ntlm_unseal(ntlm_way *it, uint8_t *pdu, size_t size, size_t start, size_t stop)
{
    ntlm_mac mac = it->sign;
    uint8_t sum[8], token[16], other = 0;
    size_t at, clear;
    ntlm_add(&mac.inner, ntlm_md5_block, (const uint8_t *)&it->number, 4);
    ntlm_add(&mac.inner, ntlm_md5_block, pdu, start);
    at = ntlm_to_block(&mac.inner, start, stop);
    clear = stop - at >= 64 ? at + 64 : stop; /* how far it is decrypted */
    ntlm_rc4_apply(&it->stream, pdu + start, clear - start);
    ntlm_add(&mac.inner, ntlm_md5_block, pdu + start, at - start);
    for (; stop - clear >= 64; at += 64, clear += 64, mac.inner.size += 64)
        ntlm_md5_rc4_block(mac.inner.state, pdu + at, &it->stream, pdu + clear);
    ntlm_rc4_apply(&it->stream, pdu + clear, stop - clear);
    ntlm_add(&mac.inner, ntlm_md5_block, pdu + at, size - 16 - at);
    ntlm_sum(&mac, sum);
    ntlm_token(it, sum, token);
    for (at = 0; at < 16; at++)
        other |= (uint8_t)(token[at] ^ pdu[size - 16 + at]);
    return other == 0;
}

#endif
