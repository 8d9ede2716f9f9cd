"""The channels of the morning's report: Airflow's notifiers, by its connections."""

from collections.abc import Callable

from airflow.providers.http.notifications.http import HttpNotifier
from airflow.providers.smtp.notifications.smtp import SmtpNotifier

from sangkien.operations.alerts import Message
from sangkien.settings import Alerts


def channels(settings: Alerts) -> dict[str, Callable[[Message], None]]:
    """The channels that the settings name, each with what sends a message through it.

    The notifiers are called without rendering: what a unit has named its file is no template.
    """
    found: dict[str, Callable[[Message], None]] = {}
    if settings.email_to:
        found["email"] = lambda message: SmtpNotifier(
            to=settings.email_to,
            subject=message.subject,
            html_content=message.html,
            custom_headers={"Message-ID": f"<{message.identity}@sangkien>"},
            smtp_conn_id=settings.email_connection,
        ).notify({})
    if settings.webhook_connection:
        found["webhook"] = lambda message: HttpNotifier(
            http_conn_id=settings.webhook_connection, json=message.document()
        ).notify({})
    return found
