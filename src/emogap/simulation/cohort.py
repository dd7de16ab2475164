"""People, stimuli and clips as drawn: the latent side of a study, before an eye moves.

Read in this order: :class:`Person`, :class:`Stimulus`, :class:`Clip`, then :func:`draw_cohort`. Effects on labels and
effects on streams are drawn separately, so that they are independent of each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.simulation.affect import (
    AROUSAL,
    DOMINANCE,
    EMOTIONS,
    EXPRESSIONS,
    EYE_CUES,
    EYE_FROM_AFFECT,
    EYE_FROM_EMOTION,
    NEUTRAL,
    SURPRISE,
    VALENCE,
    mask_probability,
    target_tone,
)
from emogap.simulation.config import SimulationConfig
from emogap.simulation.randomness import stream

__all__ = [
    "Clip",
    "Cohort",
    "Person",
    "Stimulus",
    "draw_cohort",
    "felt_probability",
    "shown_stimuli",
    "stimulus_targets",
]

NUM_ATTRACTORS = 4
ATTRACTOR_LIMIT_DEG = (12.0, 6.5)


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One participant.

    Attributes
    ----------
    participant_id : str
    sex : str
    age : int
    has_glasses : bool
    felt_logit : float64 array (7,)
        Leaning to feel each emotion, in logits.
    valence_bias, arousal_bias : float
        Added to the felt value when it is reported.
    eye_cue : float64 array (5,)
        Shift of the eye cues, in clip SD.
    face_cue : float64 array (6,)
        Shift of the face cues.
    log_velocity, log_blink_rate, log_pupil, log_noise, log_loss_rate : float
        Log factors on the averages of the parts of the configuration.
    accuracy_deg : float64 array (2, 2)
        Constant error of the left and right eye, x and y in deg.
    anisocoria_mm : float
        Left minus right pupil.
    eye_origin_mm : float64 array (3,)
        Midpoint of the eyes: x right, y up from the bottom left of the screen, z to the viewer.
    """

    participant_id: str
    sex: str
    age: int
    has_glasses: bool
    felt_logit: Float[ndarray, " 7"]
    valence_bias: float
    arousal_bias: float
    eye_cue: Float[ndarray, " 5"]
    face_cue: Float[ndarray, " 6"]
    log_velocity: float
    log_blink_rate: float
    log_pupil: float
    log_noise: float
    log_loss_rate: float
    accuracy_deg: Float[ndarray, "2 2"]
    anisocoria_mm: float
    eye_origin_mm: Float[ndarray, " 3"]


