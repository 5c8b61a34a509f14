/* One call over a socket: send what is there, and receive what arrives next. Without Python, and so without its lock. */
#ifndef DHCPFO_CARRY_H
#define DHCPFO_CARRY_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t sent;
    size_t received;
    int error; /* errno; 0 with fewer bytes sent than there are, or none received: the other end has closed it */
} carry_result;

#if defined(_WIN32)

/* Python's sockets do it there. */
enum { CARRY_WORKS = 0, CARRY_INTERRUPTED = 0 };

static inline int carry_send(carry_result *it, int descriptor, const uint8_t *data, size_t size)
{
    (void)descriptor, (void)data, (void)size;
    it->error = 1;
    return 0;
}

static inline int carry_receive(carry_result *it, int descriptor, uint8_t *data, size_t room)
{
    (void)descriptor, (void)data, (void)room;
    it->error = 1;
    return 0;
}

static inline void carry_fence(void)
{
}

#else

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>

enum { CARRY_WORKS = 1, CARRY_INTERRUPTED = EINTR };

#if defined(MSG_NOSIGNAL)
#define CARRY_FLAGS (MSG_DONTWAIT | MSG_NOSIGNAL)
#else
#define CARRY_FLAGS MSG_DONTWAIT /* Python ignores SIGPIPE */
#endif

/* Send what can be sent without waiting; return whether that is all of it. */
static inline int carry_send(carry_result *it, int descriptor, const uint8_t *data, size_t size)
{
    ssize_t sent = send(descriptor, data, size, CARRY_FLAGS);
    if (sent >= 0)
        it->sent = (size_t)sent;
    else if (errno != EAGAIN && errno != EWOULDBLOCK)
        it->error = errno;
    return it->error == 0 && it->sent == size;
}

/* Receive once; return whether anything has arrived. */
static inline int carry_receive(carry_result *it, int descriptor, uint8_t *data, size_t room)
{
    ssize_t received = recv(descriptor, data, room, 0);
    if (received < 0)
        it->error = errno;
    else
        it->received = (size_t)received;
    return received > 0;
}

/* What is written before it is seen by others before anything is read after it. */
static inline void carry_fence(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#endif

#endif
