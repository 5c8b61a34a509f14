"""The methods of `Server` for user and vendor classes."""

from .. import arguments
from ..models import DhcpClass
from ..models.page import SUCCESS_WITH_LAST_PAGE
from .connection import Connection

__all__ = ["ClassesMethods"]


class ClassesMethods(Connection):
    """User and vendor classes."""

    __slots__ = ()

    def classes(self) -> list[DhcpClass]:
        """Return all user and vendor classes of this server, the built-in ones too.

        Raises:
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpEnumClasses ([MS-DHCPM] 3.2.4.29).
        """
        return list(self._follow(self._api.enum_classes, SUCCESS_WITH_LAST_PAGE))

    def get_class(self, name: str | None = None, *, data: bytes | str | None = None) -> DhcpClass:
        """Return one class, found by its name, its data or both.

        Args:
            name: The name of the class.
            data: The bytes that its clients send; a `str` stands for its ASCII bytes.

        Raises:
            ValueError: Neither ``name`` nor ``data`` is passed.
            NotFoundError: This server has no such class (20044).
            AccessDeniedError: The caller is not a DHCP user or administrator on this server (5).

        Wraps DhcpGetClassInfo ([MS-DHCPM] 3.2.4.28).
        """
        if name is None and data is None:
            raise ValueError("pass at least one of name and data")
        checked = b"" if data is None else arguments.class_data(data)
        return self._api.get_class(DhcpClass(name=arguments.optional_text("name", name), data=checked))

    def create_class(self, dhcp_class: DhcpClass) -> None:
        """Create a user or vendor class on this server only. A failover partner needs the same class.

        Args:
            dhcp_class: The class. Its data must have 1 to 255 bytes.

        Raises:
            AlreadyExistsError: A class of the kind has this name, or a class has this data (20045).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpCreateClass ([MS-DHCPM] 3.2.4.25).
        """
        self._api.create_class(arguments.dhcp_class(dhcp_class))

    def set_class(self, dhcp_class: DhcpClass) -> None:
        """Replace the data and the description of the class with this name, on this server only.

        Args:
            dhcp_class: The class as it shall be. Its name cannot be changed. Whether servers change a user class into a
                vendor class is undocumented.

        Raises:
            NotFoundError: This server has no class with this name (20044).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpModifyClass ([MS-DHCPM] 3.2.4.26).
        """
        self._api.modify_class(arguments.dhcp_class(dhcp_class))

    def delete_class(self, name: str) -> None:
        """Delete a class from this server only, **with everything that uses it**.

        The server also deletes the option definitions of the class, its option values on the server, in all scopes and
        reservations, and the policies that apply to this class alone.

        Args:
            name: The name of the class.

        Raises:
            NotFoundError: This server has no class with this name (20044).
            DhcpError: The class is a built-in one (20089).
            AccessDeniedError: The caller is not a DHCP administrator on this server (5).

        Wraps DhcpDeleteClass ([MS-DHCPM] 3.2.4.27).
        """
        self._api.delete_class(arguments.text("name", name))
