# The places of connections. An interruption (KeyboardInterrupt, or what the handler of another signal raises) arrives
# between two instructions of Python code, and there are none here between taking a place and giving it back.

class NoPlace(Exception):
    """No place became free in time."""


@cython.final
cdef class Places:
    """Lets at most so many threads do something at the same time.

    Args:
        most: How many.
    """

    cdef Py_ssize_t most
    cdef Py_ssize_t free
    cdef list waiting  # a lock for each thread that waits, which is released to wake it

    def __init__(self, Py_ssize_t most):
        self.most = self.free = most
        self.waiting = []

    def __reduce__(self):
        raise TypeError("places cannot be pickled")

    @property
    def used(self):
        """How many places are taken."""
        return self.most - self.free

    def hold(self, deadline, work, *arguments):
        """Call ``work(*arguments)`` in a place and return its answer; the place is free again however that ends.

        Args:
            deadline: Until when to wait for a place, on the clock of `time.monotonic`.
            work: What to call.
            *arguments: Its arguments.

        Raises:
            NoPlace: All were taken until then.
        """
        if not self.take() and not self.wait(deadline):
            raise NoPlace
        try:
            return work(*arguments)
        finally:
            with cython.critical_section(self):
                self.free += 1
            if self.waiting:
                self.wake()

    cdef bint take(self) noexcept:
        cdef bint taken = False
        with cython.critical_section(self):
            if self.free > 0:
                self.free -= 1
                taken = True
        return taken

    cdef bint wait(self, deadline) except -1:
        """Wait for a place and take it; return whether there was one in time."""
        cdef bint taken = False
        try:
            while not taken:
                left = deadline - monotonic()
                if left <= 0:
                    break
                lock = allocate_lock()
                lock.acquire()
                self.waiting.append(lock)
                try:
                    if self.free <= 0:
                        lock.acquire(True, left)
                finally:
                    try:
                        self.waiting.remove(lock)
                    except ValueError:  # it was woken
                        pass
                taken = self.take()
        finally:
            if not taken:
                self.wake()  # another one, if this one was woken and leaves
        return taken

    cdef int wake(self) except -1:
        """Wake the thread that has waited longest, if there is a place."""
        if self.free > 0:
            try:
                self.waiting.pop(0).release()
            except IndexError:
                pass
        return 0
