import pytest

from .mnist_folder import FOLDER


@pytest.fixture
def mnist_folder():
    return FOLDER
