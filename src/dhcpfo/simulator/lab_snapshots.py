"""The part of `Lab` that keeps states and goes back to them."""

from ..arguments import text
from .lab_base import LabBase
from .transaction import exclusive

__all__ = ["LabSnapshots"]


class LabSnapshots(LabBase):
    """Snapshots: whole states of the lab, with its secrets, faults and clock, kept under a name."""

    @exclusive
    def snapshot(self, name: str = "snapshot") -> None:
        """Keep the present state under a name; `restore` goes back to it.

        A lab in a file keeps it in the file, for all its processes. A lab in memory keeps it as long as it lives.
        `to_dict` does not contain snapshots.

        Args:
            name: Its name; an older snapshot of that name is replaced.

        Example:
            >>> lab.snapshot()
            >>> lab.connect("dhcp1").delete_relationship("pair")
            >>> lab.restore()
        """
        self._transactions.store.keep(text("name", name))

    @exclusive
    def restore(self, name: str = "snapshot") -> None:
        """Go back to a snapshot, which stays.

        The clock goes back, too, if it is advanced by hand. One that runs shows the present time: all that is due since
        the snapshot happens when the lab is used next.

        Raises:
            ValueError: The lab has no such snapshot.
        """
        store = self._transactions.store
        if not store.restore(text("name", name)):
            raise self._no_snapshot(name)

    @property
    @exclusive
    def snapshots(self) -> tuple[str, ...]:
        """The names of the snapshots, the oldest first."""
        return self._transactions.store.snapshots()

    @exclusive
    def delete_snapshot(self, name: str = "snapshot") -> None:
        """Delete a snapshot.

        Raises:
            ValueError: The lab has no such snapshot.
        """
        if not self._transactions.store.discard(text("name", name)):
            raise self._no_snapshot(name)

    def _no_snapshot(self, name: str) -> ValueError:
        names = ", ".join(map(repr, self._transactions.store.snapshots()))
        return ValueError(f"the lab has no snapshot {name!r}; it has {names or 'none'}")
