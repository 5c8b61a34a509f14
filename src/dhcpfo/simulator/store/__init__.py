"""The stores of a lab's state: in memory, or in a file that several processes share."""

from .base import Store
from .file import FileStore
from .memory import MemoryStore, from_dict, to_dict

__all__ = ["FileStore", "MemoryStore", "Store", "from_dict", "to_dict"]
