"""All engines that read a document, wired: for storage_documents and for the command line.

Engines belong to one thread at a time; work on several documents at once is several processes, one a core. Opening
takes half a second and 250 MB, mostly Tesseract's models; keep them open between documents.
"""

from __future__ import annotations

import os

from salon.intake.documents.ports import Engines


def open_engines(tessdata: str | None = None) -> Engines:
    """Open them.

    Args:
        tessdata: folder of Tesseract's models; None looks where the packages of the usual systems put them.

    Raises:
        EngineUnavailable: the models are not installed.
    """
    os.putenv("OMP_THREAD_LIMIT", "1")  # for libgomp, which comes with tesserocr below and reads it while it is loaded
    import cv2

    from salon.integrations.opencv.adapter import OpenCvStraightener
    from salon.integrations.pdf.adapter import PdfPages
    from salon.integrations.pictures.adapter import PillowPictures
    from salon.integrations.qr.adapter import ZxingCodes
    from salon.integrations.tesseract.adapter import TesseractRecogniser, find_data
    from salon.integrations.tesseract.orientation import Orientation
    from salon.integrations.upd_xml.adapter import LxmlUpd

    cv2.setNumThreads(1)
    data = find_data(tessdata)
    return Engines(
        xml=LxmlUpd(),
        pdf=PdfPages(),
        pictures=PillowPictures(),
        straightener=OpenCvStraightener(Orientation(data)),
        recogniser=TesseractRecogniser(data),
        codes=ZxingCodes(),
    )