@dataclass(frozen=True, slots=True, eq=False)
class Stimulus:
    """One film.

    Attributes
    ----------
    stimulus_id : str
    target7 : int
        Index into ``vocabulary("emotion7")``.
    target3 : str
    felt_logit, valence_bias, arousal_bias, eye_cue, face_cue
        As those of :class:`Person`; independent of the target.
    attractor_deg : float64 array (4, 2)
        Where the film draws the gaze, deg from the centre of the screen, x right, y up.
    attractor_phase, attractor_hz : float64 array (4,)
        How the pull of each place waxes and wanes.
    luminance_time_s, luminance : float64 array (L,)
        Mean luminance of the picture, 0 to 1.
    """

    stimulus_id: str
    target7: int
    target3: str
    felt_logit: Float[ndarray, " 7"]
    valence_bias: float
    arousal_bias: float
    eye_cue: Float[ndarray, " 5"]
    face_cue: Float[ndarray, " 6"]
    attractor_deg: Float[ndarray, "4 2"]
    attractor_phase: Float[ndarray, " 4"]
    attractor_hz: Float[ndarray, " 4"]
    luminance_time_s: Float[ndarray, " L"]
    luminance: Float[ndarray, " L"]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One person with one stimulus: what was felt, answered and shown, and the cues that drive the streams.

    Attributes
    ----------
    felt_probability : float64 array (7,)
        p(felt | target, person, stimulus), from which `felt7` was drawn.
    felt7, shown7 : int
        Indices into ``vocabulary("emotion7")``.
    felt3 : str
        The answer to the question emotion3.
    valence, arousal, dominance : float
        Felt; unbounded.
    pleasure_answer, arousal_answer, dominance_answer : int
        Points of a nine-point manikin.
    strength : float
        Strength of the shown expression in [0, 1]; 0 for neutral.
    eye_cue : float64 array (5,)
        In clip SD; see ``affect.EYE_CUES``.
    face_cue : float64 array (6,)
        Weight of each drawn expression before it is cut to [0, 1]; see ``affect.EXPRESSIONS``.
    """

    felt_probability: Float[ndarray, " 7"]
    felt7: int
    shown7: int
    felt3: str
    valence: float
    arousal: float
    dominance: float
    pleasure_answer: int
    arousal_answer: int
    dominance_answer: int
    strength: float
    eye_cue: Float[ndarray, " 5"]
    face_cue: Float[ndarray, " 6"]


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """People, stimuli and the clip of each pair: ``clips[person][stimulus]``, shown to that person or not."""

    config: SimulationConfig
    people: tuple[Person, ...]
    stimuli: tuple[Stimulus, ...]
    clips: tuple[tuple[Clip, ...], ...]

    def shown(self) -> Iterator[tuple[Person, Stimulus, Clip]]:
        """The clips that were shown, in the order of people, then stimuli."""
        for person, clips, chosen in zip(self.people, self.clips, shown_stimuli(self.config), strict=True):
            for number in chosen:
                yield person, self.stimuli[number], clips[number]


def draw_cohort(config: SimulationConfig) -> Cohort:
    """The latent side of a study; the same configuration always gives the same cohort."""
    people = tuple(_draw_person(config, number) for number in range(config.participants))
    targets = stimulus_targets(config)
    stimuli = tuple(_draw_stimulus(config, number, target) for number, target in enumerate(targets))
    clips = tuple(
        tuple(
            _draw_clip(config, person, stimulus, stream(config.seed, "clip", row, column))
            for column, stimulus in enumerate(stimuli)
        )
        for row, person in enumerate(people)
    )
    return Cohort(config, people, stimuli, clips)


def stimulus_targets(config: SimulationConfig) -> tuple[int, ...]:
    """The target emotion of each stimulus, dealt as evenly as their number allows.

    Examples
    --------
    >>> sorted(stimulus_targets(SimulationConfig(stimuli=14)))
    [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    """
    rng = stream(config.seed, "deal")
    rounds = -(-config.stimuli // len(EMOTIONS))
    dealt = np.concatenate([rng.permutation(len(EMOTIONS)) for _ in range(rounds)])
    return tuple(int(target) for target in dealt[: config.stimuli])


def shown_stimuli(config: SimulationConfig) -> tuple[tuple[int, ...], ...]:
    """Which stimuli each person is shown, as ascending indices: all, or those that fewest people before had.

    Examples
    --------
    >>> shown_stimuli(SimulationConfig(participants=2, stimuli=3))
    ((0, 1, 2), (0, 1, 2))
    >>> first, second = shown_stimuli(SimulationConfig(participants=2, stimuli=4, stimuli_per_participant=2))
    >>> sorted(first + second)
    [0, 1, 2, 3]
    """
    if config.stimuli_per_participant is None:
        return (tuple(range(config.stimuli)),) * config.participants
    rng = stream(config.seed, "shown")
    times_shown = np.zeros(config.stimuli, np.int64)
    chosen: list[tuple[int, ...]] = []
    for _ in range(config.participants):
        rarest_first = np.lexsort((rng.random(config.stimuli), times_shown))
        own = np.sort(rarest_first[: config.stimuli_per_participant])
        times_shown[own] += 1
        chosen.append(tuple(own.tolist()))
    return tuple(chosen)


def felt_probability(config: SimulationConfig, person: Person, stimulus: Stimulus) -> Float[ndarray, " 7"]:
    """p(felt | target, person, stimulus): softmax of elicitation, person and stimulus logits."""
    logit = person.felt_logit + stimulus.felt_logit
    logit = logit + config.affect.elicitation * (np.arange(len(EMOTIONS)) == stimulus.target7)
    weight = np.exp(logit - logit.max())
    result: Float[ndarray, " 7"] = weight / weight.sum()
    return result


def _draw_person(config: SimulationConfig, number: int) -> Person:
    rng = stream(config.seed, "participant", number)
    affect, effect = config.affect, config.person_effect
    return Person(
        participant_id=f"p{number + 1:03d}",
        sex=str(rng.choice(["female", "male"])),
        age=int(rng.integers(18, 41)),
        has_glasses=bool(rng.random() < 0.25),
        felt_logit=effect * affect.person_felt_sd * rng.normal(size=len(EMOTIONS)),
        valence_bias=effect * affect.person_report_sd * rng.normal(),
        arousal_bias=effect * affect.person_report_sd * rng.normal(),
        eye_cue=effect * affect.eye_person_sd * rng.normal(size=len(EYE_CUES)),
        face_cue=effect * affect.face_person_sd * rng.normal(size=len(EXPRESSIONS)),
        log_velocity=effect * config.oculomotor.person_velocity_log_sd * rng.normal(),
        log_blink_rate=effect * config.blinks.person_rate_log_sd * rng.normal(),
        log_pupil=effect * config.pupil.person_log_sd * rng.normal(),
        log_noise=effect * config.tracker.person_noise_log_sd * rng.normal(),
        log_loss_rate=effect * config.tracker.person_loss_log_sd * rng.normal(),
        accuracy_deg=effect * config.tracker.accuracy_sd_deg * rng.normal(size=(2, 2)),
        anisocoria_mm=effect * config.pupil.anisocoria_sd_mm * rng.normal(),
        eye_origin_mm=np.array([263.5, 190.0, 650.0]) + effect * np.array([15.0, 12.0, 25.0]) * rng.normal(size=3),
    )


def _draw_stimulus(config: SimulationConfig, number: int, target: int) -> Stimulus:
    rng = stream(config.seed, "stimulus", number)
    affect, effect = config.affect, config.stimulus_effect
    valence_bias = effect * affect.stimulus_report_sd * rng.normal()
    felt_logit = effect * affect.stimulus_felt_sd * rng.normal(size=len(EMOTIONS))
    attractor_deg, phase, hertz = _draw_attractors(effect, rng)
    time_s, luminance = _draw_luminance(effect, config.clip_s, rng)
    return Stimulus(
        stimulus_id=f"s{number + 1:03d}",
        target7=target,
        target3=target_tone(target, valence_bias),
        felt_logit=felt_logit,
        valence_bias=valence_bias,
        arousal_bias=effect * affect.stimulus_report_sd * rng.normal(),
        eye_cue=effect * affect.eye_stimulus_sd * rng.normal(size=len(EYE_CUES)),
        face_cue=effect * affect.face_stimulus_sd * rng.normal(size=len(EXPRESSIONS)),
        attractor_deg=attractor_deg,
        attractor_phase=phase,
        attractor_hz=hertz,
        luminance_time_s=time_s,
        luminance=luminance,
    )


def _draw_attractors(
    effect: float, rng: np.random.Generator
) -> tuple[Float[ndarray, "4 2"], Float[ndarray, " 4"], Float[ndarray, " 4"]]:
    """Where a film draws the gaze; without a stimulus effect every film is the same cross of four places."""
    same = np.array([[-7.0, 0.0], [7.0, 0.0], [0.0, 4.0], [0.0, -4.0]])
    limit = np.array(ATTRACTOR_LIMIT_DEG)
    own = rng.uniform(-limit, limit, size=(NUM_ATTRACTORS, 2))
    place = np.clip(same + effect * (own - same), -limit, limit)
    phase = effect * rng.uniform(0, 2 * np.pi, size=NUM_ATTRACTORS)
    hertz = 0.1 + effect * rng.uniform(0, 0.3, size=NUM_ATTRACTORS)
    return place, phase, hertz


def _draw_luminance(
    effect: float, clip_s: float, rng: np.random.Generator
) -> tuple[Float[ndarray, " L"], Float[ndarray, " L"]]:
    """A film of shots: a level that jumps at each cut (every 2.5 s on average) and wavers within a shot."""
    time_s = np.arange(round(clip_s * 25) + 1) / 25
    num_cuts = rng.poisson(clip_s / 2.5)
    cuts_s = np.sort(rng.uniform(0.5, clip_s, size=num_cuts))
    level = rng.uniform(0.08, 0.75, size=num_cuts + 1)[np.searchsorted(cuts_s, time_s, side="right")]
    waver = 0.04 * np.sin(2 * np.pi * (rng.uniform(0.2, 0.6) * time_s + rng.random()))
    luminance = np.clip(0.35 + effect * (level + waver - 0.35), 0.02, 1.0)
    return time_s, np.round(luminance, 4)


def _draw_clip(config: SimulationConfig, person: Person, stimulus: Stimulus, rng: np.random.Generator) -> Clip:
    affect = config.affect
    probability = felt_probability(config, person, stimulus)
    felt = int(rng.choice(len(EMOTIONS), p=probability))
    valence = VALENCE[felt] + rng.normal() * (affect.surprise_valence_sd if felt == SURPRISE else affect.valence_sd)
    arousal = AROUSAL[felt] + rng.normal() * affect.arousal_sd
    dominance = DOMINANCE[felt] + rng.normal() * affect.arousal_sd
    shown = int(rng.choice(len(EMOTIONS), p=mask_probability(config.display_rules)[felt]))
    strength = affect.expression_mean + affect.expression_sd * rng.normal()
    reported = valence + person.valence_bias + stimulus.valence_bias
    excited = arousal + person.arousal_bias + stimulus.arousal_bias
    return Clip(
        felt_probability=probability,
        felt7=felt,
        shown7=shown,
        felt3=_answer3(config, reported + affect.report_sd * rng.normal()),
        valence=float(valence),
        arousal=float(arousal),
        dominance=float(dominance),
        pleasure_answer=_manikin(reported + affect.report_sd * rng.normal()),
        arousal_answer=_manikin(excited + affect.report_sd * rng.normal()),
        dominance_answer=_manikin(dominance + affect.report_sd * rng.normal()),
        strength=0.0 if shown == NEUTRAL else float(strength),
        eye_cue=_eye_cue(config, person, stimulus, felt, np.array([valence, arousal]), rng),
        face_cue=_face_cue(config, person, stimulus, shown, strength, rng),
    )


def _eye_cue(
    config: SimulationConfig,
    person: Person,
    stimulus: Stimulus,
    felt: int,
    feeling: Float[ndarray, " 2"],
    rng: np.random.Generator,
) -> Float[ndarray, " 5"]:
    told = config.signal * (EYE_FROM_AFFECT @ feeling + EYE_FROM_EMOTION[felt])
    noise = config.affect.eye_clip_sd * rng.normal(size=len(EYE_CUES))
    cue: Float[ndarray, " 5"] = told + person.eye_cue + stimulus.eye_cue + noise
    return cue


def _face_cue(
    config: SimulationConfig,
    person: Person,
    stimulus: Stimulus,
    shown: int,
    strength: float,
    rng: np.random.Generator,
) -> Float[ndarray, " 6"]:
    told = np.zeros(len(EXPRESSIONS))
    if shown != NEUTRAL:
        told[EXPRESSIONS.index(EMOTIONS[shown])] = config.signal * config.affect.face_gain * strength
    noise = config.affect.face_clip_sd * rng.normal(size=len(EXPRESSIONS))
    cue: Float[ndarray, " 6"] = told + person.face_cue + stimulus.face_cue + noise
    return cue


def _answer3(config: SimulationConfig, valence: float) -> str:
    if valence > config.affect.positive_from:
        return "positive"
    return "negative" if valence < config.affect.negative_below else "neutral"


def _manikin(value: float) -> int:
    """A value on [-1, 1] as a point of the nine-point manikin."""
    return int(np.clip(np.rint(5 + 4 * value), 1, 9))
