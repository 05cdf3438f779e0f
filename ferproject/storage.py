"""Storage of the collected static files."""

from __future__ import annotations

from servestatic.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Hashes the names in imports between ES modules too, so that browsers cannot mix versions after an upgrade."""

    support_js_module_import_aggregation = True
