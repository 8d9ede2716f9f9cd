"""Scenarios of the data contract as data, and what runs them."""

import pytest

pytest.register_assert_rewrite("tests.scenarios.facts")
