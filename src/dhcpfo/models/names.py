"""How Windows compares names."""

__all__ = ["upper_case"]


def upper_case(name: str) -> str:
    """Return a name in the form in which Windows compares names.

    Windows converts each UTF-16 unit by itself and keeps those that have no single upper-case unit, so "ß" does not
    become "SS". Nor does a letter outside ASCII become one inside it.
    """
    return name.upper() if name.isascii() else "".join(map(_upper_case_unit, name))


def _upper_case_unit(letter: str) -> str:
    upper = letter.upper()
    if len(upper) > 1:
        upper = letter.title()  # a single letter where Unicode has one that is written as two in upper case: ᾳ, ᾼ
    changes = len(upper) == 1 and letter <= "\uffff" and (letter.isascii() or not upper.isascii())
    return upper if changes else letter
