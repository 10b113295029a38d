"""Picks of a network do not depend on blocks, cuts, gain or rate, and every empty answer says why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from foreshock.bundle import Bundle, Domain, Onset, read_bundle, write_bundle  # noqa: E402
from foreshock.errors import BundleError, InputError  # noqa: E402
from foreshock.models.picker import Picker  # noqa: E402
from foreshock.predict import specimen  # noqa: E402
from foreshock.predict.pick.domain import N_FEATURES  # noqa: E402
from foreshock.predict.pick.network import NetworkPicker, NetworkPickerSettings  # noqa: E402
from foreshock.predict.runtime import BundlePredictor  # noqa: E402
from foreshock.train.picker.export import picker_bundle  # noqa: E402
from foreshock.types.waveform import Waveform  # noqa: E402

START_NS = 1_700_000_003_330_000_000


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Random weights, made lively, through a file."""
    torch.manual_seed(3)
    model = Picker(widths=(8, 16, 32)).train()
    with torch.no_grad():
        for _ in range(20):
            model(torch.randn(4, 6, 2048))
        model.head.weight.mul_(7)
    onset = Onset(threshold=0.5, offset=0.1, slope=1.2, sigma_factor=0.5)
    path = tmp_path_factory.mktemp("picker") / "random.bundle"
    write_bundle(path, picker_bundle(model.eval(), name="random", onsets={"P": onset, "S": onset}))
    return read_bundle(path)


@pytest.fixture(scope="module")
def picker(bundle: Bundle) -> NetworkPicker:
    return NetworkPicker(bundle)


def wave(*, seconds: float = 120.0, rate_hz: float = 100.0, components: str = "ZNE", gain: float = 1.0) -> Waveform:
    n = round(seconds * rate_hz)
    shape = np.where(np.arange(n) % round(17 * rate_hz) < 3 * rate_hz, 6.0, 1.0)
    data = np.random.default_rng(5).standard_normal((len(components), n)) * shape * gain
    return Waveform(data, rate_hz, START_NS, "XX.NET.", components=components)


def table(picker: NetworkPicker, waveform: Waveform) -> list[tuple[str, int, float]]:
    return [(pick.phase, pick.time_ns, pick.probability) for pick in picker.pick(waveform).picks]


def test_picks_are_equal_whatever_the_block(bundle: Bundle, picker: NetworkPicker) -> None:
    want = table(picker, wave())
    assert len(want) > 5
    for block_s in (0.32, 5.0, 33.0, 3600.0):
        assert table(NetworkPicker(bundle, NetworkPickerSettings(block_s=block_s)), wave()) == want


@pytest.mark.parametrize("cut", [1, 17, 1000, 3217])
def test_picks_are_equal_wherever_a_stream_is_cut(picker: NetworkPicker, cut: int) -> None:
    whole = wave()
    piece = whole.cut(cut, whole.n_samples)
    settled_ns = piece.start_ns + 35_000_000_000
    want = [row for row in table(picker, whole) if row[1] > settled_ns]
    got = [row for row in table(picker, piece) if row[1] > settled_ns]
    assert [row[:2] for row in got] == [row[:2] for row in want]
    assert len(want) > 2
    np.testing.assert_allclose([row[2] for row in got], [row[2] for row in want], atol=2e-4)


@pytest.mark.parametrize("gain", [1e-30, 1e-12, 1e12])
def test_gain_changes_no_pick(picker: NetworkPicker, gain: float) -> None:
    want, got = table(picker, wave()), table(picker, wave(gain=gain))
    assert [row[0] for row in got] == [row[0] for row in want]
    assert max(abs(a[1] - b[1]) for a, b in zip(got, want, strict=True)) <= 2_000_000


@pytest.mark.parametrize("components", ["Z", "N", "Z1", "12Z", "RTZ"])
def test_any_components_are_taken(picker: NetworkPicker, components: str) -> None:
    result = picker.pick(wave(components=components))
    assert result.picks or result.reason


@pytest.mark.parametrize("rate_hz", [10.0, 31.25, 50.0, 250.0])
def test_any_sensible_rate_is_taken(picker: NetworkPicker, rate_hz: float) -> None:
    result = picker.pick(wave(rate_hz=rate_hz))
    assert result.picks or result.reason


def test_fast_recordings_are_read_at_speed_and_in_slow_motion(bundle: Bundle, picker: NetworkPicker) -> None:
    fast = wave(rate_hz=1000.0, seconds=20.0)
    both = table(picker, fast)
    one, five = (table(NetworkPicker(bundle, NetworkPickerSettings(tempo=tempo)), fast) for tempo in (1.0, 5.0))
    assert set(both) <= set(one) | set(five)
    assert set(both) & set(five)
    times = {phase: [row[1] for row in both if row[0] == phase] for phase in "PS"}
    assert all(min(np.diff(row)) > 100_000_000 for row in times.values())


def test_slow_motion_reads_the_same_samples_as_a_slower_recording(bundle: Bundle, picker: NetworkPicker) -> None:
    fast = wave(rate_hz=500.0, seconds=24.0)
    slow = Waveform(fast.data, 100.0, START_NS * 5, "XX.NET.")
    quick = NetworkPicker(bundle, NetworkPickerSettings(tempo=5.0))
    a = sorted((pick.phase, (pick.time_ns - fast.start_ns) / 1e9) for pick in quick.pick(fast).picks)
    b = sorted((pick.phase, (pick.time_ns - slow.start_ns) / 5e9) for pick in picker.pick(slow).picks)
    assert [row[0] for row in a] == [row[0] for row in b]
    np.testing.assert_allclose([row[1] for row in a], [row[1] for row in b], atol=2e-3)


