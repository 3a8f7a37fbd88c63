"""A photograph becomes a page: its corners, its direction, its noise, its dotted lines."""

import cv2
import numpy as np
import pytest

from salon.intake.documents.ports import Raster, Straight
from salon.integrations.opencv import light
from salon.integrations.opencv.adapter import OpenCvStraightener
from salon.integrations.opencv.grid import without_dots
from salon.integrations.opencv.page import find_quad
from salon.integrations.tesseract.adapter import TesseractRecogniser, find_data
from salon.integrations.tesseract.orientation import Orientation
from support.documents.papers import make_paper
from support.documents.photograph import noisy, photograph, sheet_of


@pytest.fixture(scope="module")
def sheet():
    paper = make_paper("sales_receipt", "pages", lines=(8, 8))
    return sheet_of(paper.pages[0], 150, np.random.default_rng(1))


def _laid(sheet, table: int, corners):
    """The sheet on a plain table, its corners at these places."""
    height, width = sheet.shape[:2]
    grey = cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY)
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    size = (width + 160, height + 160)
    return cv2.warpPerspective(grey, matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=table)


@pytest.mark.parametrize(("shade", "lamp"), [(1.0, 0.0), (0.4, 0.0), (0.35, 0.7)])
def test_the_corners_of_the_paper_are_found_under_a_shadow(sheet, shade, lamp):
    height, width = sheet.shape[:2]
    corners = [(70, 90), (width + 60, 70), (width + 90, height + 85), (95, height + 60)]
    picture = _laid(sheet, 90, corners).astype(np.float32)
    y, x = np.mgrid[0 : 1 : picture.shape[0] * 1j, 0 : 1 : picture.shape[1] * 1j]
    picture *= np.where(x + 0.6 * y > 0.85, shade, 1.0)  # whoever holds the phone stands before the lamp
    picture *= 1 - lamp * np.clip(x, 0, 1)  # and the lamp stands on the left
    found = find_quad(np.clip(picture, 0, 255).astype(np.uint8))

    assert found is not None
    assert np.abs(found - np.array(corners)).max() < 16


def test_a_shadow_across_the_whole_paper_is_no_side_of_it(sheet):
    height, width = sheet.shape[:2]
    corners = [(70, 90), (width + 60, 70), (width + 90, height + 85), (95, height + 60)]
    picture = _laid(sheet, 40, corners).astype(np.float32)
    y, x = np.mgrid[0 : 1 : picture.shape[0] * 1j, 0 : 1 : picture.shape[1] * 1j]
    picture *= np.where(y + 0.05 * x < 0.4, 0.35, 1.0)
    found = find_quad(np.clip(picture, 0, 255).astype(np.uint8))

    assert found is not None
    assert np.abs(found - np.array(corners)).max() < 16


