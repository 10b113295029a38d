"""miniSEED 2 and 3 records into packets and back, at the speed of a live network. Knows no files and no sockets."""

from foreshock.collect.miniseed.decode import Decoded, Refused, cut, decode, read_header
from foreshock.collect.miniseed.encode import encode2, encode3
from foreshock.collect.miniseed.header import Header, Limits

__all__ = ["Decoded", "Header", "Limits", "Refused", "cut", "decode", "encode2", "encode3", "read_header"]
