"""The sections of a briefing: each a module with ``section(material, words)``."""
