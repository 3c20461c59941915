"""A small slice of the kills; `make kills` runs five hundred."""

from pathlib import Path

import pytest

from tests.proofs.kills import kill_once, prepare_folder


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("kills")
    return folder, prepare_folder(folder)


@pytest.mark.parametrize("seed", range(1000, 1010))
def test_a_killed_build_loses_nothing(seed: int, prepared: tuple[Path, dict[str, str]]) -> None:
    folder, reference = prepared
    kill_once(seed, folder, reference)
