"""The presets, end to end, on gaze whose every sample was planted."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from emogap.errors import UnknownNameError, UsageError
from emogap.preprocessing.pipeline import PRESETS, CleaningConfig, clean, remove_unmeasured_fixations
from emogap.preprocessing.quality import measure_quality
from emogap.preprocessing.smoothing import SmoothingConfig
from emogap.recording import open_recording
from emogap.types import GazeSeries, Recording
from tests.preprocessing.planted_gaze import NAN, events, eyes, of_kind, recording

CENTRE_PX, PX_PER_DEG = 500.0, 600.0 * np.tan(np.radians(1.0)) * 2


def planted() -> Recording:
    """One second at 100 Hz, in px: rest, jump at 0.3 s, loss of 50 ms at 0.4 s, blink of 100 ms at 0.6 s, rest."""
    x = np.full(100, CENTRE_PX)
    x[30:] += 5 * PX_PER_DEG
    pupil = 3.0 + np.arange(100) / 1000
    for lost in (slice(40, 45), slice(60, 70)):
        x[lost] = pupil[lost] = NAN
    y = np.full(100, 250.0)
    return recording(eyes([x, x], y=y.tolist(), pupil=[pupil, pupil], frame="screen_px"))  # type: ignore[list-item]


def cleaned(preset: str | CleaningConfig) -> tuple[Recording, GazeSeries]:
    result = clean(planted(), preset)
    assert result.gaze is not None
    return result, result.gaze


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_gives_degrees_events_and_steps(preset: str) -> None:
    result, gaze = cleaned(preset)
    ours = result.events[-1]
    assert gaze.frame == "deg"
    assert of_kind(ours, "fixation") == [(0, 290), (310, 600), (700, 1000)]
    assert of_kind(ours, "saccade") == [(290, 310)]
    assert of_kind(ours, "blink") == [(600, 700)]
    assert [step.name for step in result.steps][:2] == ["to_degrees", "detect_events"]
    assert all(step.version for step in result.steps)


def test_the_paper_fills_all_but_blinks_flattens_saccades_and_differentiates_the_pupil() -> None:
    result, gaze = cleaned("emer")
    names = [step.name for step in result.steps]
    assert names == ["to_degrees", "detect_events", "correct_blinks", "correct_saccades", "pupil_change"]
    assert np.flatnonzero(gaze.altered[:, 0]).tolist() == [29, 30, *range(40, 45)]
    assert np.flatnonzero(~gaze.valid[:, 0]).tolist() == list(range(60, 70))
    jump = gaze.position[31, 0, 0]
    assert gaze.position[28:32, 0, 0] == pytest.approx([0, jump / 3, 2 * jump / 3, jump])
    assert gaze.pupil_unit == "mm_change"
    assert gaze.pupil is not None
    assert gaze.pupil[1:60, 0] == pytest.approx(0.001)
    assert np.flatnonzero(np.isnan(gaze.pupil[:, 0])).tolist() == [0, *range(60, 71)]
    assert gaze.pupil_altered is not None
    assert np.flatnonzero(gaze.pupil_altered[:, 0]).tolist() == list(range(40, 46))


def test_the_standard_fills_short_gaps_and_nothing_else() -> None:
    result, gaze = cleaned("standard")
    assert [step.name for step in result.steps] == ["to_degrees", "detect_events", "fill_gaps"]
    assert np.flatnonzero(gaze.altered[:, 0]).tolist() == list(range(40, 45))
    assert np.flatnonzero(~gaze.valid[:, 0]).tolist() == list(range(60, 70))
    assert gaze.pupil_unit == "mm"


def test_none_alters_nothing() -> None:
    result, gaze = cleaned("none")
    raw = planted().gaze
    assert raw is not None
    assert [step.name for step in result.steps] == ["to_degrees", "detect_events"]
    assert not gaze.altered.any()
    assert np.array_equal(gaze.valid, raw.valid)
    assert np.array_equal(gaze.pupil, raw.pupil, equal_nan=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("preset", PRESETS)
def test_the_input_stays_as_it_was(preset: str) -> None:
    before = planted()
    clean(before, preset)
    fresh = planted()
    assert before.steps == ()
    assert before.gaze is not None
    assert fresh.gaze is not None
    for field in dataclasses.fields(GazeSeries):
        one, other = getattr(before.gaze, field.name), getattr(fresh.gaze, field.name)
        assert np.array_equal(one, other, equal_nan=True) if isinstance(one, np.ndarray) else one == other


def test_the_vendors_events_stay_beside_ours() -> None:
    vendor = events(("fixation", 0.0, 0.5))
    result = clean(dataclasses.replace(planted(), events=(vendor,)))
    assert [found.method for found in result.events] == ["planted", "ivt"]


def test_cleaning_twice_replaces_our_events() -> None:
    once = clean(planted(), "none")
    assert [found.method for found in clean(once, "none").events] == ["ivt"]


def test_a_recording_of_events_alone_passes_and_says_so() -> None:
    vendor = events(("fixation", 0.0, 0.5))
    result = clean(recording(None, events=(vendor,)))
    assert result.events == (vendor,)
    assert [step.name for step in result.steps] == ["no_raw_gaze"]


def test_a_typing_error_in_a_preset_is_met_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'standard'"):
        clean(planted(), "standart")


def test_options_are_recorded_as_steps() -> None:
    config = PRESETS["standard"].model_copy(update={"smoothing": SmoothingConfig(window_s=0.05), "rate_hz": 60.0})
    result, gaze = cleaned(config)
    assert [step.name for step in result.steps] == ["to_degrees", "smooth", "detect_events", "fill_gaps", "resample"]
    assert gaze.rate_hz == 60.0


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(ValidationError, match="max_gap"):
        CleaningConfig(max_gap=0.1)  # type: ignore[call-arg]


def test_a_fixation_that_rests_on_losses_is_removed_and_others_are_not() -> None:
    """The vendor's filter bridges 6 of 10 samples in the first, 4 of 10 in the second, and has no row in the third."""
    x = np.zeros(20)
    x[2:8] = x[14:18] = NAN
    gaze = eyes([x.tolist(), x.tolist()])
    found = events(("fixation", 0.0, 0.1), ("fixation", 0.1, 0.2), ("blink", 0.14, 0.18), ("fixation", 5.0, 6.0))
    kept = remove_unmeasured_fixations(found, gaze, max_share=0.5)
    assert of_kind(kept, "fixation") == [(100, 200)]
    assert of_kind(kept, "blink") == [(140, 180)]


