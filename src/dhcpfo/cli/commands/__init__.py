"""The commands, a module for each group; `dhcpfo.cli` says how to add one."""
