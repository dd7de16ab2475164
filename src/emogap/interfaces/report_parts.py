"""What a report is put together from: the run, the quality of its data, the audit, subgroups, the figures."""

from dataclasses import dataclass
from pathlib import Path

from emogap.datasets.findings import Audit
from emogap.datasets.run_audit import audit_run
from emogap.files import write_bytes
from emogap.interfaces.subgroup_tables import subgroup_tables
from emogap.recording.derived import record_derived
from emogap.reporting.audit_findings import AuditFinding
from emogap.reporting.data_quality import DataQuality, read_data_quality
from emogap.reporting.page import build_page, figures_of
from emogap.reporting.results import open_run

__all__ = ["WrittenReport", "write_report"]


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """Where everything is, and what a reader should know.

    Attributes
    ----------
    page : Path
    figures : tuple of Path
    doubts : tuple of str
        Leaks, and what could not be shown.
    """

    page: Path
    figures: tuple[Path, ...]
    doubts: tuple[str, ...]


def write_report(run: Path, page: Path) -> WrittenReport:
    """Write the page of `run` to `page`, and its figures into ``run/figures``; a page elsewhere is noted in the run.

    Raises
    ------
    DataError
        If the folder is no finished run, or a file of the run or its data set is damaged.
    OutputError
        If the disk is full or a place cannot be written.
    """
    results = open_run(run)
    quality = read_data_quality(Path(results.record["dataset"]["path"]))
    audits = audit_run(run)
    findings = tuple(finding for audit in audits for finding in _findings(audit))
    subgroups = subgroup_tables(results)
    if not page.resolve().is_relative_to(run.resolve()):
        record_derived(run, page, by="report")
    write_bytes(page, build_page(results, quality=quality, findings=findings, subgroups=subgroups).encode())
    figures = []
    for name, figure in figures_of(results).items():
        figures.append(run / "figures" / name)
        write_bytes(figures[-1], figure.encode())
    return WrittenReport(page, tuple(figures), tuple(_doubts(findings, quality)))


def _findings(audit: Audit) -> list[AuditFinding]:
    return [
        AuditFinding(audit.subject, finding.looked_for, finding.severity, finding.what, finding.fix)
        for finding in audit.findings
    ]


def _doubts(findings: tuple[AuditFinding, ...], quality: DataQuality | None) -> list[str]:
    doubts = [f"LEAK ({finding.kind}): {finding.what}" for finding in findings if finding.severity == "leak"]
    if quality is None:
        doubts.append("the data set is no longer there: the page lacks its quality and what was left out")
    return doubts
