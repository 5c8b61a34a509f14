"""Enumerations of the DHCP Server service."""

import enum

from .base import Named

__all__ = ["ApiProtocols", "ConfigFields"]


class ApiProtocols(Named, enum.IntFlag, boundary=enum.KEEP):
    """The protocols over which the service accepts calls of this API.

    Attributes:
        TCP: TCP/IP.
        NAMED_PIPE: Named pipes.
        LPC: Local procedure calls.
    """

    TCP = 0x1
    NAMED_PIPE = 0x2
    LPC = 0x4


class ConfigFields(Named, enum.IntFlag, boundary=enum.KEEP):
    """The fields that a DhcpServerSetConfigVQ call changes.

    Attributes:
        API_PROTOCOLS: ``api_protocols``; needs a restart of the service.
        DATABASE_NAME: ``database_name``; needs a restart of the service.
        DATABASE_PATH: ``database_path``; needs a restart of the service.
        BACKUP_PATH: ``backup_path``.
        BACKUP_INTERVAL: ``backup_interval``.
        DATABASE_LOGGING: ``database_logging``; needs a restart of the service.
        RESTORE: ``restore``; needs a restart of the service.
        CLEANUP_INTERVAL: ``cleanup_interval``.
        DEBUG_FLAGS: ``debug_flags``.
        CONFLICT_DETECTION: ``conflict_detection_attempts``.
        BOOT_TABLE: ``boot_table``.
        AUDIT_LOG: ``audit_log``.
        NAP_ENABLED: ``nap_enabled``. Windows Server 2016 and later refuse it (20138).
        NAP_UNREACHABLE_ACTION: ``nap_unreachable_action``. Windows Server 2016 and later refuse it (20138).
    """

    API_PROTOCOLS = 0x0001
    DATABASE_NAME = 0x0002
    DATABASE_PATH = 0x0004
    BACKUP_PATH = 0x0008
    BACKUP_INTERVAL = 0x0010
    DATABASE_LOGGING = 0x0020
    RESTORE = 0x0040
    CLEANUP_INTERVAL = 0x0080
    DEBUG_FLAGS = 0x0100
    CONFLICT_DETECTION = 0x0200
    BOOT_TABLE = 0x0400
    AUDIT_LOG = 0x0800
    NAP_ENABLED = 0x1000
    NAP_UNREACHABLE_ACTION = 0x2000
