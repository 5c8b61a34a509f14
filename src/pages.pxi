# What the two extensions that read answers share.

from dhcpfo.models import Page

cdef _Maker make_Page = _Maker(Page, "items", "resume", "remaining", "status")


cdef object page(object items, object resume, c.DWORD remaining, c.DWORD status):
    model = make_Page.new()
    make_Page.set(model, 0, items)
    make_Page.set(model, 1, resume)
    make_Page.set(model, 2, remaining)
    make_Page.set(model, 3, status)
    return model


cdef object the_only(object scopes):
    """The scope that a call was about, if there was just one. Not every iterable that can be sent can be looked at."""
    return scopes[0] if isinstance(scopes, (list, tuple, Addresses)) and len(scopes) == 1 else None
