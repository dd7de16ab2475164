"""Every number the simulation starts from, with where it comes from.

:class:`SimulationConfig` holds what a user turns; the parts below it hold what the literature, or in its absence a
stated choice, fixes. "Choice" in a description means that the direction is reported and the size is ours, so that
no result on a simulated cohort is a finding about people.
"""

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
)
from pydantic_core import PydanticCustomError

__all__ = [
    "AffectConfig",
    "BlinkConfig",
    "OculomotorConfig",
    "PupilConfig",
    "RaterConfig",
    "SimulationConfig",
    "TrackerConfig",
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AffectConfig(_Part):
    """How feelings, answers and expressions are drawn, and how strongly they move the cues."""

    elicitation: float = Field(
        default=2.6,
        ge=0,
        description="Logit of the target emotion over the others; 2.6 alone gives a hit rate of 0.69 and 0.62 with the "
        "effects below, inside the range of the films in Gross & Levenson (1995), doi:10.1080/02699939508408966.",
    )
    person_felt_sd: float = Field(
        default=0.5, ge=0, description="SD of a person's logit for each felt emotion. Choice."
    )
    stimulus_felt_sd: float = Field(
        default=0.6, ge=0, description="SD of a stimulus' logit for each felt emotion. Choice."
    )
    person_report_sd: float = Field(
        default=0.10, ge=0, description="SD of a person's bias in valence and arousal. Choice."
    )
    stimulus_report_sd: float = Field(
        default=0.12, ge=0, description="SD of a stimulus' bias in valence and arousal. Choice."
    )
    valence_sd: float = Field(default=0.22, ge=0, description="SD of felt valence within an emotion. Choice.")
    surprise_valence_sd: float = Field(
        default=0.55,
        ge=0,
        description="The same for surprise, which may be pleasant or unpleasant "
        "(Noordewier & Breugelmans 2013, doi:10.1080/02699931.2013.777660).",
    )
    arousal_sd: float = Field(default=0.28, ge=0, description="SD of felt arousal within an emotion. Choice.")
    report_sd: float = Field(default=0.12, ge=0, description="SD of one answer around the felt value. Choice.")
    positive_from: float = Field(
        default=0.2,
        description="Felt valence from which 'positive' is answered; nearer to zero than the negative limit because "
        "weak states lean to the pleasant (Cacioppo & Gardner 1999, doi:10.1146/annurev.psych.50.1.191).",
    )
    negative_below: float = Field(
        default=-0.4, description="Felt valence below which 'negative' is answered; see above."
    )
    eye_clip_sd: float = Field(default=1.0, gt=0, description="SD of the eye cues from clip to clip: their unit.")
    eye_person_sd: float = Field(default=0.7, ge=0, description="SD of the eye cues between people. Choice.")
    eye_stimulus_sd: float = Field(default=0.5, ge=0, description="SD of the eye cues between stimuli. Choice.")
    expression_mean: float = Field(default=0.7, ge=0, le=1, description="Mean strength of a shown expression. Choice.")
    expression_sd: float = Field(default=0.15, ge=0, description="SD of that strength. Choice.")
    face_gain: float = Field(
        default=0.7, ge=0, description="Weight of the drawn expression per unit of strength. Choice."
    )
    face_clip_sd: float = Field(default=0.16, gt=0, description="SD of the face cues from clip to clip. Choice.")
    face_person_sd: float = Field(default=0.10, ge=0, description="SD of the face cues between people. Choice.")
    face_stimulus_sd: float = Field(default=0.06, ge=0, description="SD of the face cues between stimuli. Choice.")


class OculomotorConfig(_Part):
    """Fixations, saccades, microsaccades and drift."""

    fixation_median_s: float = Field(
        default=0.27,
        gt=0,
        description="Median fixation in scenes; mean about 0.3 s, Rayner (1998), doi:10.1037/0033-2909.124.3.372.",
    )
    fixation_log_sd: float = Field(
        default=0.45, gt=0, description="SD of its logarithm, within the range of Rayner (1998)."
    )
    fixation_min_s: float = Field(default=0.08, gt=0, description="Shortest fixation; Rayner (1998).")
    peak_velocity_max_deg_s: float = Field(
        default=550.0,
        gt=0,
        description="Asymptote of the main sequence of Bahill et al. (1975), doi:10.1016/0025-5564(75)90075-9. Choice.",
    )
    peak_velocity_scale_deg: float = Field(
        default=11.0, gt=0, description="Its amplitude constant. Choice: 10 deg then peak at 330 deg/s."
    )
    peak_over_mean: float = Field(
        default=1.65, gt=1.5, description="Peak over mean velocity; Harwood et al. (1999), J. Neurosci. 19(20), 9098."
    )
    person_velocity_log_sd: float = Field(
        default=0.08, ge=0, description="SD of log peak velocity between people. Choice."
    )
    microsaccade_rate_hz: float = Field(
        default=1.2, ge=0, description="1 to 2 per second; Engbert & Kliegl (2003), doi:10.1016/S0042-6989(03)00084-1."
    )
    microsaccade_median_deg: float = Field(
        default=0.25, gt=0, description="Median amplitude; Engbert & Kliegl (2003). Choice in their range."
    )
    microsaccade_log_sd: float = Field(
        default=0.5, gt=0, description="SD of its logarithm; below 1 deg almost always. Choice."
    )
    drift_deg2_s: float = Field(
        default=0.006,
        ge=0,
        description="Diffusion constant of drift, some 20 arcmin^2/s; Brownian as in "
        "Kuang et al. (2012), doi:10.1016/j.cub.2012.01.050. Choice.",
    )
    drift_tau_s: float = Field(default=0.4, gt=0, description="Time constant of the Ornstein-Uhlenbeck return. Choice.")


class BlinkConfig(_Part):
    """How often and how long eyes close."""

    rate_per_min: float = Field(
        default=12.0,
        ge=0,
        description="Between reading (4.5) and rest (17); Bentivoglio et al. (1997), doi:10.1002/mds.870120629.",
    )
    person_rate_log_sd: float = Field(default=0.3, ge=0, description="SD of its logarithm between people. Choice.")
    loss_median_s: float = Field(
        default=0.16,
        gt=0,
        description="Median time the pupil is covered; with the lid movements about 0.25 s, "
        "Caffier et al. (2003), doi:10.1007/s00421-003-0807-5.",
    )
    loss_log_sd: float = Field(default=0.3, ge=0, description="SD of its logarithm. Choice.")
    loss_min_s: float = Field(default=0.09, gt=0, description="Shortest blink. Choice.")
    loss_max_s: float = Field(default=0.40, gt=0, description="Longest blink; longer is a closure of the eyes. Choice.")
    closing_s: float = Field(
        default=0.045,
        gt=0,
        description="Lid going down to the pupil; VanderWerf et al. (2003), doi:10.1152/jn.00557.2002.",
    )
    opening_s: float = Field(
        default=0.09, gt=0, description="Lid leaving the pupil: about twice as long; VanderWerf et al. (2003)."
    )
    refractory_s: float = Field(default=0.5, gt=0, description="Least time between two blinks. Choice.")


class PupilConfig(_Part):
    """Light reflex, arousal and noise of the pupil."""

    background_cd_m2: float = Field(default=5.0, ge=0, description="Luminance of a black screen in a dim room. Choice.")
    white_cd_m2: float = Field(default=120.0, gt=0, description="What luminance 1 adds: a calibrated display. Choice.")
    latency_s: float = Field(
        default=0.22,
        ge=0,
        description="Of the light reflex, 0.2 to 0.3 s; Bergamin & Kardon (2003), doi:10.1167/iovs.02-0468.",
    )
    constriction_tau_s: float = Field(
        default=0.30,
        gt=0,
        description="Time constant of constriction; Ellis (1981), doi:10.1136/bjo.65.11.754. Choice.",
    )
    dilation_tau_s: float = Field(
        default=0.90, gt=0, description="Of re-dilation, which is slower; Ellis (1981). Choice."
    )
    arousal_latency_s: float = Field(
        default=0.40,
        ge=0,
        description="Before arousal dilates; Bradley et al. (2008), doi:10.1111/j.1469-8986.2008.00654.x.",
    )
    arousal_tau_s: float = Field(
        default=0.80,
        gt=0,
        description="Its time constant: full after 2 to 3 s; Bradley et al. (2008). Choice near their curves.",
    )
    mm_per_cue: float = Field(
        default=0.12,
        ge=0,
        description="Dilation in mm per unit of the pupil cue; differences of 0.1 to 0.2 mm, Bradley et al. (2008).",
    )
    person_log_sd: float = Field(
        default=0.10, ge=0, description="SD of log diameter between people of one age. Choice."
    )
    hippus_sd_mm: float = Field(default=0.05, ge=0, description="SD of slow spontaneous change. Choice.")
    hippus_tau_s: float = Field(default=0.8, gt=0, description="Its time constant. Choice.")
    anisocoria_sd_mm: float = Field(
        default=0.10,
        ge=0,
        description="SD of the difference of the eyes, after Lam et al. (1987), Am. J. Ophthalmol. 104, 69.",
    )


class TrackerConfig(_Part):
    """What a screen-based remote tracker adds to and takes from the eyes."""

    noise_sd_deg: float = Field(
        default=0.10, ge=0, description="SD of the white noise of one eye, deg; RMS-S2S of one eye 0.2. Choice."
    )
    person_noise_log_sd: float = Field(default=0.25, ge=0, description="SD of its logarithm between people. Choice.")
    accuracy_sd_deg: float = Field(
        default=0.4, ge=0, description="SD of a person's constant error after calibration, deg. Choice."
    )
    pupil_noise_sd_mm: float = Field(default=0.015, ge=0, description="SD of the noise of a pupil sample, mm. Choice.")
    loss_rate_per_min: float = Field(
        default=2.0, ge=0, description="Bursts of lost track per minute; Holmqvist et al. (2011), ch. 2. Choice."
    )
    loss_mean_s: float = Field(default=0.15, gt=0, description="Mean length of a burst. Choice.")
    person_loss_log_sd: float = Field(default=0.5, ge=0, description="SD of the log rate between people. Choice.")
    one_eye_share: float = Field(
        default=0.3, ge=0, le=1, description="Share of the bursts in which one eye alone is lost. Choice."
    )
    glasses_factor: float = Field(default=2.0, ge=1, description="How much more often glasses lose the track. Choice.")


class RaterConfig(_Part):
    """Experts and a machine that judge the shown expression."""

    expert_accuracy: tuple[float, ...] = Field(
        default=(0.85, 0.80, 0.80, 0.75),
        description="Share of right answers of each expert on emotion7; "
        "Choice in the range of Calvo & Lundqvist (2008), doi:10.3758/BRM.40.1.109.",
    )
    machine_accuracy: float = Field(
        default=0.65, ge=0, le=1, description="The same of annotator machine-simulated. Choice."
    )
    tone_sd: float = Field(default=0.20, ge=0, description="SD of the valence an expert sees. Choice.")
    surprise_tone_sd: float = Field(
        default=0.45, ge=0, description="The same for surprise, which is ambiguous. Choice."
    )
    tone_limit: float = Field(
        default=0.20, ge=0, description="Seen valence beyond which 'positive' or 'negative' is said. Choice."
    )
    scale_sd: float = Field(default=0.12, ge=0, description="SD of ratings of valence and arousal on [-1, 1]. Choice.")
    intensity_sd: float = Field(
        default=0.35, ge=0, description="SD of ratings of intensity on 0 to 3, before rounding. Choice."
    )


UNWRITTEN_IF_UNSET = ("stimuli_per_participant", "video_offset_s", "video_drift_ppm", "screen_flashes")
"""Options that came later: left alone they are not written, so that an earlier study stays the same study."""


class SimulationConfig(_Part):
    """What a simulated study is made of; same configuration, same study."""

    participants: int = Field(default=24, ge=1, le=999, description="Number of people.")
    stimuli: int = Field(
        default=14, ge=1, le=999, description="Number of stimuli; a multiple of seven has every target equally often."
    )
    stimuli_per_participant: int | None = Field(
        default=None,
        ge=1,
        le=999,
        description="How many of the stimuli each person is shown; every one equally often, or once more. None: all.",
    )
    seed: int = Field(default=0, ge=0, description="Seed of everything that is drawn.")
    signal: float = Field(
        default=1.0,
        ge=0,
        le=10,
        description="Influence of the felt emotion on the eyes and of the shown one on the face; 0 = none.",
    )
    person_effect: float = Field(
        default=1.0, ge=0, le=5, description="Factor on every difference between people, of streams and labels."
    )
    stimulus_effect: float = Field(
        default=1.0, ge=0, le=5, description="Factor on every difference between stimuli, of streams and labels."
    )
    display_rules: float = Field(
        default=0.22,
        ge=0,
        le=1,
        description="Share of clips whose shown emotion differs from the felt one "
        "(display rules: Ekman & Friesen 1969, doi:10.1515/semi.1969.1.1.49). The size is a choice.",
    )
    clip_s: float = Field(default=8.0, ge=2, le=600, description="Length of each clip in s.")
    pause_s: float = Field(default=1.5, ge=0.5, le=60, description="Grey screen with a cross before each clip, in s.")
    rate_hz: int = Field(default=120, ge=30, le=2000, description="Sampling rate of the tracker in Hz.")
    video: bool = Field(default=True, description="Whether a face video of 256 x 256 pixels at 25 frames/s is drawn.")
    video_offset_s: float | None = Field(
        default=None,
        ge=-60,
        le=60,
        description="Start of every video on the gaze clock in s. None: drawn, and clock.toml states it as measured.",
    )
    video_drift_ppm: float | None = Field(
        default=None,
        ge=-5000,
        le=5000,
        description="How much slower the video's clock runs, in parts per million. None: drawn, and stated as above.",
    )
    screen_flashes: int = Field(
        default=0,
        ge=0,
        le=50,
        description="White flashes of the screen in the pauses, spread over the session, that light the face up.",
    )
    affect: AffectConfig = Field(default=AffectConfig(), description="Feelings, answers and cues.")
    oculomotor: OculomotorConfig = Field(default=OculomotorConfig(), description="Eye movements.")
    blinks: BlinkConfig = Field(default=BlinkConfig(), description="Blinks.")
    pupil: PupilConfig = Field(default=PupilConfig(), description="Pupil.")
    tracker: TrackerConfig = Field(default=TrackerConfig(), description="Tracker.")
    raters: RaterConfig = Field(default=RaterConfig(), description="Experts and machine.")

    @field_validator("stimuli_per_participant")
    @classmethod
    def _shows_what_is_there(cls, number: int | None, others: ValidationInfo) -> int | None:
        there = others.data.get("stimuli")
        if number is not None and there is not None and number > there:
            raise PydanticCustomError(
                "too_many", "Input should be at most {there}, the stimuli there are", {"there": there}
            )
        return number

    @model_serializer(mode="wrap")
    def _without_unset(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        content: dict[str, object] = write(self)
        defaults = type(self).model_fields
        unset = [name for name in UNWRITTEN_IF_UNSET if getattr(self, name) == defaults[name].default]
        return {name: value for name, value in content.items() if name not in unset}
