"""The stores of a lab's state: in memory, or in a file that several processes share.

Both work on the same objects in memory. A file has a copy of them as rows; a lab in memory has none, since the rows of
a change take longer than the rest of a call: a renewal takes 0.2 ms in memory, and 0.4 ms in a file.
"""

from .base import Store
from .file import FileStore
from .memory import MemoryStore, from_dict, to_dict

__all__ = ["FileStore", "MemoryStore", "Store", "from_dict", "to_dict"]
