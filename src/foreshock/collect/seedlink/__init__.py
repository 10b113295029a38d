"""SeedLink 3 and 4: a client that comes back by itself and a server that pushes. Knows no files."""

from foreshock.collect.seedlink.accounts import Accounts, read_accounts
from foreshock.collect.seedlink.client import Batch, SeedLinkClient
from foreshock.collect.seedlink.ring import Ring
from foreshock.collect.seedlink.server import SeedLinkServer, Tally
from foreshock.collect.seedlink.settings import ClientSettings, ServerSettings

__all__ = [
    "Accounts",
    "Batch",
    "ClientSettings",
    "Ring",
    "SeedLinkClient",
    "SeedLinkServer",
    "ServerSettings",
    "Tally",
    "read_accounts",
]
