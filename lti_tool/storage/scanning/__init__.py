"""Scanning of files for viruses by ClamAV, where an installation has one."""
