"""An installation without the extra `train` says which extra is missing. Knows no training."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "lightning", "optuna", "onnxscript"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.split(".")[0])

sys.meta_path.insert(0, Absent())
from importlib import import_module
from foreshock import models
from foreshock.errors import MissingExtraError
from foreshock.train import recipes, settings

def refused(run):
    try:
        run()
    except MissingExtraError as error:
        assert "pip install 'foreshock[train]'" in str(error), error
        return
    raise AssertionError("nothing was said")

refused(lambda: models.build("cnn", n_channels=3, n_samples=300, n_outputs=2))
for name in ("fit", "export", "search", "devices"):
    refused(lambda: import_module(f"foreshock.train.{name}"))
"""


def test_without_the_extra_every_entrance_names_it_and_recipes_still_read(tmp_path):
    done = subprocess.run([sys.executable, "-c", CODE], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