def test_1_hz_is_refused(picker: NetworkPicker) -> None:
    with pytest.raises(InputError, match="sampling rate is 1 Hz"):
        picker.pick(wave(rate_hz=1.0))


def test_every_empty_answer_has_its_reason(bundle: Bundle, picker: NetworkPicker) -> None:
    zeros = np.zeros((3, 6000))
    nowhere = Waveform(wave().data, 100.0, 0, "XX.A.", valid=np.zeros((3, 12000), bool))
    for told, rule in (
        (wave(seconds=1.0), "shorter than 3 s"),
        (wave(seconds=0.0), "shorter than 3 s"),
        (Waveform(zeros, 100.0, 0, "XX.A."), "every sample is the same"),
        (Waveform(zeros + 1e12, 100.0, 0, "XX.A."), "every sample is the same"),
        (nowhere, "every sample is masked"),
        (Waveform(zeros, 100.0, 0, "XX.A.", components="QWL"), "none of the components"),
    ):
        result = picker.pick(told)
        assert (result.picks, rule in result.reason) == ((), True), result.reason
    strict = NetworkPicker(bundle, NetworkPickerSettings(p_threshold=0.9999999, s_threshold=0.9999999))
    quiet = strict.pick(Waveform(np.random.default_rng(0).standard_normal((3, 3000)), 100.0, 0, "XX.A."))
    assert not quiet.picks
    assert "P reached 0." in quiet.reason


def test_a_gap_holds_no_pick_and_harms_nothing_far_from_it(picker: NetworkPicker) -> None:
    whole, valid = wave(seconds=240.0), np.ones((3, 24000), bool)
    valid[:, 10000:10500] = False
    got = table(picker, Waveform(whole.data, 100.0, START_NS, "XX.NET.", valid=valid))
    inside = [row for row in got if 100.0 < (row[1] - START_NS) / 1e9 < 105.0]
    assert not inside

    def far(rows: list[tuple[str, int, float]]) -> list[tuple[str, int]]:
        return [row[:2] for row in rows if not 85.0 < (row[1] - START_NS) / 1e9 < 145.0]

    assert far(got) == far(table(picker, whole))


def test_thousands_of_gaps_are_borne(picker: NetworkPicker) -> None:
    valid = np.ones((3, 60000), bool)
    valid[:, ::20] = False
    result = picker.pick(Waveform(wave(seconds=600.0).data, 100.0, START_NS, "XX.NET.", valid=valid))
    assert result.picks or result.reason


def test_a_pick_is_known_when_the_network_has_seen_enough(picker: NetworkPicker) -> None:
    waveform = wave()
    for pick in picker.pick(waveform).picks:
        assert pick.time_ns <= pick.available_at_ns <= max(waveform.end_ns, pick.time_ns)
        assert 0.01 <= pick.sigma_s < 3


def test_a_classifier_is_no_picker_and_a_picker_no_classifier(bundle: Bundle, tmp_path: Path) -> None:
    other = read_bundle(specimen.write_bundles(tmp_path)[0])
    with pytest.raises(BundleError, match="picks nothing"):
        NetworkPicker(other)
    with pytest.raises(InputError, match="made for pick"):
        BundlePredictor(bundle, device="cpu")


def test_picks_unlike_the_training_are_told_and_widened(bundle: Bundle, picker: NetworkPicker) -> None:
    near = Domain(mean=(0.0,) * N_FEATURES, root=tuple(map(tuple, np.eye(N_FEATURES).tolist())), limit=1e3, n=9)
    far = near.model_copy(update={"limit": 0.2})
    told = {}
    for domain in (near, far):
        assert bundle.card.reach is not None
        reach = bundle.card.reach.model_copy(update={"domain": domain})
        card = bundle.card.model_copy(update={"reach": reach})
        told[domain.limit] = NetworkPicker(replace(bundle, card=card)).pick(wave()).picks
    plain = picker.pick(wave()).picks
    assert [pick.probability for pick in told[1e3]] == [pick.probability for pick in plain]
    assert all(pick.novelty > 1 for pick in told[0.2])
    assert all(a.sigma_s > b.sigma_s for a, b in zip(told[0.2], plain, strict=True))


def test_a_domain_of_another_description_is_refused(bundle: Bundle) -> None:
    assert bundle.card.reach is not None
    domain = Domain(mean=(0.0,), root=((1.0,),), limit=1.0, n=9)
    reach = bundle.card.reach.model_copy(update={"domain": domain})
    with pytest.raises(BundleError, match="has 1 values"):
        NetworkPicker(replace(bundle, card=bundle.card.model_copy(update={"reach": reach})))


def test_a_recording_that_begins_with_a_constant_is_not_taken_for_one(picker: NetworkPicker) -> None:
    whole = wave()
    data = np.array(whole.data)
    data[:, :1500] = 3.0
    assert picker.pick(whole.with_data(data)).picks
    data[:] = 3.0
    assert picker.pick(whole.with_data(data)).reason == "every sample is the same"


def test_a_labeller_that_is_asked_by_windows_is_refused_with_who_can_ask_it() -> None:
    with pytest.raises(BundleError, match="is asked by windows: .* use WindowPicker"):
        NetworkPicker(specimen.labeller())
