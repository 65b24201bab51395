"""``python -m briefings --period day|week|month --date 2025-03-15 --out DIR``: see ``web/briefing_command.py``."""

import sys

from web.briefing_command import main

if __name__ == "__main__":
    sys.exit(main())
