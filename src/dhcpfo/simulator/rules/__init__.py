"""The rules of [MS-DHCPM], one module for each family of functions.

In each method a line ``refuse(condition, code)  # n`` or ``need(value, code)  # n`` is check n of that function's
section in [MS-DHCPM]; the first that fails is the answer. Most checks about NULL pointers belong to the C functions; a
NULL that is checked only after the caller's rights arrives here as None or as an empty list.
"""
