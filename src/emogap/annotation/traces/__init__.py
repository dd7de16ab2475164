"""Continuous ratings over time. Read ``trace_set`` first, then ``lag``; ``ceap360vr`` reads a public set."""

from emogap.annotation.traces.ceap360vr import holds_ceap_traces, read_ceap_traces
from emogap.annotation.traces.lag import PersonLag, person_lags
from emogap.annotation.traces.trace_set import (
    AgreementCourse,
    MeanTrace,
    TraceSet,
    agreement_course,
    agreement_with_others,
    by_question,
    mean_trace,
)

__all__ = [
    "AgreementCourse",
    "MeanTrace",
    "PersonLag",
    "TraceSet",
    "agreement_course",
    "agreement_with_others",
    "by_question",
    "holds_ceap_traces",
    "mean_trace",
    "person_lags",
    "read_ceap_traces",
]
