"""An address as it is pasted is read as the request that it means, or refused with what it lacks."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.clock import utc_ns
from foreshock.collect.fdsn_query import is_query, query_of
from foreshock.collect.manifest import Request
from foreshock.errors import ConfigError, ForeshockError, InputError

WHOLE = (
    "https://service.iris.edu/fdsnws/dataselect/1/query?network=IU&station=ANMO,COR&location=00&channel=BH?"
    "&starttime=2020-06-23T15:20:00&endtime=2020-06-23T16:20:00"
)
MEANT = Request(
    "https://service.iris.edu",
    "IU",
    "ANMO,COR",
    "00",
    "BH?",
    utc_ns("2020-06-23T15:20:00Z"),
    utc_ns("2020-06-23T16:20:00Z"),
    86_400.0,
)


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        f"fdsn:{WHOLE}",
        WHOLE.replace("/fdsnws/dataselect/1/query", ""),
        WHOLE.replace("/fdsnws/dataselect/1/query", "/"),
        f"{WHOLE}&format=miniseed&nodata=404",
        WHOLE.replace("network", "net").replace("station", "sta").replace("location", "loc").replace("channel", "cha"),
        WHOLE.replace("starttime", "start").replace("endtime", "end"),
        WHOLE.replace(":20:00&", "%3A20%3A00&").replace("BH?", "BH%3F"),
    ],
)
def test_the_spellings_of_one_query_mean_the_same(text: str) -> None:
    assert is_query(text)
    assert query_of(text) == MEANT


def test_a_server_below_a_folder_keeps_it_and_dashes_are_no_location() -> None:
    text = "http://127.0.0.1:8080/seis/fdsnws/dataselect/1/query?net=XX&sta=*&loc=--&cha=HHZ&start=2020-01-01&end=2020-01-02"
    asked = query_of(text)
    assert (asked.base_url, asked.location, asked.station) == ("http://127.0.0.1:8080/seis", "", "*")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (WHOLE.replace("&channel=BH?", ""), "it says no channel"),
        (WHOLE.replace("network=IU&", ""), "it says no network"),
        (WHOLE.replace("&endtime=2020-06-23T16:20:00", ""), "it says no endtime"),
        (f"{WHOLE}&network=XX", "network .* must stand once"),
        (WHOLE.replace("station=ANMO,COR", "station="), "station .* must stand once and not be empty"),
        (f"{WHOLE}&minimumlength=10", "minimumlength=10 .* is not known"),
        (WHOLE.replace("channel", "chanel"), "did you mean 'channel'"),
        (f"{WHOLE}&format=geocsv", "format=geocsv"),
        (WHOLE.replace("https://", "https://me:secret@"), "a user's name or password"),
        (WHOLE.replace("dataselect", "station"), "asks no dataselect service"),
        ("https://[::1/query?net=XX", "it is no address"),
    ],
)
def test_what_is_missing_or_unknown_is_named(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as told:
        query_of(text)
    assert "secret" not in str(told.value)


def test_times_must_be_times_and_in_order() -> None:
    with pytest.raises(InputError, match="'yesterday': it is not an ISO-8601 time"):
        query_of(WHOLE.replace("2020-06-23T15:20:00", "yesterday"))
    with pytest.raises(InputError, match="it must end after it begins"):
        query_of(WHOLE.replace("2020-06-23T16:20:00", "2020-06-23T15:00:00"))


@pytest.mark.parametrize("text", ["archive", "/data/http", "http:/host", "ftp://host?net=XX", "fdsn:archive", "@list"])
def test_a_path_is_no_query(text: str) -> None:
    assert not is_query(text)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_with_an_error_of_ours(text: str) -> None:
    with contextlib.suppress(ForeshockError):
        assert query_of(f"https://{text}").base_url.startswith("https://")