LEVELS = st.lists(st.tuples(st.sampled_from([0.0, 4.0, 9.0, NAN]), st.integers(1, 60)), min_size=1, max_size=12)


def from_levels(levels: list[tuple[float, int]], other: list[tuple[float, int]]) -> GazeSeries:
    rows = [[level for level, count in one for _ in range(count)] for one in (levels, other)]
    shared = min(map(len, rows))
    rng = np.random.default_rng(shared)
    pupil = 3 + rng.normal(scale=0.1, size=(2, shared))
    pupil[np.isnan([row[:shared] for row in rows])] = NAN
    return eyes([row[:shared] for row in rows], rate_hz=128.0, pupil=pupil.tolist())


@given(left=LEVELS, right=LEVELS, preset=st.sampled_from(sorted(PRESETS)), shift=st.integers(-500, 50_000))
@settings(max_examples=40, deadline=None)
def test_cleaning_moves_with_time(
    left: list[tuple[float, int]], right: list[tuple[float, int]], preset: str, shift: int
) -> None:
    gaze = from_levels(left, right)
    later = dataclasses.replace(gaze, time_s=gaze.time_s + shift / 128)
    here, there = clean(recording(gaze), preset).gaze, clean(recording(later), preset).gaze
    assert here is not None
    assert there is not None
    assert there.position == pytest.approx(here.position, nan_ok=True, abs=1e-6)
    assert np.array_equal(there.altered, here.altered)
    assert np.array_equal(there.pupil_altered, here.pupil_altered)  # type: ignore[arg-type]


