"""The words of a CAP message for people, by language. Knows no XML and no numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences of one language, with places for numbers."""

    event: str
    headline: str
    withdrawn: str
    description: str
    instruction: str
    prefixes: Mapping[str, str]
    notes: Mapping[str, str]
    confidences: Mapping[str, str]


WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "en": Words(
            event="Earthquake",
            headline="Earthquake of about magnitude {magnitude} at {place}: shaking is expected",
            withdrawn="Withdrawn: the alert of an earthquake at {place}",
            description=(
                "Magnitude between {low} and {high}, {place}, depth {depth} km, origin {time} UTC. "
                "Estimate {version}, {confidence}."
            ),
            instruction="Drop, cover and hold on. Stay away from glass and from what may fall.",
            prefixes={"actual": "", "exercise": "EXERCISE. ", "test": "TEST. "},
            notes={
                "exercise": "This is an exercise. No earthquake is reported.",
                "test": "This is a technical test. Disregard it.",
            },
            confidences={"provisional": "provisional", "confirmed": "confirmed"},
        ),
        "zh-CN": Words(
            event="地震",
            headline="{place}发生约{magnitude}级地震，预计将有震感",
            withdrawn="撤销：{place}地震预警",
            description="震级{low}至{high}，{place}，深度{depth}千米，发震时刻{time}（UTC）。第{version}报，{confidence}。",
            instruction="伏地、遮挡、手抓牢。远离玻璃和可能坠落的物体。",
            prefixes={"actual": "", "exercise": "【演习】", "test": "【测试】"},
            notes={"exercise": "这是演习，没有发生地震。", "test": "这是技术测试，请忽略。"},
            confidences={"provisional": "初步", "confirmed": "已确认"},
        ),
    }
)
