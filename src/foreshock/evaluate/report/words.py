"""Words: the headings of a report in English and Chinese. Knows nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from foreshock.errors import InputError, nearest

_ENGLISH = {
    "asked": "What was asked",
    "data": "Data and split",
    "headline": "Scores beside the rivals",
    "confusion": "Confusion matrix",
    "classes": "Class by class",
    "ranking": "ROC and precision–recall",
    "calibration": "Calibration",
    "values": "Predicted and true values",
    "groups": "By group",
    "more": "Further pictures",
    "training": "Training",
    "settings": "Settings of the rivals",
    "skipped": "Skipped items",
    "limits": "What this cannot say",
    "origin": "Versions and inputs",
}
_CHINESE = {
    "asked": "问题",
    "data": "数据与划分",
    "headline": "与对照方法的比较",
    "confusion": "混淆矩阵",
    "classes": "各类别结果",
    "ranking": "ROC 与精确率–召回率曲线",
    "calibration": "概率校准",
    "values": "预测值与真值",
    "groups": "分组结果",
    "more": "其他图件",
    "training": "训练过程",
    "settings": "对照方法的设置",
    "skipped": "略过的条目",
    "limits": "本报告不能说明什么",
    "origin": "版本与输入",
}
HEADINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"en": MappingProxyType(_ENGLISH), "zh": MappingProxyType(_CHINESE)}
)


def headings(lang: str) -> Mapping[str, str]:
    """The headings in a language.

    Raises:
        InputError: the language is neither ``en`` nor ``zh``.

    >>> headings("zh")["confusion"]
    '混淆矩阵'
    """
    if lang not in HEADINGS:
        raise InputError(f"report language {lang!r}", "it is not known", nearest(lang, HEADINGS))
    return HEADINGS[lang]
