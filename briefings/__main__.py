"""``python -m briefings --period day|week|month --date 2025-03-15 --out DIR``: see ``web/briefing_command.py``."""

import sys

from data_feeds.interrupt import end_quietly

if __name__ == "__main__":
    end_quietly()  # before the rest is loaded

from web.briefing_command import main

if __name__ == "__main__":
    sys.exit(main())
