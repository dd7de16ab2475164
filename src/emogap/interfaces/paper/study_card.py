"""What the folder of a study says of itself: its facts for a paper, and its data card."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from emogap.counted_nouns import counted
from emogap.datasets.exclusion_flow import exclusion_flow
from emogap.datasets.quality_gate import gate_of
from emogap.datasets.reporting_items import ReportingItem, reporting_items
from emogap.datasets.study_quality import StudyQuality
from emogap.datasets.terms import data_terms
from emogap.recording.bids.dataset import NOTICE
from emogap.recording.study import Participant
from emogap.reporting.cards import data_card
from emogap.reporting.paper_facts import CheckedItem, DataFacts, StudyFacts
from emogap.types.quality import FlowStage

__all__ = ["checked_items", "exclusion_stages", "people_in_words", "study_card", "study_facts"]

CATALOGUE = "study"

SEXES = {"f": "female", "m": "male"}
"""Words for letters that tables of participants hold; any other entry stands as it is."""


def study_card(quality: StudyQuality) -> str:
    """The data card of a study as it was recorded, in Markdown: nothing is cleaned, no label is opened.

    Parameters
    ----------
    quality : StudyQuality
        The measured study.
    """
    study = quality.study
    flow = exclusion_flow(quality)
    facts = DataFacts(
        name=study.name,
        catalogue=CATALOGUE,
        cleaning="",
        fingerprint=quality.source_fingerprint,
        is_simulated=study.simulated,
        num_people=flow.num_people,
        num_stimuli=len(study.stimuli),
        num_clips=len(flow.kept),
        doubts=tuple(f"{session.participant_id}: {session.problem}" for session in quality.sessions if session.problem),
        is_there=True,
        labels={
            "felt": f"questionnaire after each stimulus; manikin of {study.sam_points} points",
            "shown": f"{counted(len(study.rating_files), 'file')} of ratings",
            "target": "what the stimulus was meant to elicit",
        },
        people=people_in_words([one.sex for one in study.participants], [one.age for one in study.participants]),
        study=study_facts(quality, ""),
        checklist=checked_items(reporting_items(quality, flow)),
        licence="none, for the people are simulated" if study.simulated else data_terms()[CATALOGUE].licence,
    )
    return data_card([facts], notice=NOTICE)


def study_facts(quality: StudyQuality, gate: str) -> StudyFacts:
    """What only the study says; `gate` is the quality gate as the header of a data set holds it, empty = none."""
    study, stages = quality.study, exclusion_stages(quality, gate)
    return StudyFacts(
        name=study.name,
        intended_use=study.intended_use,
        tracker=study.tracker.model or None,
        rate_hz=study.tracker.rate_hz,
        screen_px=study.screen.size_px,
        screen_mm=study.screen.size_mm,
        distance_mm=study.screen.distance_mm,
        num_recruited=len(study.participants),
        num_sessions=len(study.session_ids),
        flow=tuple((stage.rule, stage.clips_left_out) for stage in stages if stage.clips_left_out),
        num_clips_recorded=stages[0].clips,
        consent=_consent(study.participants),
    )


def exclusion_stages(quality: StudyQuality, gate: str) -> tuple[FlowStage, ...]:
    """How many people, sessions and clips of the study fall where; `gate` as in :func:`study_facts`."""
    return exclusion_flow(quality, gate_of(gate) if gate else None).stages


def people_in_words(sexes: Iterable[str | None], ages: Iterable[float | None]) -> str:
    """Sex and age of the participants as far as they are stated, letters as words; empty if neither is.

    Examples
    --------
    >>> people_in_words(["F", "m", "female", None], [20.0, None, 31.0, 27.0])
    'Participants: 2 female, 1 male; age 20 to 31 years, mean 26.0 (3 stated).'
    """
    words = []
    by_sex = Counter(SEXES.get(sex.lower(), sex) for sex in sexes if sex)
    if by_sex:
        words.append(", ".join(f"{by_sex[sex]} {sex}" for sex in sorted(by_sex)))
    known = np.array([age for age in ages if age is not None and not np.isnan(age)])
    if len(known):
        words.append(f"age {known.min():g} to {known.max():g} years, mean {known.mean():.1f} ({len(known)} stated)")
    return f"Participants: {'; '.join(words)}." if words else ""


def _consent(participants: Sequence[Participant]) -> str:
    levels = Counter(person.consent for person in participants if person.consent)
    if not levels:
        return ""
    listed = ", ".join(f"{levels[level]} {level}" for level in sorted(levels))
    dates = sorted(person.withdraw_until for person in participants if person.withdraw_until)
    until = (
        f" Participants may withdraw until {dates[0]}" + (f" to {dates[-1]}" if dates[0] != dates[-1] else "")
        if dates
        else ""
    )
    return f"Consent by participant: {listed}." + (f"{until}." if until else "")


def checked_items(items: Iterable[ReportingItem]) -> tuple[CheckedItem, ...]:
    """Items of the guideline as the paper holds them."""
    return tuple(CheckedItem(item.number, item.title, item.content, item.missing) for item in items)
