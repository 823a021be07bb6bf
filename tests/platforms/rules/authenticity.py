"""Who sent it: each refused request is one changed thing away from an accepted one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from pydantic import ValidationError

from orderhub.errors import HubError, Misconfigured, NotAuthentic
from orderhub.platforms.http_types import Request
from tests.platforms.rules.suite import Suite
from tests.platforms.samples import NOW, AnyConnection, Sample, connection_for, request_for, unsigned

Put = Callable[[Request, str | None], Request]


class Authenticity(Suite):
    def test_a_request_signed_with_our_secret_is_authentic(self, sample: Sample) -> None:
        connection = self.connect()

        assert self._refusal(request_for(sample, connection), connection) is None

    def test_a_request_without_its_proof_is_refused(self, sample: Sample) -> None:
        connection = self.connect()
        request = request_for(sample, connection)

        refusals = {place: self._refusal(put(request, None), connection) for place, put in self._proof(sample)}

        assert refusals == dict.fromkeys(refusals, NotAuthentic)
        assert refusals

    @pytest.mark.parametrize("value", ["", "no signature", "0" * 64, "AAAA", "é", "\ud800", "=" * 10_000])
    def test_a_request_with_junk_for_proof_is_refused(self, value: str) -> None:
        connection = self.connect()
        sample = self.samples[0]
        request = request_for(sample, connection)

        refusals = {place: self._refusal(put(request, value), connection) for place, put in self._proof(sample)}

        assert refusals == dict.fromkeys(refusals, NotAuthentic)

    def test_a_request_signed_with_another_secret_is_refused(self, sample: Sample) -> None:
        request = request_for(sample, self.connect(self.secrets[1]))

        assert self._refusal(request, self.connect(self.secrets[0])) is NotAuthentic

    def test_a_request_whose_body_was_changed_is_refused_where_the_body_is_signed(self, sample: Sample) -> None:
        connection = self.connect()
        request = request_for(sample, connection)

        changed = replace(request, body=request.body + b" ")

        assert self._refusal(changed, connection) is (NotAuthentic if self.signs_body else None)

    @pytest.mark.parametrize("secret", [0, 1], ids=["new", "old"])
    def test_during_a_rotation_the_new_and_the_old_secret_are_both_accepted(self, secret: int) -> None:
        rotating = self.connect(*self.secrets)

        request = request_for(self.samples[0], self.connect(self.secrets[secret]))

        assert self._refusal(request, rotating) is None

    def test_samples_are_signed_with_the_newest_secret(self) -> None:
        request = request_for(self.samples[0], self.connect(*self.secrets))

        assert self._refusal(request, self.connect(self.secrets[0])) is None

    def test_a_request_can_be_verified_with_the_secret_alone(self, sample: Sample) -> None:
        connection = replace(self.connect(), credentials=self.platform.credentials_for(self.secrets[0]))
        other = replace(self.connect(), credentials=self.platform.credentials_for(self.secrets[1]))
        request = request_for(sample, connection)

        assert [self._refusal(request, connection), self._refusal(request, other)] == [None, NotAuthentic]

    def test_a_connection_without_a_secret_refuses_everything(self) -> None:
        request = request_for(self.samples[0], self.connect())

        try:
            unprotected = connection_for(self.slug, self.credentials(), self.settings)
        except ValidationError:
            return  # such a connection cannot even be made

        assert self._refusal(request, unprotected) in {NotAuthentic, Misconfigured}

    def test_a_request_sent_again_a_day_later_is_still_authentic(self) -> None:
        connection = self.connect()
        request = request_for(self.samples[0], connection)

        late = replace(request, received_at=NOW + timedelta(days=1))

        assert self._refusal(late, connection) is None

    def test_secrets_are_never_shown(self) -> None:
        connection = self.connect(*self.secrets)

        shown = f"{connection!r} {connection} {connection.credentials.model_dump()}"

        assert [secret for secret in self.secrets if secret in shown] == []

    def _refusal(self, request: Request, connection: AnyConnection) -> type[HubError] | None:
        try:
            self.platform.authenticate(request, connection)
        except HubError as error:
            return type(error)
        return None

    def _proof(self, sample: Sample) -> list[tuple[str, Put]]:
        """Where the proof of a sample lies, and what puts another in its place (None: takes it away)."""
        connection = self.connect()
        bare, proved = unsigned(sample, connection), request_for(sample, connection)
        found: list[tuple[str, Put]] = [
            (f"{part} {name}", partial(_with, part, name))
            for part in ("headers", "query")
            for name, value in getattr(proved, part).items()
            if getattr(bare, part).get(name) != value
        ]
        if bare.path != proved.path:
            found.append(("path", partial(_with_last_part, bare.path)))
        if bare.body != proved.body:
            before, after = json.loads(bare.body), json.loads(proved.body)
            names = [name for name, value in after.items() if before.get(name) != value]
            found += [(f"body {name}", partial(_with_field, name)) for name in names]
        return found


def _with(part: str, name: str, request: Request, value: str | None) -> Request:
    kept = {other: text for other, text in getattr(request, part).items() if other != name}
    changed = kept if value is None else {**kept, name: value}
    return replace(request, headers=changed) if part == "headers" else replace(request, query=changed)


def _with_last_part(bare: str, request: Request, value: str | None) -> Request:
    return replace(request, path=bare if value is None else f"{bare}/{value}")


def _with_field(name: str, request: Request, value: str | None) -> Request:
    kept = {other: one for other, one in json.loads(request.body).items() if other != name}
    return replace(request, body=json.dumps(kept if value is None else {**kept, name: value}).encode())
