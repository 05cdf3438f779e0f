"""Where static files are kept once collected."""

from __future__ import annotations

from servestatic.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Hashed names, also where one ES module imports another: an upgrade never meets yesterday's cached half."""

    support_js_module_import_aggregation = True
