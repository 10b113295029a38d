"""Several: one training over several devices of a machine, each in a process of its own. Knows no data."""

from __future__ import annotations

from lightning.pytorch.strategies import DDPStrategy

from foreshock.train.quiet import quiet_process


class SeveralDevices(DDPStrategy):
    """Lightning's distributed data parallel training in spawned processes that keep quiet.

    A script that trains so needs ``if __name__ == "__main__":``, as everything that spawns processes does.
    """

    def __init__(self) -> None:
        super().__init__(start_method="spawn")

    def setup_environment(self) -> None:
        """Begin in the new process."""
        quiet_process()
        super().setup_environment()
