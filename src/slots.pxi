# Models: the frozen, slotted dataclasses are filled and read where their slots keep the values.

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.string cimport memset

cdef extern from *:
    """
    #ifdef Py_GIL_DISABLED
    #define DHCPFO_ONE_THREAD_AT_A_TIME 0
    #else
    #define DHCPFO_ONE_THREAD_AT_A_TIME 1
    #endif
    """
    enum: DHCPFO_ONE_THREAD_AT_A_TIME

cdef extern from "Python.h":
    object _PyObject_GC_New(void *)  # what the macro PyObject_GC_New calls

cdef enum:
    MOST_SLOTS = 32


@cython.final
cdef class _Maker:
    """Makes and reads instances of one frozen, slotted dataclass."""

    cdef object cls
    cdef tuple names
    cdef Py_ssize_t offsets[MOST_SLOTS]
    cdef size_t size

    def __cinit__(self, cls, *names):
        cdef Py_ssize_t index
        if len(names) > MOST_SLOTS:
            raise TypeError(f"{cls.__name__} has more than {MOST_SLOTS} slots")
        self.cls = cls
        self.names = names
        self.size = cls.__basicsize__ - sizeof(PyObject)
        for index in range(len(names)):
            self.offsets[index] = self.find(cls.__dict__[names[index]])

    cdef Py_ssize_t find(self, member) except -1:
        """Find where a slot keeps its value: nothing but an instance can tell."""
        cdef Py_ssize_t offset
        probe = object()
        model = self.new()
        member.__set__(model, probe)
        for offset in range(sizeof(PyObject), sizeof(PyObject) + self.size, sizeof(void *)):
            if slot_at(model, offset)[0] == <PyObject *>probe:
                return offset
        raise TypeError(f"{self.cls.__name__} is not slotted")

    cdef inline object new(self):
        # A frozen value made of C's numbers and texts is never part of a cycle: the garbage collector never sees it.
        model = _PyObject_GC_New(<void *>self.cls)
        memset(slot_at(model, sizeof(PyObject)), 0, self.size)
        return model

    cdef inline void set(self, object model, Py_ssize_t index, object value) noexcept:
        """Set a slot of a model that this module has made, and nobody else has seen."""
        cdef PyObject **slot = slot_at(model, self.offsets[index])
        Py_INCREF(value)
        Py_XDECREF(slot[0])
        slot[0] = <PyObject *>value

    cdef inline object get(self, object model, Py_ssize_t index):
        """Read an attribute of anything; a model's own slots are read without a look-up."""
        cdef PyObject *value
        if DHCPFO_ONE_THREAD_AT_A_TIME and type(model) is self.cls:
            value = slot_at(model, self.offsets[index])[0]
            if value != NULL:
                return <object>value
        return getattr(model, self.names[index])


cdef inline PyObject **slot_at(object model, Py_ssize_t offset) noexcept:
    return <PyObject **>(<char *><PyObject *>model + offset)
