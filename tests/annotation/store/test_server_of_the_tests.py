"""The tests on PostgreSQL are left out in words, and as CI never."""

import pytest

from tests.annotation.store.conftest import leave_out


def test_without_a_server_a_test_skips_and_as_ci_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no server"):
        leave_out("no server")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"no server; CI=true: .* may not be left out"):
        leave_out("no server")
