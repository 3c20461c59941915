"""A slice of the saves aimed at the landing window; tests/bench/saves.py runs thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.saves import land_and_save


@pytest.mark.parametrize("first", range(0, 240, 40))
def test_what_is_saved_in_the_window_is_in_the_copy(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 40):
        folder = tmp_path / str(seed)
        folder.mkdir()
        assert land_and_save(folder, seed) == ""
