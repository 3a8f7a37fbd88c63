"""The blue of a stamp is taken off, the black under it stays."""

import cv2
import numpy as np

from salon.integrations.opencv import light
from salon.integrations.opencv.stamps import without_stamps

_VIOLET, _INK = (95, 85, 175), (30, 30, 30)


def _page(ink: tuple[int, int, int]):
    picture = np.full((900, 1200, 3), 238, np.uint8)
    for row in range(100, 800, 40):
        cv2.putText(picture, "1 340,58 without VAT 739,02", (80, row), cv2.FONT_HERSHEY_SIMPLEX, 1.0, ink, 2)
    return picture


def _stamped(picture):
    """Ink is seen through: it takes light away, and never adds any."""
    stamp = np.full_like(picture, 255)
    for radius in (40, 70, 90):
        cv2.circle(stamp, (400, 640), radius, _VIOLET, 5)
    return (picture.astype(np.float32) * stamp / 255).astype(np.uint8)


def _read(picture):
    return light.flatten(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


def test_a_stamp_goes_and_the_letters_under_it_stay():
    bare, stamped = _page(_INK), _stamped(_page(_INK))
    clean = without_stamps(_read(stamped), stamped)
    letters, paper = _read(bare) < 120, _read(bare) > 235

    assert (_read(stamped)[paper] < 150).sum() > 2_000  # the rings
    assert (clean[paper] < 150).sum() < 100
    assert (clean[letters] < 150).mean() > 0.97


def test_a_page_without_a_stamp_and_one_written_in_blue_are_left_alone():
    for picture in (_page(_INK), _page((40, 60, 150))):
        read = _read(picture)
        assert without_stamps(read, picture) is read