def test_a_flatbed_page_has_no_corners(sheet):
    assert find_quad(cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY)) is None


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("blur", [0.0, 2.2])
def test_up_is_known_from_down_even_when_letters_are_blurred(sheet, degrees, blur):
    grey = light.flatten(cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY))
    if blur:
        grey = cv2.GaussianBlur(grey, (0, 0), blur)
    assert Orientation(find_data())(np.ascontiguousarray(np.rot90(grey, degrees // 90))) == degrees


def test_the_preview_has_the_geometry_of_what_is_read():
    paper = make_paper("torg12", "pages", lines=(2, 2))
    shot = photograph(paper.pages[0], "perspective", dpi=150, seed=3)
    straight = OpenCvStraightener(lambda _flat: 180).straighten(Raster(shot.picture), page=0)
    shown = cv2.imdecode(np.frombuffer(straight.preview, np.uint8), cv2.IMREAD_GRAYSCALE)
    read = cv2.resize(straight.pixels, (straight.width, straight.height), interpolation=cv2.INTER_AREA)
    alike = np.corrcoef(
        cv2.GaussianBlur(255 - read, (0, 0), 1).ravel(), cv2.GaussianBlur(255 - light.flatten(shown), (0, 0), 1).ravel()
    )

    assert shown.shape == (straight.height, straight.width)
    assert straight.turned == 180
    assert alike[0, 1] > 0.9


def test_noise_is_seen_through_a_hard_jpeg(sheet):
    shot = noisy(sheet, np.random.default_rng(2))
    grainy = cv2.imdecode(np.frombuffer(shot.jpeg(), np.uint8), cv2.IMREAD_GRAYSCALE)
    plain = light.noise(light.flatten(cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY)))

    assert plain < 0.012
    assert light.noise(light.flatten(grainy)) > 2 * plain + 0.015


def test_dotted_lines_go_and_letters_and_solid_lines_stay():
    page = np.full((400, 900), 245, np.uint8)
    for left in range(40, 860, 8):
        page[100:103, left : left + 4] = 60
    page[300:303, 40:860] = 0
    cv2.putText(page, "TEEETHE HELEN 12 345,00 FITTEST", (40, 80), cv2.FONT_HERSHEY_COMPLEX, 1.2, 0, 2)
    cv2.putText(page, "EIFFEL HEFT TELL THE", (40, 190), cv2.FONT_HERSHEY_PLAIN, 2.5, 0, 2)
    clean = without_dots(page)

    assert (clean[98:106] > 200).all()
    assert (clean[:95] == page[:95]).all()
    assert (clean[110:] == page[110:]).all()


@pytest.mark.parametrize(("slope", "gap"), [(0.0, 5), (0.006, 14)])
def test_rows_of_dots_go_though_they_slope_or_stand_close_to_letters(slope, gap):
    page = np.full((400, 1400), 245, np.uint8)
    cv2.putText(page, "EIFFEL HEFT TELL THE FIFTEEN", (40, 190), cv2.FONT_HERSHEY_PLAIN, 3, 0, 2)
    letters = page.copy()
    for left in range(40, 1360, 8):
        top = round(190 + gap + slope * left)
        page[top : top + 3, left : left + 4] = 60
    clean = without_dots(page)

    assert (clean[190 + gap :] > 200).all()
    assert (clean[: 190 + gap - 4] == letters[: 190 + gap - 4]).all()


def test_a_fiscal_code_does_not_turn_the_receipt():
    paper = make_paper("cash_receipt", "turned", lines=(3, 3))
    grey = cv2.cvtColor(sheet_of(paper.pages[0], 300, np.random.default_rng(1)), cv2.COLOR_RGB2GRAY)
    codes = np.random.default_rng(2).integers(0, 2, (33, 33)).astype(np.uint8) * 245
    grey = np.vstack([grey, np.full((640, grey.shape[1]), 245, np.uint8)])
    grey[-610:-16, 40:634] = cv2.resize(codes, (594, 594), interpolation=cv2.INTER_NEAREST)
    blurred = cv2.GaussianBlur(light.flatten(grey), (0, 0), 1.6)

    for degrees in (0, 90):
        assert Orientation(find_data())(np.ascontiguousarray(np.rot90(blurred, degrees // 90))) == degrees


def test_sharpening_takes_back_a_blur(sheet):
    grey = cv2.resize(cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY), None, fx=1.6, fy=1.6, interpolation=cv2.INTER_CUBIC)
    blurred = cv2.GaussianBlur(light.flatten(grey), (0, 0), 4.2)
    recogniser = TesseractRecogniser(find_data())

    def right(pixels) -> int:
        page = recogniser.words(Straight(pixels, b"", 1, 1, 0, (), is_noisy=False), page=0)
        return len({word.text for word in page.words} & clear)

    clear = {word.text for word in recogniser.words(Straight(grey, b"", 1, 1, 0, (), is_noisy=False), page=0).words}
    assert right(light.sharpen(blurred)) > 1.2 * right(blurred)
