"""Numbers as other libraries have them: NumPy's and pandas' are no `int`, but exact."""


class Index:
    """An integer of another library, such as numpy.int64."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value
