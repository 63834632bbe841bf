"""What the assembled product says of its API holds: every status is named, every operation keeps its promise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from bot.app import build_product, build_server
from bot.settings import Settings
from nlu.encoder import Encoder
from tests.unit.test_repository import statuses_in_code

pytestmark = pytest.mark.integration
#: OpenAPI cannot say that a quarter and days exclude each other; the 422 that says so is described.
NOT_SAID = {"/api/v1/tasks": [positive_data_acceptance]}
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def app(bundled_settings: Settings, encoder: Encoder) -> FastAPI:
    own = bundled_settings.model_copy(update={"rate_limit_per_minute": 0, "session_questions_per_minute": 0})
    return build_server(own, build_product(own, encoder)).app


@pytest.fixture(scope="module")
def operations(app: FastAPI) -> list[Any]:
    return [operation.ok() for operation in schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations()]


def test_every_status_the_code_can_return_is_in_the_description(app: FastAPI) -> None:
    status = app.openapi()["components"]["schemas"]["AskResponse"]["properties"]["status"]
    assert set(status["enum"]) == set(statuses_in_code())
    assert {"refused_emergency", "refused_selfharm", "refused_violence", "refused_scam", "refused_threat"} <= set(status["enum"])
    assert set(status["x-enum-descriptions"]) == set(status["enum"]) and all(status["x-enum-descriptions"].values())


def test_no_described_operation_is_left_out_of_the_walk(app: FastAPI, operations: list[Any]) -> None:
    described = {(path, method) for path, methods in app.openapi()["paths"].items() for method in methods if method in METHODS}
    assert {(operation.path, operation.method) for operation in operations} == described
    assert {("/api/v1/ask", "post"), ("/api/v1/tasks", "get"), ("/api/v1/carry-on/take", "post")} <= described


def test_every_operation_keeps_its_promise_with_valid_and_invalid_input(operations: list[Any]) -> None:
    for operation in operations:
        for mode in _modes(operation):
            _try_examples(operation, mode)


def _modes(operation: Any) -> Iterator[GenerationMode]:
    yield GenerationMode.POSITIVE
    if operation.body or operation.query or operation.path_parameters:
        yield GenerationMode.NEGATIVE


def _try_examples(operation: Any, mode: GenerationMode) -> None:
    """Includes schemathesis' own checks: no 5xx but described ones, described statuses, bodies and headers."""

    @settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def keeps_promise(case: Any) -> None:
        response = case.call()
        assert response.status_code != 500, f"{operation.label} {mode}"
        case.validate_response(response, excluded_checks=NOT_SAID.get(operation.path, []))

    keeps_promise()
