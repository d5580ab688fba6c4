"""``python -m reviewer.docs``: writes the generated documentation; ``--check`` tells whether it is fresh."""

import sys

from reviewer.docs.generate import main

sys.exit(main(sys.argv[1:]))
