"""What is told of a broker that could not be reached: the reason among the many complaints of the attempts."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError

from data_feeds import kafka_client
from data_feeds.kafka_client import KafkaUnavailable, open_admin
from data_feeds.settings import Settings

HUNG_UP = "KafkaConnectionError: socket disconnected"
REFUSED = "[Error 58] SaslAuthenticationFailedError: invalid credentials"
CUT_SHORT = "[Error 7] RequestTimedOutError: Request timed out after 100 ms"
NOBODY = "KafkaConnectionError: [Errno 111] Connection refused"


def told(monkeypatch: pytest.MonkeyPatch, complaints: list[str], **table: Any) -> str:
    """What a wall says after attempts that failed with ``complaints``, one after the other."""

    class FailingAdmin:
        def __init__(self, **_config: Any) -> None:
            for complaint in complaints:
                logging.getLogger("kafka.net.manager").warning(
                    "Bootstrap connection to bootstrap-0 failed: %s (backoff 0.05 secs)", complaint
                )
            raise KafkaTimeoutError("Unable to bootstrap")

    monkeypatch.setattr(kafka_client, "KafkaAdminClient", FailingAdmin)
    with pytest.raises(KafkaUnavailable) as caught:
        open_admin(replace(Settings(), kafka=table))
    return str(caught.value)


@pytest.mark.parametrize(
    ("complaints", "reason"),
    [
        ([REFUSED], "refuses our credentials"),
        ([REFUSED, HUNG_UP, CUT_SHORT], "refuses our credentials"),
        ([HUNG_UP, REFUSED], "refuses our credentials"),
        ([HUNG_UP], "hung up while we logged in; check the credentials"),
        ([HUNG_UP, HUNG_UP, CUT_SHORT], "hung up while we logged in; check the credentials"),
        ([HUNG_UP, NOBODY], "Connection refused"),
        ([CUT_SHORT], "Request timed out"),
        ([], "Unable to bootstrap"),
    ],
)
def test_the_reason_is_told_not_the_last_attempt(
    monkeypatch: pytest.MonkeyPatch, complaints: list[str], reason: str
) -> None:
    assert reason in told(monkeypatch, complaints, sasl_mechanism="PLAIN", sasl_plain_password="secret")


def test_who_does_not_log_in_hears_nothing_of_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "credentials" not in told(monkeypatch, [HUNG_UP, CUT_SHORT])
    assert "disconnected" in told(monkeypatch, [HUNG_UP, CUT_SHORT])
