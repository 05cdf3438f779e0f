from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from ferproject.queue import sweeper


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts.security import checks, signals

        signals.connect()
        register(checks.check_email_links, Tags.security, deploy=True)
        sweeper.register(_sweep_deletions)
        sweeper.register(_purge_daily)
        sweeper.register(_send_notices)


# One worker is enough for each; models can be imported only once all apps are ready.
def _sweep_deletions(sweep: sweeper.Sweep) -> None:
    from accounts.privacy.deletion import sweep_deletions

    if "default" in sweep.queues:
        sweep_deletions()


def _purge_daily(sweep: sweeper.Sweep) -> None:
    from accounts.privacy.retention import purge_daily

    if "default" in sweep.queues:
        purge_daily()


def _send_notices(sweep: sweeper.Sweep) -> None:
    from accounts.notices.services import send_due_notices

    if "default" in sweep.queues:
        send_due_notices()
