# Calls from end to end without Python in between, as long as nothing is unusual: what is sent and what arrives is one
# whole message, of the call that is open, and rightly signed. Everything else is left to the connection as it arrived,
# with nothing of it taken, so that the connection decides alone what the protocol says about it.

cdef enum:
    NO_CALL = -1

    # How a trade ended
    WHOLE = 0
    UNSEALED = 1
    UNSENT = 2
    STOPPED = 3
    UNRECEIVED = 4
    STRANGE = 5
    FORGED = 6


@cython.final
cdef class Unusual:
    """What a `Channel` leaves to the connection.

    Attributes:
        begun: Whether the call was begun; otherwise nothing has happened.
        unsent: What must still be sent.
        error: The number of the system's error, 0 for none.
        data: What arrived, as it arrived; empty if nothing did.
        refused: Why the connection is closed: what arrived is forged, or nothing can be protected.
        forged: Whether it is the former.
        request: An opened request: its call, context, opnum and stub.
        answer: The encoded answer to that request.
        failed: What was raised while that request was carried out.
    """

    cdef readonly bint begun
    cdef readonly bytes unsent
    cdef readonly int error
    cdef readonly bytes data
    cdef readonly str refused
    cdef readonly bint forged
    cdef readonly tuple request
    cdef readonly object answer
    cdef readonly object failed

    def __cinit__(self):
        self.unsent = self.data = b""
        self.refused = ""


