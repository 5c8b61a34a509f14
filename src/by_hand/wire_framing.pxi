# Whole messages in memory: the fragments of one stub, framed and protected in place.

cdef enum:
    PDU_HEADER = 24  # of a request or an answer
    VERIFIER = 8
    CARRIED = 65536  # the most that is sent or received at once
    REQUEST_PDU = 0
    RESPONSE_PDU = 2
    FIRST_FRAGMENT = 1
    LAST_FRAGMENT = 2
    MOST_PDU = 0xFFFF
    REPRESENTED = 0x10


cdef inline unsigned int half(const unsigned char *data) noexcept nogil:
    cdef unsigned short value
    memcpy(&value, data, sizeof(value))
    return value


cdef inline unsigned int full(const unsigned char *data) noexcept nogil:
    cdef unsigned int value
    memcpy(&value, data, sizeof(value))
    return value


cdef inline void put_half(unsigned char *data, unsigned short value) noexcept nogil:
    memcpy(data, &value, sizeof(value))


cdef inline void put_full(unsigned char *data, unsigned int value) noexcept nogil:
    memcpy(data, &value, sizeof(value))


cdef class _Framing:
    """How a connection's calls and answers look."""

    cdef bint arranged
    cdef bint private
    cdef _Sealing sealing
    cdef unsigned char trailer[VERIFIER]
    cdef size_t ending, token, room, max_receive, max_message

    def _arrange(
        self, _Sealing sealing, bytes trailer, size_t token, bint private, size_t room, size_t max_receive,
        size_t max_message,
    ):
        """Agree on how calls look from now on.

        Args:
            sealing: What protects them; None for nothing.
            trailer: The 8 bytes between a stub and its token, without padding; empty with nothing.
            token: The length of a token.
            private: Whether stubs are encrypted, and not only signed.
            room: The most bytes of a stub in a fragment, a multiple of 16.
            max_receive: The longest fragment that is received.
            max_message: The longest stub that is received.
        """
        if len(trailer) != (0 if sealing is None else VERIFIER):
            raise ValueError(f"trailer must have {VERIFIER} bytes, got {len(trailer)}")
        if not 16 <= room <= CARRIED or room % 16:
            raise ValueError(f"room must be a multiple of 16 up to {CARRIED}, got {room}")
        if token + room + PDU_HEADER + VERIFIER > MOST_PDU:
            raise ValueError(f"a fragment must have at most {MOST_PDU} bytes, got a token of {token}")
        self.sealing, self.private = sealing, private
        memcpy(self.trailer, <const char *>trailer, len(trailer))
        self.token = 0 if sealing is None else token
        self.ending = 0 if sealing is None else VERIFIER + token
        self.room, self.max_receive, self.max_message = room, max_receive, max_message
        self.arranged = True

    cdef bint has_room(self, size_t size) noexcept nogil:
        """Whether the PDUs of a stub are short enough to be sent at once."""
        return size < CARRIED and size + (size // self.room + 1) * (PDU_HEADER + self.ending + 16) <= CARRIED

    cdef size_t frame(
        self, unsigned char *at, size_t size, unsigned char kind, unsigned int call, unsigned int context,
        unsigned int last,
    ) noexcept nogil:
        """Make PDUs of a stub that begins behind the room for a header; return their length, or 0 if that failed."""
        cdef size_t whole = PDU_HEADER + self.room + self.ending
        cdef size_t count = (size + self.room - 1) // self.room if size else 1
        cdef size_t place, part, padding, stop, length, total = 0
        for place in range(count - 1, 0, -1):
            part = min(self.room, size - place * self.room)
            memmove(at + place * whole + PDU_HEADER, at + PDU_HEADER + place * self.room, part)
        for place in range(count):
            part = min(self.room, size - place * self.room)
            padding = (16 - part % 16) % 16 if self.ending else 0
            stop = PDU_HEADER + part + padding
            length = stop + self.ending
            at[0], at[1], at[2] = 5, 0, kind
            at[3] = (FIRST_FRAGMENT if place == 0 else 0) | (LAST_FRAGMENT if place == count - 1 else 0)
            put_full(at + 4, REPRESENTED)
            put_half(at + 8, <unsigned short>length)
            put_half(at + 10, <unsigned short>self.token)
            put_full(at + 12, call)
            put_full(at + 16, <unsigned int>(size - place * self.room))
            put_half(at + 20, <unsigned short>context)
            put_half(at + 22, <unsigned short>last)
            if self.ending:
                memset(at + PDU_HEADER + part, 0, padding)
                memcpy(at + stop, self.trailer, VERIFIER)
                at[stop + 2] = <unsigned char>padding
                memset(at + stop + VERIFIER, 0, self.token)
                if not self.sealing.seal_here(at, length, PDU_HEADER if self.private else stop, stop):
                    return 0
            at += length
            total += length
        return total

    cdef bint is_whole(self, const unsigned char *data, size_t size, unsigned char kind) noexcept nogil:
        """Whether bytes are all fragments of one message and nothing else, as far as that shows before they are opened.

        What is not right here may still be right for the connection.
        """
        cdef const unsigned char *at = data
        cdef size_t left = size, length, stop, padding, total = 0
        cdef unsigned int flags
        while left >= PDU_HEADER:
            flags, length = at[3], half(at + 8)
            if (
                at[0] != 5 or at[1] != 0 or at[2] != kind or flags > FIRST_FRAGMENT + LAST_FRAGMENT
                or full(at + 4) != REPRESENTED or half(at + 10) != self.token
                or length > left or length > self.max_receive or length < PDU_HEADER + self.ending
                or (flags & FIRST_FRAGMENT != 0) != (at == data) or full(at + 12) != full(data + 12)
                or half(at + 20) != half(data + 20) or (kind == REQUEST_PDU and half(at + 22) != half(data + 22))
            ):
                return False
            stop, padding = length - self.ending, 0
            if self.ending:
                padding = at[stop + 2]
                if (
                    padding > 15 or padding > stop - PDU_HEADER or memcmp(at + stop, self.trailer, 2) != 0
                    or memcmp(at + stop + 3, self.trailer + 3, VERIFIER - 3) != 0
                ):
                    return False
            stop -= padding + PDU_HEADER
            total += stop
            if total > self.max_message or (stop == 0 and not flags & LAST_FRAGMENT):
                return False
            at += length
            left -= length
            if flags & LAST_FRAGMENT:
                return left == 0
        return False

    cdef Py_ssize_t unseal(self, unsigned char *data, size_t size) noexcept nogil:
        """Open the fragments of a whole message, put its stub together behind the first header, and return its length.

        Return -1 if a token is wrong. What was decrypted is wiped then.
        """
        cdef unsigned char *at = data
        cdef size_t length, stop, part, total = 0
        while at < data + size:
            length = half(at + 8)
            stop = length - self.ending
            part = stop - PDU_HEADER
            if self.ending:
                part -= at[stop + 2]
                if not self.sealing.open_here(at, length, PDU_HEADER if self.private else stop, stop):
                    c.dhcpsapi_wipe(data, size)
                    return -1
            if at != data:
                memmove(data + PDU_HEADER + total, at + PDU_HEADER, part)
            total += part
            at += length
        return <Py_ssize_t>total