@given(left=LEVELS, right=LEVELS, preset=st.sampled_from(sorted(PRESETS)))
@settings(max_examples=40, deadline=None)
def test_the_eyes_may_change_places(left: list[tuple[float, int]], right: list[tuple[float, int]], preset: str) -> None:
    gaze = from_levels(left, right)
    swapped = dataclasses.replace(
        gaze,
        position=gaze.position[:, ::-1].copy(),
        valid=gaze.valid[:, ::-1].copy(),
        pupil=gaze.pupil[:, ::-1].copy(),  # type: ignore[index]
    )
    one, other = clean(recording(gaze), preset).gaze, clean(recording(swapped), preset).gaze
    assert one is not None
    assert other is not None
    assert np.array_equal(one.position, other.position[:, ::-1], equal_nan=True)
    assert np.array_equal(one.altered, other.altered[:, ::-1])


@given(left=LEVELS, right=LEVELS, preset=st.sampled_from(sorted(PRESETS)))
@settings(max_examples=60, deadline=None)
def test_what_is_not_marked_as_altered_is_as_it_was_measured(
    left: list[tuple[float, int]], right: list[tuple[float, int]], preset: str
) -> None:
    gaze = from_levels(left, right)
    result = clean(recording(gaze), preset).gaze
    assert result is not None
    untouched = ~result.altered
    assert np.array_equal(result.valid[untouched], gaze.valid[untouched])
    assert np.array_equal(result.position[untouched], gaze.position[untouched], equal_nan=True)
    if preset == "standard":
        assert not gaze.valid[result.altered].any()
    if result.pupil_unit == "mm":
        kept = ~result.pupil_altered  # type: ignore[operator]
        assert np.array_equal(result.pupil[kept], gaze.pupil[kept], equal_nan=True)  # type: ignore[index]


@given(left=LEVELS, right=LEVELS)
@settings(max_examples=40, deadline=None)
def test_the_standard_preset_applied_again_changes_nothing(
    left: list[tuple[float, int]], right: list[tuple[float, int]]
) -> None:
    once = clean(recording(from_levels(left, right)), "standard")
    twice = clean(once, "standard")
    assert once.gaze is not None
    assert twice.gaze is not None
    assert np.array_equal(once.gaze.position, twice.gaze.position, equal_nan=True)
    assert np.array_equal(once.gaze.altered, twice.gaze.altered)


@pytest.mark.shared_data
def test_a_real_trial_without_any_gaze_gives_no_data_instead_of_a_number(shared_data: Path) -> None:
    """Uniss-FGD, image 058, participant 01: 3 s in which neither eye was found."""
    raw = open_recording(shared_data / "uniss_fgd" / "fgd" / "058.csv.gz", recording_id="058-01")
    result = clean(raw)
    assert result.gaze is not None
    assert not result.gaze.valid.any()
    assert result.events[-1].kind.size == 0
    quality = measure_quality(raw, cleaned=result)
    assert quality.loss_share == 1.0
    assert quality.effective_rate_hz == 0.0
    assert np.isnan(quality.bcea_deg2)


def test_a_recording_whose_clock_is_not_to_be_trusted_is_refused_with_its_doubt() -> None:
    recording = planted()
    assert recording.gaze is not None
    unclear = dataclasses.replace(
        recording,
        gaze=dataclasses.replace(recording.gaze, rate_hz=float("nan")),
        doubts=("1,330 of 1,973 time stamps repeat the one before",),
    )
    with pytest.raises(UsageError, match=r"sampling rate is unknown: 1,330 of 1,973 time stamps repeat"):
        clean(unclear)
