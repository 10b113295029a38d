"""Reference pages made from the code: command line, features, defects, settings. Knows no prose.

python docs/generate.py            # write the pages
python docs/generate.py --check    # say which are stale, and fail
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
from pydantic_core import PydanticUndefined

from foreshock.apps.warning.settings import EventSettings, PolicySettings, StreamSettings, TriggerSettings
from foreshock.bundle import Card
from foreshock.cli.app import app
from foreshock.collect.check.defects import DEFECTS, SEVERITIES
from foreshock.collect.datasets.columns import ColumnMapping, DataSettings
from foreshock.collect.synthetic import Layer, SyntheticSettings
from foreshock.collect.synthetic.day_settings import NetworkDaySettings
from foreshock.collect.synthetic.scenario import ScenarioSettings, TelemetrySettings
from foreshock.config import Settings
from foreshock.features import catalogue
from foreshock.features.feature import Feature
from foreshock.plugins import load, members
from foreshock.predict.associate import AssociateSettings
from foreshock.predict.locate.settings import LocateSettings
from foreshock.predict.magnitude import MagnitudeSettings
from foreshock.predict.magnitude.local import LocalSettings
from foreshock.predict.magnitude.moment import MomentSettings
from foreshock.predict.mechanism import MechanismSettings
from foreshock.prepare.augment import Augmentation
from foreshock.prepare.preparation import Preparation
from foreshock.road.problems import PROBLEMS
from foreshock.train.recipes import RECIPES, normalisation_for
from foreshock.train.settings import TrainSettings

HERE = Path(__file__).resolve().parent
MADE = "<!-- made by docs/generate.py; change the code, not this page -->"
NOTHING = re.compile(r"\bNone\b")
ENTRY = re.compile(r"^([a-z_0-9]+(?:, [a-z_0-9]+)*): (.*)$")
LONGEST_DEFAULT = 80
OF_VERBS = " The verbs `predict`, `associate`, `locate` and `magnitude` take one such file with all tables of stages."
STAGES: tuple[tuple[str, str, str, type[Settings]], ...] = (
    ("Association", "associate", f"{OF_VERBS} What is not told follows from the stations.", AssociateSettings),
    ("Location", "locate", "", LocateSettings),
    ("Mechanism", "mechanism", "", MechanismSettings),
    ("Magnitude", "magnitude", ' A catalogue begins with `kinds = ["ML", "Mw"]` and `fewest = 3`.', MagnitudeSettings),
    ("Magnitude, table [magnitude.local]", "magnitude.local", "", LocalSettings),
    ("Magnitude, table [magnitude.moment]", "magnitude.moment", "", MomentSettings),
)
WARNING: tuple[tuple[str, str, type[Settings]], ...] = (
    ("stream", "Before the tables stands `relation`, by default `wu_zhao_2006`. ", StreamSettings),
    ("trigger", "", TriggerSettings),
    ("event", "", EventSettings),
    ("policy", "", PolicySettings),
)
STORY = ("demo", "collect", "prepare", "features", "train", "predict", "pick", "evaluate", "models", "doctor")


def pages() -> dict[str, str]:
    """Every generated page by its path below docs."""
    made: dict[str, Callable[[], Iterable[str]]] = {
        "reference/command-line.md": command_line,
        "reference/features.md": features,
        "reference/defects.md": defects,
        "reference/settings.md": settings,
    }
    return {name: "\n".join([MADE, "", *lines()]).rstrip() + "\n" for name, lines in made.items()}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table; bars inside cells are escaped."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in row) + " |"
    yield ""


# -- the command line --------------------------------------------------------------------------------------------------


def commands() -> Mapping[str, Any]:
    """Every verb by its full name, in the order of the road."""
    found: dict[str, Any] = {}
    every = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name in sorted(every, key=lambda name: STORY.index(name) if name in STORY else len(STORY)):
        command = every[name]
        below = getattr(command, "commands", None)
        found |= {f"{name} {sub}": one for sub, one in below.items()} if below else {name: command}
    return found


def command_line() -> Iterator[str]:
    """Verbs with their arguments and options."""
    yield "# Command line"
    yield ""
    yield "The same words as `foreshock --help` and `foreshock VERB --help`. Every verb leaves with 0 (done), 1"
    yield "(failed; one sentence says why) or 2 (used wrongly): see"
    yield "[errors and exit codes](../concepts/errors-and-exit-codes.md)."
    yield ""
    for name, command in commands().items():
        arguments = [one for one in command.params if one.param_type_name == "argument"]
        options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
        yield f"## foreshock {name}"
        yield ""
        yield " ".join(inspect.cleandoc(command.help or "").split())
        yield ""
        rows = [(_argument(one), _meaning(one), _default(one)) for one in arguments]
        rows += [(f"`{'`, `'.join(one.opts)}`", _meaning(one), _default(one)) for one in options]
        yield from table(("argument or option", "what it says", "default"), rows)


def _argument(one: Any) -> str:
    name = str(one.name).upper()
    return f"`{name}`" if one.required else f"`[{name}]`"


def _meaning(one: Any) -> str:
    least = getattr(one, "min", None)
    least = getattr(getattr(one, "type", None), "min", None) if least is None else least
    return (one.help or "") + (f" (at least {least})" if least is not None else "")


def _default(one: Any) -> str:
    if one.required:
        return "needed"
    default = one.default
    return "" if default is None or default is False or callable(default) else f"`{default}`"


# -- features and defects ----------------------------------------------------------------------------------------------


def features() -> Iterator[str]:
    """The catalogue, group by group."""
    every = catalogue()
    groups: dict[str, list[Feature]] = {}
    for one in every:
        groups.setdefault(one.group, []).append(one)
    yield "# Features"
    yield ""
    yield f"{len(every)} features in {len(groups)} groups; the same list as `foreshock features --list`. A"
    yield "feature of each *component* becomes the columns `name_Z`, `name_N`, `name_E`; one of the *instrument* is a"
    yield "single column."
    yield 'The unit "as given" is the unit of the samples: counts stay counts.'
    yield ""
    for group, held in groups.items():
        yield f"## {group}"
        yield ""
        rows = [(f"`{one.name}`", one.unit, one.each, one.sentence, one.formula, one.source) for one in held]
        yield from table(("name", "unit", "of each", "what it is", "formula", "source"), rows)


def defects() -> Iterator[str]:
    """What ``collect check`` looks for, the gravest first."""
    yield "# Defects"
    yield ""
    yield f"The {len(DEFECTS)} kinds of defect that `foreshock collect check` looks for. An *error* spoils a training"
    yield "or a score, a *warning* may, a *note* is worth knowing."
    yield ""
    for severity in SEVERITIES:
        yield f"## {severity}"
        yield ""
        rows = [(f"`{one.code}`", one.sentence, one.remedy) for one in DEFECTS.values() if one.severity == severity]
        yield from table(("code", "what it says", "remedy"), rows)


# -- settings ----------------------------------------------------------------------------------------------------------


def settings() -> Iterator[str]:
    """The settings classes, a table each."""
    yield "# Settings"
    yield ""
    yield "Unknown keys are refused and the nearest known key is named. Units stand in the names."
    yield ""
    shelves: tuple[tuple[str, str, type[Settings]], ...] = (
        ("Training", "Table `[train]` of `foreshock train --settings FILE.toml`.", TrainSettings),
        (
            "Augmentation",
            "Table `[train.augmentation]`. `shift`, `gain` … are the share of windows so changed: 0 is never.",
            Augmentation,
        ),
        (
            "Preparation",
            "Table `[prepare]` of `foreshock train --settings FILE.toml`; kept in the bundle.",
            Preparation,
        ),
        (
            "Synthetic records",
            "Table `[synthetic]` of `foreshock collect synthetic --settings FILE.toml`.",
            SyntheticSettings,
        ),
        (
            "A network's recording",
            "Table `[network_day]` of `foreshock collect synthetic-network --settings FILE.toml`; "
            "`ground` takes the keys of synthetic records.",
            NetworkDaySettings,
        ),
        (
            "A scenario for early warning",
            "Table `[scenario]` of `foreshock collect synthetic-scenario --settings FILE.toml`.",
            ScenarioSettings,
        ),
        ("Telemetry of a scenario", "Table `[scenario.telemetry]`.", TelemetrySettings),
        ("A layer of rock", "One entry of `layers` of the synthetic records.", Layer),
        *((title, f"Table `[{name}]` of `--settings FILE.toml`.{more}", kind) for title, name, more, kind in STAGES),
        *(
            (f"Warning, table [{name}]", f"{more}Table `[{name}]` of `foreshock warn --settings FILE.toml`.", kind)
            for name, more, kind in WARNING
        ),
        ("Mapping file", "`foreshock collect convert --mapping FILE.toml`.", ColumnMapping),
        ("Mapping file, table [data]", "What the set itself does not say, or says wrongly.", DataSettings),
        ("Card of a bundle", "What `foreshock models show` reads.", Card),
    )
    yield from recipes()
    for title, sentence, kind in shelves:
        yield from _settings_table(f"## {title}", sentence, kind)
    yield "## Steps"
    yield ""
    yield 'Written `name:key=value,key=value` after `--step`, and `{ step = "name", key = value }` in a settings file.'
    yield ""
    for name in members("steps"):
        member = load("steps", name)
        yield from _settings_table(f"### {name}", _first_line(member), member.Settings)


def recipes() -> Iterator[str]:
    """What each task begins with when nobody says otherwise."""
    yield "## What a task begins with"
    yield ""
    yield "The tables below give the defaults of each setting alone. A task begins with these instead; a settings file"
    yield "wins over them, and flags win over the file."
    yield ""
    for name, known in RECIPES.items():
        asked = PROBLEMS[name]
        training = known.settings.model_dump(mode="json", exclude_unset=True)
        training["augmentation"] = known.settings.augmentation.model_dump(mode="json", exclude_unset=True)
        prepared = {**asked.preparation, "normalise": normalisation_for(known.settings.model)}
        yield f"### {name}"
        yield ""
        yield f"{asked.sentence} Why so: {known.reason}. Rivals: {', '.join(f'`{rival}`' for rival in asked.rivals)}."
        yield ""
        rows = [("`[train]`", f"`{key}`", f"`{_toml(value)}`") for key, value in training.items() if value != {}]
        rows += [("`[prepare]`", f"`{key}`", f"`{_toml(value)}`") for key, value in prepared.items() if name != "table"]
        yield from table(("table", "key", "value"), rows)


def _toml(value: Any) -> str:
    """A value as a settings file would say it."""
    if isinstance(value, Settings):
        return _toml(value.model_dump(mode="json"))
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _settings_table(title: str, sentence: str, kind: type[Settings]) -> Iterator[str]:
    yield title
    yield ""
    yield sentence
    yield ""
    if not kind.model_fields:
        yield "It has nothing to set."
        yield ""
        return
    told: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        told |= _attributes(one) if issubclass(one, Settings) else {}
    rows = [
        (
            f"`{name}`",
            _type(field.annotation) + _rules(field.metadata),
            _shown(field),
            field.description or told.get(name, ""),
        )
        for name, field in kind.model_fields.items()
    ]
    yield from table(("key", "value", "default", "what it says"), rows)


def _first_line(kind: Any) -> str:
    return inspect.cleandoc(kind.__doc__ or "").splitlines()[0]


def _attributes(kind: type) -> dict[str, str]:
    """What the docstring says of each attribute; several named together share their words or have a part each."""
    _, _, listed = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")
    found: dict[str, str] = {}
    names: list[str] = []
    for line in listed.splitlines():
        if not line.startswith(" "):
            if line.strip():
                break
            continue
        entry = ENTRY.match(line[4:])
        if entry:
            names = entry[1].split(", ")
            shares = entry[2].rstrip(".").split("; ")
            found |= dict(zip(names, shares if len(shares) == len(names) else [entry[2]] * len(names), strict=True))
        else:
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
    return {name: NOTHING.sub("nothing", text.replace("``", "`")) for name, text in found.items()}


def _type(annotation: Any) -> str:
    """A type in words."""
    kind, inner = get_origin(annotation), get_args(annotation)
    if kind is Annotated:
        return _type(inner[0]) + _rules(inner[1:])
    if kind is Literal:
        return ", ".join(f"`{one}`" for one in inner)
    if kind in (Union, UnionType):
        return " or ".join(_type(one) for one in inner)
    if kind is tuple:
        return f"list of {_type(inner[0])}" if inner[-1] is Ellipsis else f"{len(inner)} × {_type(inner[0])}"
    if kind is dict:
        return f"table of {_type(inner[1])}"
    words = {
        bool: "true or false",
        int: "whole number",
        float: "number",
        str: "text",
        NoneType: "nothing",
        Any: "values",
    }
    return words.get(annotation, getattr(annotation, "__name__", "plain values"))


def _rules(metadata: Iterable[Any]) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    rules = [
        f"{sign} {_plain(getattr(rule, key))}" for rule in metadata for key, sign in signs.items() if hasattr(rule, key)
    ]
    return f" ({', '.join(rules)})" if rules else ""


def _plain(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) else f"{bound:g}"


def _shown(field: Any) -> str:
    if field.is_required():
        return "needed"
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined or isinstance(default, Settings) or default in (None, (), {}, ""):
        return ""
    text = str(default) if isinstance(default, str) else _toml(default)
    return f"`{text}`" if len(text) <= LONGEST_DEFAULT else "see the code"


# -- running -----------------------------------------------------------------------------------------------------------


def stale() -> list[str]:
    """Names of the pages that are not what the code would write."""
    made = pages()
    return [
        name for name, text in made.items() if not (HERE / name).is_file() or (HERE / name).read_text("utf-8") != text
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or say which are stale."""
    parser = argparse.ArgumentParser(description="Make the reference pages from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")
    if parser.parse_args(arguments).check:
        found = stale()
        for name in found:
            sys.stderr.write(f"docs/{name} is stale: run python docs/generate.py\n")
        return int(bool(found))
    for name, text in pages().items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
