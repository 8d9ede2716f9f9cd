"""The settings of the embedded server."""

from sangkien.local.state import HOST


def server_settings(memory_bytes: int, *, durable: bool = True) -> dict[str, str]:
    """The settings for a warehouse that loads in bulk and shares its machine with Airflow.

    Args:
        memory_bytes: Memory of the machine.
        durable: False only in tests: a power cut may then destroy the cluster. Commits outlive a SIGKILL all the same.
    """
    megabytes = memory_bytes >> 20
    settings = {
        "listen_addresses": HOST,
        "unix_socket_directories": "",  # a path under a deep home would pass the limit of 107 bytes
        "max_connections": "100",
        "shared_buffers": f"{min(1024, max(128, megabytes // 8))}MB",
        "effective_cache_size": f"{max(256, megabytes // 2)}MB",
        "maintenance_work_mem": f"{min(512, max(64, megabytes // 16))}MB",
        "work_mem": "64MB",
        "random_page_cost": "1.1",
        "jit": "off",
        # Nothing replicates from here: a table made and filled in one transaction is synced instead of logged.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "wal_compression": "on",  # pglz: the wheel is built without lz4
        "max_wal_size": "8GB",
        "checkpoint_timeout": "15min",
        "timezone": "Asia/Ho_Chi_Minh",
        "log_timezone": "Asia/Ho_Chi_Minh",
        # A failing statement or COPY line may hold a person's name: the client is told, the log is not.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }
    if not durable:
        settings |= {"fsync": "off", "full_page_writes": "off"}
    return settings
