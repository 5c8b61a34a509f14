"""CPython's allocator, watched by tests/native/allocator.c: it can fail, and looks for a text in what is released."""

import ctypes

from foreign import library

# PYMEM_DOMAIN_MEM and PYMEM_DOMAIN_OBJ: what PyMem_Malloc and objects come from.
DOMAINS = (1, 2)


class WatchedAllocator:
    """Puts the watching allocator in place of CPython's for the time of a ``with``."""

    def __init__(self):
        self.library = library("allocator")
        self.library.original_of.restype = self.library.watching_of.restype = ctypes.c_void_p
        self.library.look_for.argtypes = [ctypes.c_char_p, ctypes.c_size_t]

    def __enter__(self):
        for domain in DOMAINS:
            ctypes.pythonapi.PyMem_GetAllocator(domain, ctypes.c_void_p(self.library.original_of(domain)))
            ctypes.pythonapi.PyMem_SetAllocator(domain, ctypes.c_void_p(self.library.watching_of(domain)))
        return self

    def calm(self):
        """Let nothing fail any more."""
        while True:
            try:
                self.library.fail(0)
                return
            except MemoryError:
                pass  # this failed instead; others may still be to come

    def __exit__(self, *details):
        self.calm()
        self.library.look_for(None, 0)
        for domain in DOMAINS:
            ctypes.pythonapi.PyMem_SetAllocator(domain, ctypes.c_void_p(self.library.original_of(domain)))
