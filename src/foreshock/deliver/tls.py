"""TLS: certificates read once, with a sentence when they cannot be. Nothing goes unverified. Knows no protocol."""

from __future__ import annotations

import ssl
from pathlib import Path

from foreshock.errors import ConfigError


def client_tls(ca_file: Path | None) -> ssl.SSLContext:
    """Give what verifies a server, by the system's authorities or those of a file.

    Raises:
        ConfigError: the file holds no certificate.
    """
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"certificates of {ca_file}", f"they cannot be read ({error})", "give a file of PEM certificates"
        ) from error


def server_tls(cert_file: Path, key_file: Path | None) -> ssl.SSLContext:
    """Give what shows a server's certificate to its clients.

    Raises:
        ConfigError: certificate or key cannot be read, or do not fit.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        made.load_cert_chain(cert_file, key_file)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"certificate {cert_file}", f"it or its key cannot be read ({error})", "give PEM files that fit"
        ) from error
    return made
