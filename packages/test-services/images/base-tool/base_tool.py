"""A console script of a base image: does it see what was installed later?"""

import importlib
import sys


def main() -> None:
    """Prints the file of each module named; an unknown one fails."""
    for name in sys.argv[1:]:
        print(importlib.import_module(name).__file__)
