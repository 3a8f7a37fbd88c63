"""Pins an exported GigaAM: ``python -m salon.integrations.gigaam --help``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from salon.integrations.gigaam.weights import DESCRIPTION, Flavour, describe

_EXAMPLE = """how a model comes into the image of storage_voice, on a machine that reaches Sber's CDN:
  pip install gigaam torch torchaudio onnx
  python -c 'import gigaam; gigaam.load_model("v3_rnnt").to_onnx("gigaam_v3_rnnt/1")'
  python -m salon.integrations.gigaam gigaam_v3_rnnt/1 --checkpoint ~/.cache/gigaam/v3_rnnt.ckpt

The e2e flavours need their vocabulary as well, `TOKEN NUMBER` on each line, the last one `<blk>`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 on success, 2 when the folder cannot be described."""
    parser = argparse.ArgumentParser(
        prog="python -m salon.integrations.gigaam",
        description=f"Write {DESCRIPTION} into a folder with an exported model, with the SHA-256 of each of its files.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="where the .onnx files are")
    parser.add_argument("--flavour", type=Flavour, choices=list(Flavour), default=Flavour.RNNT)
    parser.add_argument("--version", default="1", help="of this export (default: %(default)s)")
    parser.add_argument("--quantization", metavar="SUFFIX", help="of the files' names, for example int8")
    parser.add_argument("--checkpoint", type=Path, help="what it was made from; its MD5 is compared with Sber's")
    given = parser.parse_args(arguments)
    try:
        said = describe(
            given.folder,
            given.flavour,
            version=given.version,
            quantization=given.quantization,
            checkpoint=given.checkpoint,
        )
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for name, digest in said["files"].items():
        print(f"{digest}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