cdef class Channel(_Framing):
    """What a connection knows of its next call, and what carries calls while nothing is unusual.

    Attributes:
        closed: Whether the connection is over.
        shut_down: Whether it takes no further call.
        between: Whether nothing of a PDU or a message has arrived that is not whole.
        busy: Whether a server is at work on something that arrived.
        stopping: Whether a server must leave `serve` before it receives anything more.
    """

    cdef public bint closed
    cdef public bint shut_down
    cdef public bint between
    cdef public bint busy
    cdef public bint stopping
    cdef public bint _proved
    cdef public unsigned int _call
    cdef public long long _waiting
    cdef unsigned char *memory  # what arrives, and behind it what is sent

    def __cinit__(self):
        self.between = True
        self._waiting = NO_CALL
        self.memory = NULL

    def __dealloc__(self):
        PyMem_Free(self.memory)

    def __reduce__(self):
        raise TypeError("a connection cannot be pickled")

    @property
    def can_carry(self):
        """Whether `exchange` and `serve` can do anything now."""
        return self.carries()

    cdef bint carries(self) noexcept:
        return (
            CARRY_WORKS and self.arranged and self.between and self._waiting == NO_CALL
            and not self.closed and not self.shut_down
        )

    cdef unsigned char *arriving(self) except NULL:
        """Return where what arrives is put. Stubs in it are aligned to 8, as NDR is."""
        if self.memory == NULL:
            self.memory = <unsigned char *>PyMem_Malloc(2 * CARRIED)
            if self.memory == NULL:
                raise MemoryError
        return self.memory

    cdef int trade(
        self, int descriptor, size_t size, unsigned char kind, carry_result *moved, Py_ssize_t *stub
    ) noexcept nogil:
        """Send what is framed, and take the message that arrives next."""
        cdef unsigned char *data = self.memory
        if size and not carry_send(moved, descriptor, self.memory + CARRIED, size):
            return UNSENT
        self.busy = False
        carry_fence()
        if self.stopping:
            return STOPPED
        if not carry_receive(moved, descriptor, data, CARRIED):
            return UNRECEIVED
        self.busy = True
        if not self.is_whole(data, moved.received, kind):
            return STRANGE
        if kind == RESPONSE_PDU and full(data + 12) != self._waiting:
            return STRANGE
        stub[0] = self.unseal(data, moved.received)
        return FORGED if stub[0] < 0 else WHOLE

    cdef Unusual leave(self, int how, carry_result *moved, size_t size):
        """Return what a trade has left to do."""
        cdef Unusual left = Unusual.__new__(Unusual)
        left.begun = True
        if how == UNSEALED or how == FORGED:
            self.closed = True
            left.forged = how == FORGED
            left.refused = "the signature of a PDU is wrong" if how == FORGED else "a PDU could not be sealed"
            if how == UNSEALED:
                c.dhcpsapi_wipe(self.memory + CARRIED, CARRIED)
            return left
        if moved.error == CARRY_INTERRUPTED and moved.error != 0:
            PyErr_CheckSignals()
        left.error = moved.error
        if how == UNSENT:
            left.unsent = PyBytes_FromStringAndSize(<char *>self.memory + CARRIED + moved.sent, size - moved.sent)
        elif how == STRANGE:
            left.data = PyBytes_FromStringAndSize(<char *>self.memory, moved.received)
        return left

    # The client's end

    def exchange(self, str method, tuple arguments, server, unsigned int context, unsigned int opnum, int descriptor):
        """Make a call and return its answer, or an `Unusual`.

        Args:
            method: The name of the method.
            arguments: Its arguments.
            server: The server's name, for errors.
            context: The presentation context.
            opnum: The number of the operation.
            descriptor: The socket.

        Raises:
            DhcpError: The server answered so; or the arguments cannot be sent, and nothing was sent.
            TypeError, ValueError: The arguments cannot be sent, and nothing was sent.
        """
        cdef Call *call = call_of(method)
        cdef unsigned char *data = self.arriving()
        cdef unsigned char *sent = data + CARRIED
        cdef carry_result moved
        cdef Arena arena
        cdef Writer writer
        cdef Reader reader
        cdef Py_ssize_t stub = 0
        cdef size_t size
        cdef int how = UNSEALED
        cdef bint fit = False
        check_count(call, method, arguments)
        if not self.carries():
            return Unusual.__new__(Unusual)
        open_arena(&arena)
        open_writer_in(&writer, NDR20, sent + PDU_HEADER, CARRIED - PDU_HEADER)
        try:
            call.ask(arguments, &arena, &writer)
            is_written(&writer)
            fit = writer.data == writer.given and self.has_room(writer.pos)
        except DhcpError as error:
            error.server = server
            raise
        finally:
            if not fit:
                close_writer(&writer)
            close_arena(&arena)
        if not fit:
            return Unusual.__new__(Unusual)
        if self._call >= 0xFFFFFFFE:
            self.shut_down = True  # the numbers of calls end with this one
        self._call += 1
        self._waiting = self._call
        memset(&moved, 0, sizeof(moved))
        with nogil:
            size = self.frame(sent, writer.pos, REQUEST_PDU, self._call, context, opnum)
            if size != 0:
                how = self.trade(descriptor, size, RESPONSE_PDU, &moved, &stub)
        if how != WHOLE:
            return self.leave(how, &moved, size)
        self._waiting, self._proved = NO_CALL, True
        open_arena(&arena)
        reader.data, reader.size, reader.word = data + PDU_HEADER, stub, NDR20
        reader.pos, reader.first, reader.bad, reader.arena = 0, 0, FINE, &arena
        try:
            return call.answered(&reader, arguments, server)
        finally:
            close_arena(&arena)
            c.dhcpsapi_wipe(data, moved.received)  # behind the stub is what its parts were moved from

    # The server's end

    def serve(self, int descriptor, api, lock, dict operations):
        """Answer calls until something is unusual, and return that.

        Args:
            descriptor: The socket.
            api: What carries out the calls.
            lock: What to hold meanwhile; None for nothing.
            operations: The methods that the client may call, by their context times 65536 plus their opnum.
        """
        cdef unsigned char *data = self.arriving()
        cdef carry_result moved
        cdef Py_ssize_t stub = 0
        cdef size_t size = 0, written = 0
        cdef unsigned int number = 0, context = 0, opnum = 0
        cdef int how
        cdef Unusual left
        if not self.carries():
            return Unusual.__new__(Unusual)
        while True:
            memset(&moved, 0, sizeof(moved))
            how = UNSEALED
            with nogil:
                if written:
                    size = self.frame(data + CARRIED, written, RESPONSE_PDU, number, context, 0)
                if size or not written:
                    how = self.trade(descriptor, size, REQUEST_PDU, &moved, &stub)
            if how != WHOLE:
                return self.leave(how, &moved, size)
            number, context, opnum = full(data + 12), half(data + 20), half(data + 22)
            try:
                left = self.carry_out(stub, number, context, opnum, api, lock, operations, &written)
            finally:
                c.dhcpsapi_wipe(data, moved.received)
            if left is not None or self.closed:  # in a child that the call has forked
                return left if left is not None else Unusual.__new__(Unusual)

    cdef Unusual carry_out(
        self, Py_ssize_t stub, unsigned int number, unsigned int context, unsigned int opnum, object api, object lock,
        dict operations, size_t *written,
    ):
        """Carry out a request, and write its answer behind the room for a header; None unless something is unusual."""
        cdef unsigned char *data = self.memory + PDU_HEADER
        cdef Unusual left
        cdef Call *call
        cdef Arena arena
        cdef Reader reader
        cdef Writer writer
        cdef bint fit = False
        method = operations.get(<long long>context << 16 | opnum)
        if method is None or has_verification(data, stub):
            return opened(number, context, opnum, data, stub)
        call = call_of(method)
        open_arena(&arena)
        reader.data, reader.size, reader.word = data, stub, NDR20
        reader.pos, reader.first, reader.bad, reader.arena = 0, 0, FINE, &arena
        try:
            arguments = call.asked(&reader)
        except DhcpError:
            return opened(number, context, opnum, data, stub)
        finally:
            close_arena(&arena)
        open_arena(&arena)
        open_writer_in(&writer, NDR20, self.memory + CARRIED + PDU_HEADER, CARRIED - PDU_HEADER)
        try:
            try:
                answer_call(call, method, arguments, api, lock, &arena, &writer)
            except DhcpError as error:
                close_writer(&writer)
                open_writer_in(&writer, NDR20, self.memory + CARRIED + PDU_HEADER, CARRIED - PDU_HEADER)
                store_failure(&writer, call, error.winerror)
            is_written(&writer)
            fit = writer.data == writer.given and self.has_room(writer.pos)
            if fit:
                written[0] = writer.pos
                return None
            left = opened(number, context, opnum, NULL, 0)
            left.answer = PyByteArray_FromStringAndSize(<char *>writer.data, writer.pos)
            return left
        except Exception as error:
            left = opened(number, context, opnum, NULL, 0)
            left.failed = error
            return left
        finally:
            if not fit:
                close_writer(&writer)
            close_arena(&arena)


cdef int answer_call(
    Call *call, str method, tuple arguments, object api, object lock, Arena *arena, Writer *writer
) except -1:
    global ROUND_TIMES
    handler = getattr(api, method)
    if lock is None:
        answer = handler(*arguments)
    else:
        with lock:
            answer = handler(*arguments)
    ROUND_TIMES = 1
    try:
        call.answer(answer, arguments, arena, writer)
    finally:
        ROUND_TIMES = 0
    return 0


cdef Unusual opened(unsigned int number, unsigned int context, unsigned int opnum, unsigned char *data, size_t size):
    cdef Unusual left = Unusual.__new__(Unusual)
    stub = PyByteArray_FromStringAndSize(<char *>data, size)
    left.begun = True
    left.request = (number, context, opnum, stub)
    return left


cdef bint has_verification(const unsigned char *data, size_t size) noexcept nogil:
    """Whether a stub may end with a verification trailer."""
    cdef size_t at = 0
    while at + 8 <= size:
        if full(data + at) == 0x7113E38A and full(data + at + 4) == 0x7136F402:
            return True
        at += 4
    return False
