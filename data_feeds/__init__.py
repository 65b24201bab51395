import sys

if sys.argv[:1] == ["-m"]:  # Python's own word while it looks for the command that was asked for: one of those in here
    from data_feeds.interrupt import end_quietly

    end_quietly()
