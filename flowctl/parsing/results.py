"""How is the end of a child told to the store?"""

from flowctl.core.parsed import ParsedFile
from flowctl.parsing import causes
from flowctl.parsing.discovery import fingerprint_of
from flowctl.parsing.pool import Parsed


def result_of(parsed: Parsed, fingerprint: str) -> ParsedFile:
    """Return the outcome of one child as it is stored."""
    ended, report = parsed.ended, parsed.report
    if report is None:
        error = causes.in_words(parsed.job, ended)
        return ParsedFile(parsed.job.label, fingerprint, error=error, duration_s=ended.duration_s)
    return ParsedFile(
        parsed.job.label,
        fingerprint,
        specs=report.specs,
        source=report.source,
        error=report.error,
        duration_s=ended.duration_s,
        depends={path: fingerprint_of(path) for path in report.depends},
        is_dynamic=report.is_dynamic,
        warnings=report.warnings,
    )
